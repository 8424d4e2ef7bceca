"""The images of a study come in, the Encapsulated PDF instance of the page about them goes out."""

from collections.abc import Sequence
from typing import Final

from highdicom.base import SOPClass
from highdicom.sr import CodedConcept
from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from hri_node.report import codes
from hri_node.report.identity import Maker, finish
from hri_node.report.page import page, shown_image
from hri_node.report.source import Source
from hri_node.report.wording import TITLE

SERIES_NUMBER: Final = 9105


def encapsulated_pdf(sources: Sequence[Source], maker: Maker) -> SOPClass:
    """Encapsulated PDF (PS3.3 A.45.1) of `page.page` for one study.

    Parameters
    ----------
    sources
        The images of the study, measured or not, in the order of the report.
    maker
        Who says so.
    """
    header = sources[0].proxy
    made = SOPClass(
        study_instance_uid=sources[0].study_uid,
        series_instance_uid=maker.series_uid("pdf", sources[0]),
        series_number=SERIES_NUMBER,
        sop_instance_uid=maker.study_uid("pdf", sources),
        sop_class_uid=EncapsulatedPDFStorage,
        instance_number=maker.context.revision,
        modality="DOC",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        patient_id=header.PatientID,
        patient_name=header.PatientName,
        patient_birth_date=header.PatientBirthDate,
        patient_sex=header.PatientSex,
        accession_number=header.AccessionNumber,
        study_id=header.StudyID,
        study_date=header.StudyDate,
        study_time=header.StudyTime,
        series_description="HRI page (research)",
        **maker.equipment,
    )
    _describe(made, sources, maker)
    finish(made, sources[0], maker.context.created)
    return made


def _describe(made: SOPClass, sources: Sequence[Source], maker: Maker) -> None:
    """Add SC Equipment and Encapsulated Document (PS3.3 C.8.6.1, C.24.2)."""
    made.ContributingEquipmentSequence = maker.contributing()
    made.ConversionType = "WSD"
    made.AcquisitionDateTime = ""
    shown = shown_image(sources).header
    # A source that says nothing may show the patient's name, as many an ultrasound screen does.
    is_clean = shown.get("BurnedInAnnotation") == "NO" and not maker.context.patient_on_picture
    made.BurnedInAnnotation = "NO" if is_clean else "YES"
    if "RecognizableVisualFeatures" in shown:
        made.RecognizableVisualFeatures = shown.RecognizableVisualFeatures
    made.SourceInstanceSequence = _cited(sources)
    made.DocumentTitle = TITLE
    made.ConceptNameCodeSequence = [CodedConcept.from_code(codes.IMAGING_MEASUREMENT_REPORT)]
    made.VerificationFlag = "VERIFIED" if maker.context.verifier else "UNVERIFIED"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    data = page(sources, maker)
    made.EncapsulatedDocumentLength = len(data)
    made.EncapsulatedDocument = data + b"\0" * (len(data) % 2)  # PS3.5 6.2, OB


def _cited(sources: Sequence[Source]) -> list[Dataset]:
    """Return the instances that the page was made from, once each (PS3.3 table 10-11)."""
    cited = {}
    for source in sources:
        reference = Dataset()
        reference.ReferencedSOPClassUID = source.header.SOPClassUID
        reference.ReferencedSOPInstanceUID = source.instance_uid
        cited[source.instance_uid] = reference
    return list(cited.values())
