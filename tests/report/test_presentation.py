"""Presentation states, read back."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, KINDS, measured_image
from PIL import Image, ImageCms
from pydicom import Dataset, dcmread
from pydicom.uid import (
    ColorSoftcopyPresentationStateStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    ImplicitVRLittleEndian,
)

from hri_node.records import MeasuredImage
from hri_node.report.encoding import Encoder
from hri_node.report.identity import Maker
from hri_node.report.presentation import presentation_state
from hri_node.report.source import read_source
from hri_node.report.structures import LIVER_ROI, STRUCTURES

MAKER = Maker(ALGORITHM, CONTEXT)
GREY = {"mono", "large", "frames", "poor", "latin"}


def read_back(image: MeasuredImage) -> Dataset:
    """Make the presentation state of `image`, write it and read it."""
    return dcmread(io.BytesIO(Encoder().part10(presentation_state(read_source(image), MAKER))))


def drawn(made: Dataset, layer: str) -> list[np.ndarray]:
    """Return the polylines on a layer, each of shape (points, 2)."""
    on_it = [item for item in made.GraphicAnnotationSequence if item.GraphicLayer == layer]
    return [np.reshape(found.GraphicData, (-1, 2)) for item in on_it for found in item.GraphicObjectSequence]


def text(made: Dataset) -> Dataset:
    """Return the text."""
    return made.GraphicAnnotationSequence[-1].TextObjectSequence[0]


@pytest.mark.parametrize("kind", KINDS)
def test_class_follows_the_source(tmp_path: Path, kind: str) -> None:
    """A grey source has a Grayscale state, a colour source, one with a palette too, a Color one."""
    made = read_back(measured_image(tmp_path, **KINDS[kind]))

    grey = kind in GREY
    wanted = GrayscaleSoftcopyPresentationStateStorage if grey else ColorSoftcopyPresentationStateStorage
    assert (made.SOPClassUID, "ICCProfile" in made, made.get("ColorSpace")) == (
        wanted,
        not grey,
        None if grey else "SRGB",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_outlines_lie_on_the_organs(tmp_path: Path, kind: str) -> None:
    """Outlines and windows have the extent of their structures, to the pixel."""
    image = measured_image(tmp_path, **KINDS[kind])

    made = read_back(image)

    for structure in STRUCTURES:
        (points,) = drawn(made, structure.field.upper())
        rows, columns = np.nonzero(structure.mask(image.masks))
        assert points.min(axis=0) == pytest.approx((columns.min(), rows.min()), abs=1)
        assert points.max(axis=0) == pytest.approx((columns.max() + 1, rows.max() + 1), abs=1)


def test_windows_are_exact(tmp_path: Path) -> None:
    """An ROI is the border of its window, as in the report."""
    image = measured_image(tmp_path)
    window = image.result.liver["window"]

    (points,) = drawn(read_back(image), "LIVER_ROI")

    left, top = window["column"], window["row"]
    right, bottom = left + window["columns"], top + window["rows"]
    assert points.tolist() == [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]


def test_graphics_share_tracking(tmp_path: Path) -> None:
    """A graphic bears the Tracking UID of its segment and measurement group."""
    image = measured_image(tmp_path)

    graphic = read_back(image).GraphicAnnotationSequence[2].GraphicObjectSequence[0]

    assert graphic.TrackingUID == MAKER.tracking_uid(LIVER_ROI.field, read_source(image))


def test_text_says_the_values(tmp_path: Path) -> None:
    """The text has index, interval, means, quality and what it is for."""
    image = measured_image(tmp_path, result_hri=1.234, result_warnings=("roi_shrunk",))

    lines = text(read_back(image)).UnformattedTextValue.split("\r\n")

    liver, cortex = image.result.liver, image.result.renal_cortex
    assert lines == [
        "Hepatorenal index 1.23 (1.40 to 1.62)",
        f"Liver mean {liver['mean']:.2f}, SD {liver['sd']:.2f}",
        f"Renal cortex mean {cortex['mean']:.2f}, SD {cortex['sd']:.2f}",
        "Image quality: limited",
        "Research use - not for diagnosis",
    ]


@pytest.mark.parametrize("shift", [(0, 0), (-110, -120), (100, -120), (-110, 110)])
def test_text_is_off_the_organs(tmp_path: Path, shift: tuple[int, int]) -> None:
    """The text stands in a corner in which no organ is, wherever they are."""
    image = measured_image(tmp_path)
    for mask in (structure.mask(image.masks) for structure in STRUCTURES):
        mask[:] = np.roll(mask, shift, axis=(0, 1))

    box = text(read_back(image))

    (left, top), (right, bottom) = box.BoundingBoxTopLeftHandCorner, box.BoundingBoxBottomRightHandCorner
    inside = np.s_[int(480 * top) : int(480 * bottom), int(640 * left) : int(640 * right)]
    assert box.BoundingBoxAnnotationUnits == "DISPLAY"
    assert not any(structure.mask(image.masks)[inside].any() for structure in STRUCTURES)


@pytest.mark.parametrize(("frames", "referenced"), [(1, None), (3, 2)])
def test_source_frame_is_cited(tmp_path: Path, frames: int, referenced: int | None) -> None:
    """The state and each of its graphics name the source by its true class, and the frame where there are several."""
    image = measured_image(tmp_path, frames=frames, frame_number=referenced or 1)
    source = dcmread(image.path)

    made = read_back(image)

    for holder in [*made.ReferencedSeriesSequence, *made.GraphicAnnotationSequence]:
        (cited,) = holder.ReferencedImageSequence
        assert cited.ReferencedSOPClassUID == source.SOPClassUID
        assert cited.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert cited.get("ReferencedFrameNumber") == referenced


@pytest.mark.parametrize(("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")])
def test_polarity_is_the_source_s(tmp_path: Path, photometric: str, shape: str) -> None:
    """A negative is turned round, which its own attribute no longer does once there is a presentation state."""
    assert read_back(measured_image(tmp_path, photometric=photometric)).PresentationLUTShape == shape


def test_window_is_the_one_measured_by(tmp_path: Path) -> None:
    """The first of several windows, and the rescaling, are those the image was measured by."""
    attributes = {
        "WindowCenter": ["100", "50"],
        "WindowWidth": ["150", "20"],
        "VOILUTFunction": "LINEAR_EXACT",
        "RescaleSlope": "2",
        "RescaleIntercept": "-10",
    }

    made = read_back(measured_image(tmp_path, attributes=attributes))

    (window,) = made.SoftcopyVOILUTSequence
    assert (window.WindowCenter, window.WindowWidth, window.VOILUTFunction) == (100, 150, "LINEAR_EXACT")
    assert (made.RescaleSlope, made.RescaleIntercept, made.RescaleType) == (2, -10, "US")


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"WindowCenter": "100", "WindowWidth": "0"},
        {"WindowCenter": "100"},
        {"WindowCenter": "", "WindowWidth": ""},
        {"WindowCenter": ["", "50"], "WindowWidth": ["", "100"]},
    ],
)
def test_no_window_where_none_is_meant(tmp_path: Path, attributes: dict[str, str]) -> None:
    """Where the image was measured over its whole range, it is shown so."""
    assert "SoftcopyVOILUTSequence" not in read_back(measured_image(tmp_path, attributes=attributes))


def test_half_a_rescaling_is_completed(tmp_path: Path) -> None:
    """Slope and intercept go together in a presentation state (PS3.3 C.11.1)."""
    made = read_back(measured_image(tmp_path, attributes={"RescaleIntercept": "-5", "VOILUTFunction": "CUBIC"}))

    assert (made.RescaleSlope, made.RescaleIntercept, made.RescaleType) == (1, -5, "US")


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian])
def test_table_is_the_one_measured_by(tmp_path: Path, syntax: str | None) -> None:
    """A VOI LUT comes before a window, as in measuring, in whatever transfer syntax its numbers were written."""
    lut = Dataset()
    lut.add_new("LUTDescriptor", "US", [256, 0, 8])
    lut.add_new("LUTData", "US", list(range(255, -1, -1)))
    attributes: dict[str, Any] = {"VOILUTSequence": [lut], "WindowCenter": "1", "WindowWidth": "2"}
    options = {"transfer_syntax": syntax} if syntax else {}

    (found,) = read_back(measured_image(tmp_path, attributes=attributes, **options)).SoftcopyVOILUTSequence

    assert "WindowCenter" not in found
    assert list(found.VOILUTSequence[0].LUTDescriptor) == [256, 0, 8]
    assert np.array_equal(np.frombuffer(_bytes(found.VOILUTSequence[0].LUTData), "<u2"), np.arange(255, -1, -1))


def _bytes(data: Any) -> bytes:  # noqa: ANN401 - US or OW
    """Return LUT Data as bytes."""
    return data if isinstance(data, bytes) else np.array(data, "<u2").tobytes()


def test_pixels_keep_their_shape(tmp_path: Path) -> None:
    """The whole image is displayed, with the pixel aspect ratio that it states."""
    area = read_back(measured_image(tmp_path, attributes={"PixelAspectRatio": [4, 3]})).DisplayedAreaSelectionSequence[
        0
    ]

    assert (list(area.DisplayedAreaTopLeftHandCorner), list(area.DisplayedAreaBottomRightHandCorner)) == (
        [1, 1],
        [640, 480],
    )
    assert (list(area.PresentationPixelAspectRatio), "PixelOriginInterpretation" in area) == ([4, 3], False)


def test_dates_are_those_of_the_measurement(tmp_path: Path) -> None:
    """No date is from the clock."""
    made = read_back(measured_image(tmp_path))

    dates = {str(element.value) for element in made if element.VR == "DA" and element.keyword != "PatientBirthDate"}
    assert dates == {"20250102"}
    assert made.PresentationCreationTime == made.InstanceCreationTime == "123045"


def test_profile_is_srgb_of_an_input_device(tmp_path: Path) -> None:
    """The colours are sRGB, said by a profile of a class that the standard allows: PS3.3 C.11.15."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(read_back(measured_image(tmp_path, **KINDS["rgb"])).ICCProfile))
    wheel = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)

    turned = ImageCms.profileToProfile(Image.fromarray(wheel), profile, ImageCms.createProfile("sRGB"))

    assert profile.profile.device_class == "scnr"
    assert np.abs(np.asarray(turned).astype(int) - wheel).max() <= 1
