"""A frame's result comes in, the Secondary Capture instance of its picture goes out."""

from typing import Final

from highdicom import CoordinateSystemNames, PhotometricInterpretationValues
from highdicom.sc import SCImage
from highdicom.sr import CodedConcept
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from hri_node.report import codes
from hri_node.report.identity import Maker, finish
from hri_node.report.picture import overlay
from hri_node.report.source import Source

SERIES_NUMBER: Final = 9103


def secondary_capture(source: Source, maker: Maker) -> SCImage:
    """Secondary Capture of `picture.overlay` for one frame, measured or not."""
    made = SCImage(
        pixel_array=overlay(source.image.frame, source.masks, source.result),
        photometric_interpretation=PhotometricInterpretationValues.RGB,
        bits_allocated=8,
        coordinate_system=CoordinateSystemNames.PATIENT,
        patient_orientation=("L", "F"),  # highdicom wants one; `_describe` says that it is unknown
        study_instance_uid=source.study_uid,
        series_instance_uid=maker.series_uid("sc", source),
        series_number=SERIES_NUMBER,
        series_description="HRI picture (research)",
        sop_instance_uid=maker.frame_uid("sc", source),
        instance_number=source.instance_number,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        contributing_equipment=maker.contributing(),
        **maker.equipment,
    )
    _describe(made, source)
    finish(made, source, source.image.measured_at or maker.context.created)
    return made


def _describe(made: SCImage, source: Source) -> None:
    """Say what the picture is and what it was made from."""
    made.PatientOrientation = []
    made.ImageType = ["DERIVED", "SECONDARY", "HRI"]
    made.BodyPartExamined = "ABDOMEN"
    # The frame below the drawing may show the patient's name, as many an ultrasound screen does.
    made.BurnedInAnnotation = "YES"
    made.DerivationDescription = "Outlines, ROIs and hepatorenal index drawn on the source; not for measurement"
    made.LossyImageCompression = source.header.get("LossyImageCompression") or "00"
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if keyword in source.header:
            setattr(made, keyword, source.header[keyword].value)
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.header.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.instance_uid
    if source.frame_numbers:
        reference.ReferencedFrameNumber = source.frame_numbers
    reference.PurposeOfReferenceCodeSequence = [CodedConcept.from_code(codes.SOURCE_FOR_PROCESSING)]
    made.SourceImageSequence = [reference]
