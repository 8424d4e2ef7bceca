"""Phantoms as DICOM: valid, calibrated, synthetic, and the same for the same seed."""

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.pixels.utils import pixel_array

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PAPER, Kind
from hri_node.phantom.view import View, make_view


@pytest.fixture(scope="module")
def view() -> View:
    """One view for all tests here, of a grey screen."""
    return make_view(4, PAPER)


@pytest.mark.parametrize("colour", [False, True])
def test_pixels_survive(view: View, *, colour: bool) -> None:
    """What a reader decodes is the picture, in grey or as three equal channels."""
    ds = pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement("a", colour=colour))))

    decoded = pixel_array(ds)

    np.testing.assert_array_equal(decoded[..., 0] if colour else decoded, view.pixels)


def test_coloured_screens_stay_coloured(view: View) -> None:
    """A tinted screen is RGB without being asked for; its luminance is the view's grey."""
    tinted = replace(view, colour=np.stack([view.pixels, view.pixels, view.pixels // 2], axis=2))

    ds = pydicom.dcmread(io.BytesIO(phantom_instance(tinted, Placement("a"))))

    assert ds.PhotometricInterpretation == "RGB"
    np.testing.assert_array_equal(pixel_array(ds), tinted.colour)


@pytest.mark.parametrize(("kind", "side"), [(Kind.HEPATORENAL, "R"), (Kind.LEFT_KIDNEY, "L")])
def test_side_is_that_of_the_kidney(view: View, kind: Kind, side: str) -> None:
    """Laterality tells the paired organ of the two."""
    shown = replace(view, settings=replace(view.settings, kind=kind))

    assert pydicom.dcmread(io.BytesIO(phantom_instance(shown, Placement("a")))).Laterality == side


def test_region_carries_the_spacing(view: View) -> None:
    """PhysicalDelta is in centimetres, and the region covers the sector."""
    ds = pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement("a"))))

    region = ds.SequenceOfUltrasoundRegions[0]
    assert (region.PhysicalDeltaY * 10, region.PhysicalDeltaX * 10) == pytest.approx(view.spacing_mm)
    rows, columns = np.nonzero(view.sector.beams()[2])
    assert (region.RegionLocationMinY0, region.RegionLocationMaxY1) == (rows.min(), rows.max())
    assert (region.RegionLocationMinX0, region.RegionLocationMaxX1) == (columns.min(), columns.max())


def test_same_input_gives_same_bytes(view: View) -> None:
    """A demo study sent twice is one study."""
    assert phantom_instance(view, Placement("a")) == phantom_instance(view, Placement("a"))


def test_images_of_a_study_share_it(view: View) -> None:
    """Study and series UID come from the study's name, instance UIDs from the number too."""
    first, second = (
        pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement("demo", number)))) for number in (1, 2)
    )

    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.PatientID == second.PatientID
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_studies_differ_by_name(view: View) -> None:
    """Another name is another study of another patient."""
    first, second = (pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement(name)))) for name in ("a", "b"))

    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert first.PatientID != second.PatientID
