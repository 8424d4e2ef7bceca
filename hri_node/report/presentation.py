"""A measured image comes in, its presentation state goes out: how to show it, with outlines, ROIs and values drawn."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from highdicom import PresentationLUTTransformation
from highdicom.base import SOPClass
from highdicom.pr import ColorSoftcopyPresentationState, GrayscaleSoftcopyPresentationState
from pydicom import Dataset, Sequence
from pydicom.multival import MultiValue

from hri_node.report.annotations import drawing
from hri_node.report.header import MODALITY_LUT, VOI_LUT
from hri_node.report.identity import Maker, finish
from hri_node.report.source import Source, cite

SERIES_NUMBER: Final = 9104

_RGB_SAMPLES: Final = 3

_FUNCTIONS: Final = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})
"""PS3.3 C.11.2.1.3; anything else is shown, and measured, as LINEAR."""


def presentation_state(source: Source, maker: Maker) -> SOPClass:
    """Softcopy presentation state of one measured image.

    A grey image has a Grayscale one (PS3.3 A.33.1), with the image's own grey map. Colour ones, those with a palette of
    their own among them, have a Color one (A.33.2): a Pseudo-Color one (A.33.3) gives colours to grey images.

    Parameters
    ----------
    source
        The image.
    maker
        Who says so.
    """
    grey = str(source.header.get("PhotometricInterpretation", "")).startswith("MONOCHROME")
    made = _made(source, maker, grey=grey)
    if grey:
        _copy_grey_map(made, source.header)
    else:
        made.ColorSpace = "SRGB"  # the profile's, for readers who need none (PS3.3 C.11.15)
    made.BodyPartExamined = "ABDOMEN"
    _describe_area(made, source)
    _cite(made, source)
    finish(made, source, maker.moment(source))
    made.PresentationCreationDate, made.PresentationCreationTime = made.InstanceCreationDate, made.InstanceCreationTime
    return made


def _made(source: Source, maker: Maker, *, grey: bool) -> SOPClass:
    """Return the presentation state as highdicom makes it."""
    kind = GrayscaleSoftcopyPresentationState if grey else ColorSoftcopyPresentationState
    shown = _shown(source, samples=1 if grey else _RGB_SAMPLES)
    drawn = drawing(source, shown, maker)
    how = {"presentation_lut_transformation": _polarity(source.header)} if grey else {"icc_profile": _srgb()}
    return kind(
        referenced_images=[shown],
        series_instance_uid=maker.series_uid("pr", source),
        series_number=SERIES_NUMBER,
        sop_instance_uid=maker.frame_uid("pr", source),
        instance_number=source.instance_number,
        content_label="HRI",
        content_description="Hepatorenal index: outlines, ROIs and values",
        series_description="HRI presentation state (research)",
        graphic_annotations=drawn.annotations,
        graphic_layers=drawn.layers,
        contributing_equipment=maker.contributing(),
        **how,
        **maker.equipment,
    )


def _shown(source: Source, samples: int) -> Dataset:
    """Return the image as highdicom accepts it: it would misread grey maps that are copied by themselves."""
    shown = Dataset()
    for element in source.proxy:
        if element.keyword not in MODALITY_LUT | VOI_LUT:
            shown.add(element)
    shown.SamplesPerPixel = samples
    return shown


def _polarity(header: Dataset) -> PresentationLUTTransformation:
    """Return the Presentation LUT: it replaces the polarity that the image itself names (PS3.4 N.2.1.3)."""
    inverse = header.PhotometricInterpretation == "MONOCHROME1"
    return PresentationLUTTransformation(presentation_lut_shape="INVERSE" if inverse else "IDENTITY")


def _copy_grey_map(made: Dataset, header: Dataset) -> None:
    """Take over the Modality LUT and the first VOI LUT or window: what the image is measured by (PS3.3 C.11.1, 8)."""
    if header.get("ModalityLUTSequence"):
        made.ModalityLUTSequence = Sequence([header.ModalityLUTSequence[0]])
    elif "RescaleSlope" in header or "RescaleIntercept" in header:
        made.RescaleSlope, made.RescaleIntercept = header.get("RescaleSlope", 1), header.get("RescaleIntercept", 0)
        made.RescaleType = header.get("RescaleType") or "US"  # unspecified
    window = _window(header)
    if len(window):
        made.SoftcopyVOILUTSequence = Sequence([window])


def _window(header: Dataset) -> Dataset:
    """Return the first VOI LUT or window; nothing where the whole range is shown."""
    found = Dataset()
    if header.get("VOILUTSequence"):
        found.VOILUTSequence = Sequence([header.VOILUTSequence[0]])
        return found
    centre, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    if not (isinstance(centre, float) and isinstance(width, float)) or width < 1:
        # Scanners write 0 or nothing where they mean no window.
        return found
    found.WindowCenter, found.WindowWidth = centre, width
    function = str(header.get("VOILUTFunction", "")).upper()
    if function in _FUNCTIONS:
        found.VOILUTFunction = function
    return found


def _first(value: Any) -> Any:  # noqa: ANN401 - as pydicom has it
    """Return the first of one or several values."""
    return value[0] if isinstance(value, MultiValue) else value


def _describe_area(made: Dataset, source: Source) -> None:
    """Say what is displayed: the whole image, its pixels as wide as the image says."""
    area = made.DisplayedAreaSelectionSequence[0]
    del area.PixelOriginInterpretation  # for images in tiles (PS3.3 C.10.4)
    if source.header.get("PixelAspectRatio"):
        area.PresentationPixelAspectRatio = source.header.PixelAspectRatio


def _cite(made: Dataset, source: Source) -> None:
    """Correct class and frame of each reference to the image (PS3.3 table 10-3)."""
    if source.frame_numbers:
        holders = [*made.ReferencedSeriesSequence, *made.GraphicAnnotationSequence]
        for holder in holders:
            for item in holder.ReferencedImageSequence:
                item.ReferencedFrameNumber = source.frame_numbers
    cite(made, {source.instance_uid: source})


@cache
def _srgb() -> bytes:
    """Return sRGB as the profile of an input device, the one class that PS3.3 C.11.15 allows for it."""
    return (files("hri_node.report") / "srgb.icc").read_bytes()
