"""A header and the size of its pictures come in; millimetres per pixel, and where they hold, go out (A11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.description import attribute, integer

TWO_D: Final = 1
"""Region Spatial Format (PS3.3 C.8.5.5.1.1)."""

TISSUE: Final = 1
"""Region Data Type (PS3.3 C.8.5.5.1.2)."""

CENTIMETRE: Final = 3
"""Physical Units, the only spatial one (PS3.3 C.8.5.5.1.15)."""

MM_PER_CM: Final = 10

MM_PER_PX_MIN: Final = 0.005
"""Finer, 480 rows would be two millimetres."""

PICTURE_MM_MAX: Final = 450
r"""No probe sees so deep: a taller picture has another unit, or the 1\1 that converters write for want of better."""

ASPECT_MAX: Final = 4
"""Ratio of row to column spacing, either way, beyond which one of them is wrong."""

BOX_KEYWORDS: Final = (
    "RegionLocationMinY0",
    "RegionLocationMinX0",
    "RegionLocationMaxY1",
    "RegionLocationMaxX1",
)

Box = tuple[int, int, int, int]
"""First row, first column, row and column after the last, inside the picture."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of the size of pixels.

    Attributes
    ----------
    spacing_mm
        (row, column), or None where unknown.
    source
        ``ultrasound_region``, ``argument``, ``pixel_spacing`` or None.
    outside
        True where the spacing does not hold; None where it holds all over the picture.
    """

    spacing_mm: tuple[float, float] | None = None
    source: str | None = None
    outside: NDArray[np.bool_] | None = None


def calibration(header: Dataset, shape: tuple[int, int], argument: tuple[float, float] | None = None) -> Calibration:
    """Find the spacing: the calibrated region, else what the caller says, else Pixel Spacing.

    A region counts where it is 2-D tissue in centimetres along both axes with deltas that are not zero; of several, the
    one that covers most of the picture, the first of equals. Its deltas may be negative (an axis that points left or
    up) and may differ. On a split screen, where several such regions lie side by side, every half has its own depth:
    then the rest of the picture is `outside`. A single region leaves nothing outside, since scanners draw its box now
    tight around the sector, now around the screen.

    A spacing that no probe can have (`PICTURE_MM_MAX`, `ASPECT_MAX`) counts as none.

    Imager Pixel Spacing is not looked at: it is measured at a detector, and ultrasound has none (PS3.3 10.7.1.1).

    Parameters
    ----------
    header
        The instance.
    shape
        (rows, columns) of its frames.
    argument
        (row, column) millimetres that the caller knows of, for what the scanner did not calibrate.
    """
    regions = [(box, spacing) for item in regions_of(header) for box, spacing in _usable(item, shape)]
    if regions:
        box, spacing = max(regions, key=lambda region: _area(region[0]))
        others = [other for other, _ in regions if other != box and _area(other) > 0]
        outside = _outside(box, shape) if any(_is_beside(other, box) for other in others) else None
        return Calibration(spacing, "ultrasound_region", outside)
    if argument is not None:
        return Calibration(argument, "argument")
    pixel_spacing = _pixel_spacing(header, shape)
    return Calibration(pixel_spacing, "pixel_spacing") if pixel_spacing else Calibration()


def regions_of(header: Dataset) -> Sequence[Dataset]:
    """Items of SequenceOfUltrasoundRegions, none where it is absent or no sequence."""
    found = attribute(header, "SequenceOfUltrasoundRegions", ())
    return [item for item in found if isinstance(item, Dataset)] if not isinstance(found, bytes | str) else []


def _usable(item: Dataset, shape: tuple[int, int]) -> list[tuple[Box, tuple[float, float]]]:
    """Box and spacing of a region as a list of one, or none where the region is of no use or broken."""
    try:
        needed = (TWO_D, TISSUE, CENTIMETRE, CENTIMETRE)
        keywords = ("RegionSpatialFormat", "RegionDataType", "PhysicalUnitsXDirection", "PhysicalUnitsYDirection")
        if tuple(integer(item, keyword, 0) for keyword in keywords) != needed:
            return []
        deltas = (float(attribute(item, keyword, 0)) for keyword in ("PhysicalDeltaY", "PhysicalDeltaX"))
        row, column = (abs(delta) * MM_PER_CM for delta in deltas)
        top, left, bottom, right = (integer(item, keyword) for keyword in BOX_KEYWORDS)
    except (Unreadable, TypeError, ValueError):
        # One broken region must not hide its neighbours: it calibrates nothing.
        return []
    if not _is_plausible(row, column, shape):
        return []
    # The attribute's bounds belong to the region (PS3.3 C.8.5.5.1.14); some scanners name the corners the other way.
    rows, columns = sorted((top, bottom)), sorted((left, right))
    box = (max(rows[0], 0), max(columns[0], 0), min(rows[1] + 1, shape[0]), min(columns[1] + 1, shape[1]))
    return [(box, (row, column))]


def _is_plausible(row: float, column: float, shape: tuple[int, int]) -> bool:
    """Whether pixels of ultrasound can have these sides."""
    if not (isfinite(row) and isfinite(column) and min(row, column) >= MM_PER_PX_MIN):
        return False
    return row * shape[0] <= PICTURE_MM_MAX and max(row, column) <= ASPECT_MAX * min(row, column)


def _area(box: Box) -> int:
    """Pixels of a box, 0 where it lies off the picture."""
    top, left, bottom, right = box
    return max(0, bottom - top) * max(0, right - left)


def _is_beside(other: Box, box: Box) -> bool:
    """Whether most of `other` lies off `box`: another picture, not an inset of this one."""
    shared = (max(other[0], box[0]), max(other[1], box[1]), min(other[2], box[2]), min(other[3], box[3]))
    return 2 * _area(shared) < _area(other)


def _outside(box: Box, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Everything but the box."""
    mask = np.ones(shape, dtype=bool)
    mask[box[0] : box[2], box[1] : box[3]] = False
    return mask


def _pixel_spacing(header: Dataset, shape: tuple[int, int]) -> tuple[float, float] | None:
    """Pixel Spacing, (row, column), as secondary captures and some scanners carry it (PS3.3 10.7.1.1)."""
    try:
        row, column = (float(value) for value in attribute(header, "PixelSpacing", ()))
    except (Unreadable, TypeError, ValueError):
        return None
    return (row, column) if _is_plausible(row, column, shape) else None
