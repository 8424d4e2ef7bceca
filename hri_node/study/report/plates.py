"""An analysis comes in; figures 4 and 5 of the paper, with captions and words for those who cannot see, go out."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from hri_node.study.analysis import Analysis
from hri_node.study.cells import LIMIT_DECIMALS, NAMES, bounds, interval, number
from hri_node.study.comparison import Comparison, Kind
from hri_node.study.panels import pair_figures, roc_figure
from hri_node.study.report.content import Picture, listed
from hri_node.study.tables import main_comparisons

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

KINDS = {"bland_altman": "Bland-Altman plots", "scatter": "Scatter plots with the line of identity"}


def plates(analysis: Analysis, *, of_network: bool) -> tuple[Picture, ...]:
    """Figures in the order of the paper: within readers and between them (4), or with the network (5).

    Parameters
    ----------
    analysis
        Of the readings; its figures are to be made while `drawn_as_printed`.
    of_network
        Figure 5 instead of figure 4.
    """
    chosen = [each for each in main_comparisons(analysis) if (each.kind is Kind.DCNN) == of_network]
    drawn = list(_drawn(chosen))
    figure = 5 if of_network else 4
    return tuple(
        _picture(f"Figure {figure}{_letter(index) if len(drawn) > 1 else ''}", *each)
        for index, each in enumerate(drawn)
    )


def rocs(analysis: Analysis) -> tuple[Picture, ...]:
    """ROC curves, one figure of each grade.

    Parameters
    ----------
    analysis
        Of the readings.
    """
    pictures: list[Picture] = []
    for grade, group in groupby(analysis.detections, key=lambda each: each.grade):
        found = list(group)
        areas = listed([f"{each.of} {interval(each.roc.area)}" for each in found])
        caption = f"ROC curves of the HRI for reference grade {grade} or more. Area (95% CI): {areas}."
        pictures.append(Picture(f"Figure S{len(pictures) + 1}", caption, caption, roc_figure(found)))
    return tuple(pictures)


def _letter(index: int) -> str:
    """A to Z, then AA and on."""
    return (
        LETTERS[index] if index < len(LETTERS) else _letter(index // len(LETTERS) - 1) + LETTERS[index % len(LETTERS)]
    )


_Drawn = tuple[str, list[Comparison], int]


def _drawn(comparisons: Sequence[Comparison]) -> Iterator[_Drawn]:
    """Kind, comparisons of the three measures, and which pair, of every figure."""
    for _, group in groupby(comparisons, key=lambda each: (each.kind, each.of)):
        trio = list(group)
        for index in range(len(trio[0].pairs)):
            if trio[0].kind is not Kind.INTRA:
                yield "scatter", trio, index
            yield "bland_altman", trio, index


def _picture(label: str, kind: str, trio: list[Comparison], index: int) -> Picture:
    numbers = _limits(trio, index) if kind == "bland_altman" else _coefficients(trio)
    what = f"{KINDS[kind]} of {_about(trio[0], index)}"
    panels = listed([f"({letter}) {_noun(each)}" for letter, each in zip("ABC", trio, strict=True)])
    caption = f"{what}: {panels}. {numbers}"
    return Picture(
        label,
        caption,
        f"{what}, one panel each for liver, right kidney and HRI. {numbers}",
        pair_figures(trio, index)[kind],
    )


def _about(comparison: Comparison, index: int) -> str:
    pair = comparison.pairs[index]
    if comparison.kind is Kind.INTRA:
        return f"{comparison.of}, {pair.first} and {pair.second} (intraobserver agreement)"
    session = f" in session {comparison.of}" if comparison.kind is Kind.INTER else ""
    return f"{pair.first} and {pair.second}{session} (interobserver agreement)"


def _noun(comparison: Comparison) -> str:
    name = NAMES[comparison.measure]
    return name if name.isupper() else name.lower()


def _limits(trio: Sequence[Comparison], index: int) -> str:
    parts = []
    for each in trio:
        limits, decimals = each.pairs[index].limits, LIMIT_DECIMALS[each.measure]
        bias, lower, upper = (number(value.value, decimals) for value in (limits.bias, limits.lower, limits.upper))
        parts.append(f"{_noun(each)} {bias} ({lower} to {upper})")
    return f"Mean of difference (limits of agreement): {listed(parts)}. Bands: 95% confidence intervals."


def _coefficients(trio: Sequence[Comparison]) -> str:
    if len(trio[0].pairs) > 1:
        return "The coefficient stands in each panel."
    own = [each.agreement.paper.estimate for each in trio]
    parts = [f"{_noun(each)} {number(icc.value, 3)} ({bounds(icc, 3)})" for each, icc in zip(trio, own, strict=True)]
    return f"Intraclass correlation coefficient (95% CI): {listed(parts)}."
