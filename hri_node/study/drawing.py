"""Paired readings come in; panels as journals print them go out: scatter, Bland-Altman, ROC."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hri_node.study.agreement import Icc
from hri_node.study.analysis import Detection
from hri_node.study.bland_altman import Limits
from hri_node.study.cells import bounds, number
from hri_node.study.documents import printed
from hri_node.study.estimate import Estimate, Values

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREY = "#666666"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, which people with colour blindness tell apart (jfly.uni-koeln.de/color)."""

STYLES = ("-", "--", "-.", ":")
"""Lines differ by their dashes as well."""

POINT_AREA = 5.0
POINT_ALPHA = 0.45

POINTS_DRAWN_MAX = 5000
"""More points than this are a picture within the SVG, or it would never open."""

TICKS_MAX = 5

LEGEND_CHARACTERS = 36

MARGIN = 0.06
"""Empty space beside the outermost point, of the range."""


def draw_scatter(axes: Axes, first: Values, second: Values, icc: Icc) -> None:
    """One reading against another, with the line of identity and the coefficient.

    Parameters
    ----------
    axes
        The panel.
    first, second
        Shape (subjects,): across and up.
    icc
        Coefficient of these two.
    """
    low, high = _range(np.concatenate([first, second]))
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.7, zorder=1)
    _points(axes, first, second)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(TICKS_MAX))
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    text = f"{icc.form} {number(icc.estimate.value, 3)}\n({printed(bounds(icc.estimate, 3))})"
    axes.text(0.98, 0.03, text, transform=axes.transAxes, ha="right", va="bottom")


def draw_limits(axes: Axes, first: Values, second: Values, limits: Limits, decimals: int) -> None:
    """Differences against means, with bias, limits of agreement and the intervals of the three.

    Parameters
    ----------
    axes
        The panel.
    first, second
        Shape (subjects,).
    limits
        Of first minus second.
    decimals
        Of the numbers beside the lines.
    """
    means, differences = (first + second) / 2, first - second
    _points(axes, means, differences)
    lines = (
        ("+1.96 SD", limits.upper, VERMILION, "--"),
        ("Bias", limits.bias, "black", "-"),
        ("-1.96 SD", limits.lower, VERMILION, "--"),
    )
    for name, estimate, color, style in lines:
        axes.axhspan(estimate.lower, estimate.upper, color=color, alpha=0.12, linewidth=0, zorder=0)
        axes.axhline(estimate.value, color=color, linestyle=style, linewidth=0.9)
        _beside(axes, f"{name}\n{number(estimate.value, decimals)}", estimate)
    ends = _range(np.concatenate([differences, [limits.lower.lower, limits.upper.upper]]))
    axes.set(xlim=_range(means), ylim=ends)


def draw_roc(axes: Axes, detections: Sequence[Detection]) -> None:
    """ROC curves with their areas.

    Parameters
    ----------
    axes
        The panel.
    detections
        Of one grade.
    """
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.7)
    for index, each in enumerate(detections):
        area = each.roc.area
        numbers = f"{number(area.value, 3)} ({printed(bounds(area, 3))})"
        label = f"{textwrap.fill(each.of, LEGEND_CHARACTERS)}\n{numbers}"
        color, style = LINES[index % len(LINES)], STYLES[index % len(STYLES)]
        curve = each.roc.false_positive, each.roc.true_positive
        axes.plot(*curve, label=label, color=color, linestyle=style, linewidth=1.1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(TICKS_MAX))
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal", xlabel="1 − specificity", ylabel="Sensitivity")
    axes.set_anchor("W")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, title="AUC (95% CI)", alignment="left")


def _points(axes: Axes, across: Values, up: Values) -> None:
    many = len(across) > POINTS_DRAWN_MAX
    axes.scatter(across, up, s=POINT_AREA, c=BLUE, alpha=POINT_ALPHA, linewidths=0, rasterized=many, zorder=2)


def _beside(axes: Axes, text: str, estimate: Estimate) -> None:
    """Text to the right of a line."""
    axes.annotate(
        printed(text),
        (1, estimate.value),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        annotation_clip=False,
    )


def _range(values: Values) -> tuple[float, float]:
    """From the lowest to the highest, with a margin; of values that are all the same, something around them."""
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or MARGIN * abs(low) or MARGIN
    return low - margin, high + margin
