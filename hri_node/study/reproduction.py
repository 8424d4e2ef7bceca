"""Readings that are to be the paper's come in; each number of the paper beside theirs, and the difference, go out."""

from collections.abc import Iterator
from dataclasses import dataclass

from hri_node.study import paper
from hri_node.study.analysis import Analysis
from hri_node.study.bland_altman import Limits
from hri_node.study.cells import NAMES, Table, number
from hri_node.study.comparison import Comparison, Kind, name_of_mean
from hri_node.study.readings import Measure

MATCHES = "same"
DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers of the paper that stand together, such as a coefficient and its interval.

    Attributes
    ----------
    where
        Table or figure.
    what
        What they are about.
    names
        Of the numbers.
    printed, found
        In the paper, and in the readings.
    decimals
        To which the paper rounds.
    contradiction
        What else in the paper says otherwise; empty where the paper agrees with itself.
    """

    where: str
    what: str
    names: tuple[str, ...]
    printed: tuple[float, ...]
    found: tuple[float, ...]
    decimals: int
    contradiction: str = ""

    @property
    def differences(self) -> tuple[float, ...]:
        """Found minus printed, both rounded as the paper rounds."""
        pairs = zip(self.found, self.printed, strict=True)
        return tuple(round(round(found, self.decimals) - printed, self.decimals) for found, printed in pairs)

    @property
    def is_same(self) -> bool:
        """Whether all numbers are the paper's, to its last digit."""
        return not any(self.differences)

    @property
    def verdict(self) -> str:
        """Same, or why not."""
        if self.is_same:
            return MATCHES
        return f"the paper contradicts itself: {self.contradiction}" if self.contradiction else DIFFERS


def side_by_side(analysis: Analysis) -> tuple[Line, ...]:
    """Every number of the paper's tables 2 and 3 and of figure 4 beside that of the readings.

    Parameters
    ----------
    analysis
        Of readings with the paper's raters and sessions (`paper.SERIES`).
    """
    return (*_means(analysis), *_iccs(analysis), *_limits(analysis))


def reproduction_table(lines: tuple[Line, ...]) -> Table:
    """The same as a table.

    Parameters
    ----------
    lines
        Of `side_by_side`.
    """
    rows = tuple(
        (
            line.where,
            line.what,
            ", ".join(line.names),
            _joined(line.printed, line.decimals),
            _joined(line.found, line.decimals),
            _joined(line.differences, line.decimals),
            line.verdict,
        )
        for line in lines
    )
    same = sum(line.is_same for line in lines)
    notes = (f"{same} of {len(lines)} lines are the paper's to its last digit. Simulated readings: no patient.",)
    header = ("In the paper", "Of", "Numbers", "Paper", "Reproduced", "Difference", "Verdict")
    return Table("reproduction", "The paper's numbers and those of the simulated readings", header, rows, notes)


def _means(analysis: Analysis) -> Iterator[Line]:
    found = {(each.rater, each.session, each.measure): (each.mean, each.sd) for each in analysis.means}
    for (reader, session, measure), printed in paper.MOMENTS.items():
        what = f"{NAMES[measure]}, {reader}, session {session}"
        own = found[reader, session, measure]
        yield Line("Table 2", what, ("mean", "SD"), printed, own, paper.MEAN_DECIMALS)


def _iccs(analysis: Analysis) -> Iterator[Line]:
    for printed in paper.ICCS:
        own = _comparison(analysis, printed.kind, printed.of, printed.measure).agreement.paper.estimate
        is_intra = printed.kind is Kind.INTRA
        of = {Kind.INTRA: printed.of, Kind.INTER: f"session {printed.of}", Kind.DCNN: "mean of readers and DCNN"}
        yield Line(
            "Table 2" if is_intra else "Table 3",
            f"{NAMES[printed.measure]}, {of[printed.kind]}",
            ("ICC", "lower", "upper"),
            (printed.value, printed.lower, printed.upper),
            (own.value, own.lower, own.upper),
            paper.ICC_DECIMALS,
        )


def _limits(analysis: Analysis) -> Iterator[Line]:
    for printed in paper.LIMITS:
        limits: Limits = _comparison(analysis, Kind.INTRA, printed.reader, printed.measure).pairs[0].limits
        yield Line(
            "Figure 4",
            f"{NAMES[printed.measure]}, {printed.reader}",
            ("bias", "upper limit", "lower limit"),
            (printed.bias, printed.upper, printed.lower),
            (limits.bias.value, limits.upper.value, limits.lower.value),
            paper.LIMIT_DECIMALS[printed.measure],
            paper.CONTRADICTIONS.get((printed.reader, printed.measure), ""),
        )


def _comparison(analysis: Analysis, kind: Kind, of: str, measure: Measure) -> Comparison:
    name = name_of_mean(paper.READERS) if kind is Kind.DCNN else of
    return next(each for each in analysis.comparisons if (each.kind, each.of, each.measure) == (kind, name, measure))


def _joined(numbers: tuple[float, ...], decimals: int) -> str:
    return ", ".join(number(each, decimals) for each in numbers)
