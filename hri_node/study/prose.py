"""An analysis comes in; sentences for a manuscript's results go out."""

from collections.abc import Sequence
from itertools import groupby

from hri_node.study.agreement import BANDS, Band
from hri_node.study.analysis import Analysis
from hri_node.study.cells import LIMIT_DECIMALS, NAMES, interval, number
from hri_node.study.comparison import Comparison, Kind
from hri_node.study.readings import Measure
from hri_node.study.tables import main_comparisons

ORDER = (Band.POOR, *(band for _, band in reversed(BANDS)))
"""From the worst to the best."""


def sentences_of(analysis: Analysis) -> tuple[str, ...]:
    """What the results say, a sentence or two for each comparison.

    Parameters
    ----------
    analysis
        Of the readings.
    """
    groups = groupby(main_comparisons(analysis), key=lambda each: (each.kind, each.of))
    return tuple(_sentence(kind, of, list(group)) for (kind, of), group in groups)


def _sentence(kind: Kind, of: str, trio: Sequence[Comparison]) -> str:
    """Coefficients of liver, kidney and index, and the limits where only two are compared."""
    names = [f"{_noun(each.measure)} {interval(each.agreement.paper.estimate)}" for each in trio]
    bands = sorted({each.agreement.paper.band for each in trio}, key=ORDER.index)
    worst_to_best = bands[0] if len(bands) == 1 else f"{bands[0]} to {bands[-1]}"
    said = f"{_opening(kind, of, trio[0])}: ICC (95% CI) of {_listed(names)}, {worst_to_best} agreement."
    return f"{said} {_limits(trio)}" if len(trio[0].pairs) == 1 else said


def _limits(trio: Sequence[Comparison]) -> str:
    parts = []
    for each in trio:
        limits, decimals = each.pairs[0].limits, LIMIT_DECIMALS[each.measure]
        bias, lower, upper = (number(value.value, decimals) for value in (limits.bias, limits.lower, limits.upper))
        parts.append(f"{_noun(each.measure)} {bias} ({lower} to {upper})")
    pair = trio[0].pairs[0]
    return f"Bias (limits of agreement), {pair.first} minus {pair.second}: {_listed(parts)}."


def _opening(kind: Kind, of: str, first: Comparison) -> str:
    if kind is Kind.INTRA:
        return f"Within {of}, between {_listed(first.columns)}"
    return f"Between {_listed(first.columns)}" + (f" in session {of}" if kind is Kind.INTER else "")


def _noun(measure: Measure) -> str:
    name = NAMES[measure]
    return name if measure is Measure.HRI else name.lower()


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]])
