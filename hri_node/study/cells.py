"""Numbers come in; the text of table cells, rounded as the paper rounds, goes out."""

from dataclasses import dataclass

from hri_node.study.estimate import Estimate, Proportion
from hri_node.study.readings import Measure

NAMES = {Measure.LIVER: "Liver", Measure.KIDNEY: "Right kidney", Measure.HRI: "HRI"}
"""As the paper's tables name them."""

UNITS = {Measure.LIVER: "grey levels", Measure.KIDNEY: "grey levels", Measure.HRI: ""}

MEAN_DECIMALS = 2
ICC_DECIMALS = 3
LIMIT_DECIMALS = {Measure.LIVER: 2, Measure.KIDNEY: 2, Measure.HRI: 3}
"""Of the paper."""

P_MIN = 0.001
"""Smaller p-values are told as below it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is printed.

    Attributes
    ----------
    key
        Its file's name.
    title
        One line above it.
    header, rows
        Text of the cells; as many in each row as in the header.
    notes
        Below it: abbreviations, and what the numbers are.
    """

    key: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def number(value: float, decimals: int) -> str:
    """Rounded, and never -0."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if not float(text) else text


def spread(mean: float, sd: float) -> str:
    """Mean ± standard deviation."""
    return f"{number(mean, MEAN_DECIMALS)}±{number(sd, MEAN_DECIMALS)}"


def bounds(estimate: Estimate, decimals: int) -> str:
    """The limits of an interval: with a dash as in the paper, but not beside a minus sign."""
    lower, upper = number(estimate.lower, decimals), number(estimate.upper, decimals)
    return f"{lower} to {upper}" if "-" in lower + upper else f"{lower}-{upper}"


def interval(estimate: Estimate, decimals: int = ICC_DECIMALS) -> str:
    """A value and its interval in brackets."""
    return f"{number(estimate.value, decimals)} ({bounds(estimate, decimals)})"


def percent(proportion: Proportion) -> str:
    """A share in per cent, its interval, and of how many."""
    share = proportion.share
    limits = f"{100 * share.lower:.1f}-{100 * share.upper:.1f}"
    return f"{100 * share.value:.1f} ({limits}; {proportion.count}/{proportion.total})"


def p_value(p: float) -> str:
    """As journals print it."""
    return f"<{P_MIN}" if p < P_MIN else f"{p:.3f}"
