"""Region tables come in; the spacing that ALGORITHM.md A11 names must go out."""

from typing import Any

import pytest
from builders import region, ultrasound_instance
from pydicom import Dataset

from hri_node.read.spacing import calibration

SHAPE = (480, 640)
LEFT, RIGHT = (0, 0, 479, 319), (0, 320, 479, 639)


def header(*regions: Dataset, **attributes: Any) -> Dataset:  # noqa: ANN401 - DICOM values
    """Header of a 480 x 640 instance with these regions and attributes."""
    made = Dataset()
    if regions:
        made.SequenceOfUltrasoundRegions = list(regions)
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("deltas_mm", "expected"),
    [
        ((0.3, 0.3), (0.3, 0.3)),
        ((0.3, 0.4), (0.3, 0.4)),
        ((-0.3, 0.4), (0.3, 0.4)),
        ((0.3, -0.4), (0.3, 0.4)),
        ((-0.25, -0.25), (0.25, 0.25)),
    ],
)
def test_region_gives_row_and_column(deltas_mm: tuple[float, float], expected: tuple[float, float]) -> None:
    """Deltas in centimetres become millimetres, y for rows and x for columns, whatever way the axes point."""
    found = calibration(header(region(SHAPE, deltas_mm)), SHAPE)

    assert found.spacing_mm == pytest.approx(expected, rel=1e-12)
    assert (found.source, found.outside) == ("ultrasound_region", None)


@pytest.mark.parametrize(
    "broken",
    [
        {"RegionSpatialFormat": 2},
        {"RegionSpatialFormat": 0},
        {"RegionDataType": 2},
        {"RegionDataType": None},
        {"PhysicalUnitsXDirection": 4},
        {"PhysicalUnitsYDirection": 0},
        {"PhysicalUnitsYDirection": None},
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaY": 0.0},
        {"PhysicalDeltaY": None},
        {"PhysicalDeltaX": float("nan")},
        {"PhysicalDeltaX": float("inf")},
        {"PhysicalDeltaX": 1e-9},
        {"PhysicalDeltaY": 0.1},
        {"PhysicalDeltaX": 0.3},
        {"RegionLocationMinX0": None},
    ],
)
def test_region_of_no_use_is_passed_over(broken: dict[str, Any]) -> None:
    """M-mode, colour flow, other units, zero or impossible deltas calibrate nothing and hide no other region."""
    unusable = region(SHAPE, (0.3, 0.3), **broken)

    assert calibration(header(unusable), SHAPE).spacing_mm is None
    usable = region(SHAPE, (0.2, 0.2), LEFT)
    assert calibration(header(unusable, usable), SHAPE).spacing_mm == pytest.approx((0.2, 0.2))


@pytest.mark.parametrize(
    ("boxes", "index"),
    [
        (((0, 0, 239, 319), (0, 0, 479, 639)), 1),
        (((0, 0, 479, 639), (0, 0, 239, 319)), 0),
        ((LEFT, RIGHT), 0),
        (((0, 0, 9999, 100), (0, 100, 479, 639)), 1),
        (((500, 700, 900, 1400), (10, 10, 20, 20)), 1),
        (((479, 639, 0, 0), LEFT), 0),
    ],
)
def test_largest_region_inside_the_picture_wins(boxes: tuple[tuple[int, int, int, int], ...], index: int) -> None:
    """Of several regions the one that covers most of the picture counts; the first of equals; corners in any order."""
    spacings = [(0.2, 0.2), (0.5, 0.5)]

    found = calibration(header(*(region(SHAPE, s, b) for s, b in zip(spacings, boxes, strict=True))), SHAPE)

    assert found.spacing_mm == pytest.approx(spacings[index])


def test_split_screen_leaves_the_other_half_outside() -> None:
    """Each half has its own depth, so that only the chosen half may be measured."""
    found = calibration(header(region(SHAPE, (0.3, 0.3), LEFT), region(SHAPE, (0.5, 0.5), RIGHT)), SHAPE)

    assert found.outside is not None
    assert not found.outside[:, :320].any()
    assert found.outside[:, 320:].all()


def test_inset_leaves_nothing_outside() -> None:
    """A second region inside the first one (a zoom box, a colour box) is no other picture."""
    inner = region(SHAPE, (0.3, 0.3), (100, 100, 200, 200))

    assert calibration(header(region(SHAPE, (0.3, 0.3)), inner), SHAPE).outside is None


@pytest.mark.parametrize(
    ("attributes", "argument", "expected"),
    [
        ({"PixelSpacing": [0.4, 0.5]}, None, ((0.4, 0.5), "pixel_spacing")),
        ({"PixelSpacing": [0.4, 0.5]}, (0.1, 0.2), ((0.1, 0.2), "argument")),
        ({}, (0.1, 0.2), ((0.1, 0.2), "argument")),
        ({}, None, (None, None)),
        ({"PixelSpacing": [1.0, 1.0]}, None, (None, None)),
        ({"PixelSpacing": [0.0, 0.4]}, None, (None, None)),
        ({"PixelSpacing": [-0.4, 0.4]}, None, (None, None)),
        ({"PixelSpacing": 0.4}, None, (None, None)),
        ({"ImagerPixelSpacing": [0.4, 0.4]}, None, (None, None)),
    ],
)
def test_without_region(
    attributes: dict[str, Any], argument: tuple[float, float] | None, expected: tuple[object, object]
) -> None:
    """Then the caller's word counts, then Pixel Spacing where it can be true; a detector's spacing never does."""
    found = calibration(header(**attributes), SHAPE, argument)

    assert (found.spacing_mm, found.source) == expected


def test_region_outranks_the_argument() -> None:
    """What the scanner calibrated is not overruled by what was said for all files of a command."""
    found = calibration(header(region(SHAPE, (0.3, 0.3))), SHAPE, (1.0, 1.0))

    assert (found.spacing_mm, found.source) == (pytest.approx((0.3, 0.3)), "ultrasound_region")


@pytest.mark.parametrize("spacing_mm", [(0.3, 0.3), (0.21, 0.37)])
def test_builders_region_is_read_back(spacing_mm: tuple[float, float]) -> None:
    """The region that the builders write means what the other tests think it means."""
    ds = ultrasound_instance(rows=48, columns=64, spacing_mm=spacing_mm)

    assert calibration(ds, (48, 64)).spacing_mm == pytest.approx(spacing_mm, rel=1e-12)


def test_broken_sequence_calibrates_nothing() -> None:
    """A sequence attribute that holds bytes is as good as none."""
    made = Dataset()
    made.add_new("SequenceOfUltrasoundRegions", "OB", b"\x01\x02")

    assert calibration(made, SHAPE).spacing_mm is None
    assert calibration(made, SHAPE, (0.3, 0.3)).source == "argument"
