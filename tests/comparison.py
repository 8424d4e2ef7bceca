"""Both methods on phantoms with true masks: a number of views in, usable share, bias and agreement out."""

from dataclasses import dataclass, replace

import numpy as np

from hri_node.measure.canonical import Canonical
from hri_node.measure.frame import look_for, measure_frame
from hri_node.measure.types import Measurement, Options
from hri_node.phantom.ranges import PAPER
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, View, make_view

METHODS = ("joint", "paper")


@dataclass(frozen=True)
class Agreement:
    """How a method does against the truth of the display.

    Attributes
    ----------
    usable
        Share of the views that were measured.
    bias, deviation
        Mean and standard deviation of index minus truth.
    error
        Mean absolute error over truth.
    correlation
        Pearson's, between index and truth.
    covered
        Share of the measured views whose interval holds the truth.
    """

    usable: float
    bias: float
    deviation: float
    error: float
    correlation: float
    covered: float

    def line(self, name: str) -> str:
        """One line of the table."""
        offset = f"{self.bias:+7.3f} {self.deviation:6.3f}"
        return f"{name:8s} {self.usable:7.1%} {offset} {self.error:6.1%} {self.correlation:6.3f} {self.covered:7.1%}"


HEADING = f"{'method':8s} {'usable':>7s} {'bias':>7s} {'SD':>6s} {'MAPE':>6s} {'r':>6s} {'covered':>7s}"


def measured(view: View, method: str) -> Measurement:
    """One view, with the true masks as a perfect network's probabilities."""
    probabilities = np.stack([view.labels == label for label in (LIVER_LABEL, KIDNEY_LABEL)]).astype(np.float32)
    outline = replace(look_for(view.pixels, view.spacing_mm), canonical=Canonical(0.0, 0.0, 1.0, 1.0))
    return measure_frame(outline, probabilities, options=Options(method=method))


def compare(count: int) -> dict[str, Agreement]:
    """Agreement of each method on the first `count` clean views whose liver and cortex share a depth."""
    views = [view for view in (make_view(seed, PAPER) for seed in range(count)) if view.ratio is not None]
    return {method: _agreement(views, method) for method in METHODS}


def _agreement(views: list[View], method: str) -> Agreement:
    found = [(view.ratio, measured(view, method)) for view in views]
    rows = [(truth, each.hri, *each.hri_interval) for truth, each in found if each.hri and each.hri_interval]
    truth, index, low, high = np.array(rows, dtype=np.float64).T
    return Agreement(
        usable=len(rows) / len(views),
        bias=float((index - truth).mean()),
        deviation=float((index - truth).std(ddof=1)),
        error=float(np.abs(index / truth - 1).mean()),
        correlation=float(np.corrcoef(index, truth)[0, 1]),
        covered=float(np.mean((low <= truth) & (truth <= high))),
    )
