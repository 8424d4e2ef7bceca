"""The Secondary Capture instance of the picture."""

from pathlib import Path

import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, measured_image
from pydicom import dcmread
from pydicom.uid import JPEGBaseline8Bit

from hri_node.report.capture import secondary_capture
from hri_node.report.identity import Maker
from hri_node.report.picture import overlay
from hri_node.report.source import read_source

MAKER = Maker(ALGORITHM, CONTEXT)


def test_pixels_are_the_picture(tmp_path: Path) -> None:
    """The instance holds the picture as it was drawn."""
    image = measured_image(tmp_path)

    made = secondary_capture(read_source(image), MAKER)

    assert np.array_equal(made.pixel_array, overlay(image.frame, image.masks, image.result))


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


def test_says_what_it_is(tmp_path: Path) -> None:
    """The picture is derived, of another modality than the source, and may show what the screen showed."""
    made = secondary_capture(read_source(measured_image(tmp_path)), MAKER)

    assert list(made.ImageType) == ["DERIVED", "SECONDARY", "HRI"]
    assert (made.Modality, made.BurnedInAnnotation) == ("OT", "YES")
