"""A frame's result comes in, the Secondary Capture instance of its picture goes out."""

import json
from dataclasses import astuple
from typing import Final

from highdicom import CoordinateSystemNames, PhotometricInterpretationValues
from highdicom.sc import SCImage
from highdicom.sr import CodedConcept
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from hri_node.report import codes
from hri_node.report.context import ReportContext
from hri_node.report.identity import Maker, finish
from hri_node.report.panel import Beside
from hri_node.report.patient import patient_lines
from hri_node.report.picture import overlay
from hri_node.report.source import Source

SERIES_NUMBER: Final = 9103

_CARRIED: Final = ("LossyImageCompressionRatio", "LossyImageCompressionMethod", "RecognizableVisualFeatures")
"""What the source says of its pixels, and is as true of the picture (PS3.3 C.7.6.1)."""


def secondary_capture(source: Source, maker: Maker) -> SCImage:
    """Secondary Capture of `picture.overlay` for one frame, measured or not.

    It says nothing of other images of the study, the study's index among it: that changes when another image arrives,
    and this object does not. The report has it.
    """
    beside = _beside(source, maker.context)
    made = SCImage(
        pixel_array=overlay(source.image.frame, source.masks, source.result, beside),
        photometric_interpretation=PhotometricInterpretationValues.RGB,
        bits_allocated=8,
        coordinate_system=CoordinateSystemNames.PATIENT,
        patient_orientation=("L", "F"),  # highdicom wants one; `_describe` says that it is unknown
        study_instance_uid=source.study_uid,
        series_instance_uid=maker.series_uid("sc", source),
        series_number=SERIES_NUMBER,
        series_description="HRI picture (research)",
        sop_instance_uid=maker.frame_uid("sc", source, *_choices(beside)),
        instance_number=source.instance_number,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        contributing_equipment=maker.contributing(),
        **maker.equipment,
    )
    _describe(made, source, beside)
    finish(made, source, maker.moment(source))
    return made


def _beside(source: Source, context: ReportContext) -> Beside:
    """Return what the panel says besides the result."""
    number = source.header.get("InstanceNumber")
    named = [f"Image {number}"] if number else []
    named += [f"frame {source.result.frame_number}"] if source.multi_frame else []
    return Beside(
        patient=patient_lines(source.header) if context.patient_on_picture else (),
        image=", ".join(named).capitalize(),
        study_date=str(source.header.StudyDate),
        priors=context.priors if source.measured else (),
    )


def _choices(beside: Beside) -> tuple[bool, str]:
    """Return what the content follows from besides the source and its result."""
    return bool(beside.patient), json.dumps([astuple(prior) for prior in beside.priors])


def _describe(made: SCImage, source: Source, beside: Beside) -> None:
    """Say what the picture is and what it was made from."""
    made.PatientOrientation = []
    made.ImageType = ["DERIVED", "SECONDARY", "HRI"]
    made.ConversionType = "WSD"  # by a program (PS3.3 C.8.6.1); highdicom says that a digital interface took it
    made.BodyPartExamined = "ABDOMEN"
    # A source that says nothing may show the patient's name, as many an ultrasound screen does.
    is_clean = source.header.get("BurnedInAnnotation") == "NO" and not beside.patient
    made.BurnedInAnnotation = "NO" if is_clean else "YES"
    made.DerivationDescription = "Outlines, ROIs and hepatorenal index drawn on the source; not for measurement"
    made.LossyImageCompression = source.header.get("LossyImageCompression") or "00"
    for keyword in _CARRIED:
        if keyword in source.header:
            setattr(made, keyword, source.header[keyword].value)
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.header.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.instance_uid
    if source.frame_numbers:
        reference.ReferencedFrameNumber = source.frame_numbers
    reference.PurposeOfReferenceCodeSequence = [CodedConcept.from_code(codes.SOURCE_FOR_PROCESSING)]
    made.SourceImageSequence = [reference]
