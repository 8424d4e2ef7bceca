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


def centres(source: Source) -> Points:
    """Return the centres of the liver and of the cortex window."""
    corners = [_corners(region["window"]) for region in (source.result.liver, source.result.renal_cortex) if region]
    return [between([found[0], found[2]]) for found in corners]


def between(points: Points) -> tuple[float, float]:
    """Return the middle of two points."""
    (left, top), (right, bottom) = points
    return (left + right) / 2, (top + bottom) / 2


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
