"""Phantoms as DICOM: valid, calibrated, synthetic, and the same for the same seed."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.pixels.utils import pixel_array

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.view import View, make_view


@pytest.fixture(scope="module")
def view() -> View:
    """One view for all tests here."""
    return make_view(4)


@pytest.mark.parametrize("colour", [False, True])
def test_pixels_survive(view: View, *, colour: bool) -> None:
    """What a reader decodes is the picture, in grey or as three equal channels."""
    ds = pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement("a", colour=colour))))

    decoded = pixel_array(ds)

    np.testing.assert_array_equal(decoded[..., 0] if colour else decoded, view.pixels)


def test_region_carries_the_spacing(view: View) -> None:
    """PhysicalDelta is in centimetres, and the region covers the sector."""
    ds = pydicom.dcmread(io.BytesIO(phantom_instance(view, Placement("a"))))

    region = ds.SequenceOfUltrasoundRegions[0]
    assert (region.PhysicalDeltaY * 10, region.PhysicalDeltaX * 10) == pytest.approx(view.spacing_mm)
    assert region.RegionLocationMaxY1 - region.RegionLocationMinY0 == pytest.approx(480 * 0.85, abs=480 * 0.2)


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
