"""The Secondary Capture instance of the picture."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, failed_image, measured_image
from pydicom import dcmread
from pydicom.uid import JPEGBaseline8Bit

from hri_node.records import MeasuredImage, PriorIndex
from hri_node.report.capture import secondary_capture
from hri_node.report.context import Predecessor
from hri_node.report.encoding import Encoder
from hri_node.report.identity import Maker
from hri_node.report.panel import Beside
from hri_node.report.picture import overlay
from hri_node.report.source import read_source

MAKER = Maker(ALGORITHM, CONTEXT)
NAMING = Maker(ALGORITHM, replace(CONTEXT, patient_on_picture=True))
PRIORS = (PriorIndex("1.2.1", "20230512", "", 1.31, "icnet 1.0.0"),)
REMEMBERING = Maker(ALGORITHM, replace(CONTEXT, priors=PRIORS))


def test_pixels_are_the_picture(tmp_path: Path) -> None:
    """The instance holds the picture as it was drawn, which names the image and nobody."""
    image = measured_image(tmp_path, attributes={"InstanceNumber": 7})

    made = secondary_capture(read_source(image), MAKER)

    beside = Beside(image="Image 7", study_date="20250102")
    assert np.array_equal(made.pixel_array, overlay(image.frame, image.masks, image.result, beside))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"frames": 3, "frame_number": 2, "attributes": {"InstanceNumber": 7}}, "Image 7, frame 2"),
        ({"frames": 3, "frame_number": 2, "attributes": {"InstanceNumber": None}}, "Frame 2"),
        ({"attributes": {"InstanceNumber": None}}, ""),
    ],
)
def test_picture_says_which_image_it_is_of(tmp_path: Path, options: dict[str, object], named: str) -> None:
    """The number by which viewers list the image, and its frame where there are several."""
    image = measured_image(tmp_path, **options)

    made = secondary_capture(read_source(image), MAKER)

    beside = Beside(image=named, study_date="20250102")
    assert np.array_equal(made.pixel_array, overlay(image.frame, image.masks, image.result, beside))


def test_patient_is_drawn_where_asked(tmp_path: Path) -> None:
    """Name, ID and dates stand beside the picture."""
    image = measured_image(tmp_path)

    made = secondary_capture(read_source(image), NAMING)

    patient = ("Prüfung, Bär", "ID SYNTHETIC-1", "Born 1970-01-01", "Study 2025-01-02")
    beside = Beside(patient, "Image 1", "20250102")
    assert np.array_equal(made.pixel_array, overlay(image.frame, image.masks, image.result, beside))


@pytest.mark.parametrize("maker", [MAKER, NAMING])
@pytest.mark.parametrize("told", ["YES", "NO", "MAYBE", "", None])
def test_burned_in_annotation(tmp_path: Path, maker: Maker, told: str | None) -> None:
    """NO only where the source says NO and no patient was drawn; what says nothing may show a name."""
    image = measured_image(tmp_path, attributes={"BurnedInAnnotation": told})

    made = secondary_capture(read_source(image), maker)

    assert made.BurnedInAnnotation == ("NO" if told == "NO" and maker is MAKER else "YES")


def test_nobody_to_draw(tmp_path: Path) -> None:
    """Where a patient is to be drawn and none is known, nothing was added to what the source shows."""
    unknown = dict.fromkeys(("PatientName", "PatientID", "PatientBirthDate", "StudyDate"))
    source = read_source(measured_image(tmp_path, attributes=unknown))

    made, other = secondary_capture(source, NAMING), secondary_capture(source, MAKER)

    assert made.BurnedInAnnotation == "NO"
    assert made.SOPInstanceUID == other.SOPInstanceUID
    assert made.PixelData == other.PixelData


@pytest.mark.parametrize("other", [NAMING, REMEMBERING])
def test_other_picture_has_another_uid(tmp_path: Path, other: Maker) -> None:
    """A choice that changes the picture changes its UID: PACS keep the first of two with one UID."""
    source = read_source(measured_image(tmp_path))

    made, changed = secondary_capture(source, MAKER), secondary_capture(source, other)

    assert made.PixelData != changed.PixelData
    assert made.SOPInstanceUID != changed.SOPInstanceUID


def test_failed_picture_has_no_history(tmp_path: Path) -> None:
    """Without an index there is nothing to compare, so that earlier studies change neither picture nor UID."""
    source = read_source(failed_image(tmp_path, "no_kidney"))

    assert secondary_capture(source, MAKER) == secondary_capture(source, REMEMBERING)


@pytest.mark.parametrize("make", [measured_image, lambda folder: failed_image(folder, "no_liver")])
def test_later_revision_changes_nothing(tmp_path: Path, make: Callable[[Path], MeasuredImage]) -> None:
    """An image that arrives later makes a new report, and this picture stays, byte for byte."""
    image = replace(make(tmp_path), measured_at=CONTEXT.created)
    later = Maker(
        ALGORITHM,
        replace(CONTEXT, revision=2, created=CONTEXT.created.replace(year=2026), supersedes=(Predecessor("1.2"),)),
    )

    first, second = (Encoder().part10(secondary_capture(read_source(image), maker)) for maker in (MAKER, later))

    assert first == second


@pytest.mark.parametrize(("frames", "referenced"), [(1, None), (3, 2)])
def test_source_is_cited(tmp_path: Path, frames: int, referenced: int | None) -> None:
    """The picture names the image that it was drawn on, and the frame where there are several."""
    image = measured_image(tmp_path, frames=frames, frame_number=referenced or 1)
    source = dcmread(image.path)

    cited = secondary_capture(read_source(image), MAKER).SourceImageSequence[0]

    assert (cited.ReferencedSOPClassUID, cited.ReferencedSOPInstanceUID) == (source.SOPClassUID, source.SOPInstanceUID)
    assert cited.get("ReferencedFrameNumber") == referenced


def test_lossy_source_stays_lossy(tmp_path: Path) -> None:
    """What was once compressed with loss says so for ever (PS3.3 C.7.6.1.1.5)."""
    attributes = {"LossyImageCompression": "01", "LossyImageCompressionRatio": "9"}
    image = measured_image(
        tmp_path, photometric="YBR_FULL_422", transfer_syntax=JPEGBaseline8Bit, attributes=attributes
    )

    made = secondary_capture(read_source(image), MAKER)

    assert (made.LossyImageCompression, made.LossyImageCompressionRatio) == ("01", 9)


@pytest.mark.parametrize("told", ["YES", "NO", None])
def test_recognizable_features_are_those_of_the_source(tmp_path: Path, told: str | None) -> None:
    """Whether a face could be seen is what the source says, or nothing (PS3.3 C.7.6.1)."""
    image = measured_image(tmp_path, attributes={"RecognizableVisualFeatures": told})

    assert secondary_capture(read_source(image), MAKER).get("RecognizableVisualFeatures") == told


def test_says_what_it_is(tmp_path: Path) -> None:
    """The picture is derived by a program, of another modality than the source, and for research."""
    made = secondary_capture(read_source(measured_image(tmp_path)), MAKER)

    assert list(made.ImageType) == ["DERIVED", "SECONDARY", "HRI"]
    assert (made.Modality, made.ConversionType, made.PatientOrientation) == ("OT", "WSD", [])
    assert "research" in made.SeriesDescription
    assert "not for measurement" in made.DerivationDescription
