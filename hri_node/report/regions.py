"""A region of interest comes in, its measurement group goes out, and where its window lies.

The line of a group is the window, not the outline of the pixels that were measured: those are scattered, of one tissue,
and the segment with the same tracking UID has them one by one. OHIF shows every NUM of the group, five lines at most.
"""

from collections.abc import Iterable
from typing import Any, Final

from pydicom import Dataset
from pydicom.sr.coding import Code

from hri_node.report import codes
from hri_node.report.content import Relation, code, coordinates, image, number
from hri_node.report.identity import Maker
from hri_node.report.source import Source
from hri_node.report.structures import Structure
from hri_node.report.templates import Points, algorithm, derived, frame, measurement_group, site

GREY_DECIMALS: Final = 2
MILLIMETRE_DECIMALS: Final = 1

_REACH: Final = 2
"""Height of bracket and stem in windows: on a usual screen five lines of OHIF's text stay clear of the next five."""

_TEMPLATE: Final = "1410"


def region_group(structure: Structure, region: dict[str, Any], source: Source, maker: Maker) -> Dataset:
    """Group of one ROI (TID 1410): mean, SD, area and depth.

    Parameters
    ----------
    structure
        Which of the two it is.
    region
        A region of `FrameResult`.
    source
        The image.
    maker
        Who measured.
    """
    selected = image(Relation.SELECTED_FROM, codes.SOURCE, frame(source))
    rows = [
        code(Relation.CONTAINS, codes.FINDING, structure.kind),
        site(structure.site, structure.side),
        *algorithm(maker),
        _grey(codes.ECHOGENICITY, region["mean"], [derived(codes.MEAN)]),
        # Not echogenicity with derivation SD: OHIF drops derivations, and two lines would bear the same name.
        _grey(codes.STANDARD_DEVIATION, region["sd"]),
        *_sizes(region, source.result.spacing_mm),
        coordinates(Relation.CONTAINS, codes.IMAGE_REGION, _corners(region["window"]), selected),
    ]
    tracking_uid = maker.tracking_uid(structure.field, source)
    return measurement_group(_TEMPLATE, structure.label, tracking_uid, rows)


def bracket(source: Source) -> Points:
    """Line that joins both windows from above: what a value of both is inferred from.

    OHIF writes the lines of a group to the right of the middle of its points: for a window beside it, for the bracket
    above those, for the stem below them, so that none hides another.
    """
    near, far = _windows(source)
    level = max(0, min(near["row"], far["row"]) - _REACH * max(near["rows"], far["rows"]))
    left, right = near["column"] + near["columns"] / 2, far["column"] + far["columns"]
    return [(left, near["row"]), (left, level), (right, level), (right, far["row"])]


def stem(source: Source) -> Points:
    """Line down from the window on the right: where the value of a study, which has no place, is shown in an image."""
    _, far = _windows(source)
    right, bottom = far["column"] + far["columns"], far["row"] + far["rows"]
    level = min(source.image.frame.pixels.shape[0], bottom + _REACH * far["rows"])
    return [(right, min(bottom, level - 1)), (right, level)]


def _windows(source: Source) -> list[dict[str, int]]:
    """Return both windows, the one that reaches further to the right last."""
    found = [region["window"] for region in (source.result.liver, source.result.renal_cortex) if region]
    return sorted(found, key=lambda window: window["column"] + window["columns"])


def _grey(name: Code, level: float, modifiers: Iterable[Dataset] = ()) -> Dataset:
    """Return a value in grey levels."""
    value = round(float(level), GREY_DECIMALS), codes.ARBITRARY_UNIT
    return number(Relation.CONTAINS, name, value, modifiers)


def _sizes(region: dict[str, Any], spacing_mm: tuple[float, float] | None) -> list[Dataset]:
    """Return the area of a window and its depth; nothing without a calibration."""
    if not spacing_mm:
        return []
    window, (down, across) = region["window"], spacing_mm
    area = round(window["rows"] * down * window["columns"] * across, MILLIMETRE_DECIMALS)
    depth = round(float(region["depth_mm"]), MILLIMETRE_DECIMALS)
    return [
        number(Relation.CONTAINS, codes.AREA, (area, codes.SQUARE_MILLIMETRE)),
        number(Relation.CONTAINS, codes.DEPTH, (depth, codes.MILLIMETRE)),
    ]


def _corners(window: dict[str, int]) -> Points:
    """Return a window as a closed line (PS3.3 C.18.6)."""
    left, top = window["column"], window["row"]
    right, bottom = left + window["columns"], top + window["rows"]
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
