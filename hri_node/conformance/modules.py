"""A keyword comes in; the module of PS3.3 that it belongs to, and what the node puts there, goes out."""

from collections.abc import Sequence
from typing import Final

OTHER: Final = "other"
"""Where this table lacks an attribute; a test says so."""

SHARED: Final = {
    "Patient": ("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientComments"),
    "Clinical Trial Subject": ("ClinicalTrialSponsorName", "ClinicalTrialProtocolID", "ClinicalTrialSubjectID"),
    "General Study": (
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "ReferringPhysicianName",
        "StudyDescription",
        "ProcedureCodeSequence",
        "PhysiciansOfRecord",
        "NameOfPhysiciansReadingStudy",
    ),
    "Patient Study": ("PatientAge", "PatientSize", "PatientWeight", "AdmissionID"),
    "General Equipment": ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions"),
    "SOP Common": (
        "SOPClassUID",
        "SOPInstanceUID",
        "SpecificCharacterSet",
        "InstanceCreationDate",
        "InstanceCreationTime",
        "TimezoneOffsetFromUTC",
        "ContributingEquipmentSequence",
    ),
}
"""Modules that all objects have alike."""

SERIES: Final = {
    "General Series": ("Modality", "SeriesDescription", "SeriesInstanceUID", "SeriesNumber", "BodyPartExamined")
}
"""Those of SR and PDF have names of their own, and the same attributes."""

IMAGE: Final = {
    "General Image": (
        "ImageType",
        "ContentDate",
        "ContentTime",
        "InstanceNumber",
        "PatientOrientation",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "LossyImageCompressionMethod",
        "PresentationLUTShape",
        "BurnedInAnnotation",
        "RecognizableVisualFeatures",
    ),
    "General Reference": ("SourceImageSequence", "DerivationDescription"),
    "Common Instance Reference": ("ReferencedSeriesSequence",),
    "Image Pixel": (
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PlanarConfiguration",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "PixelData",
    ),
}

OWN: Final = {
    "sr": {
        "SR Document Series": (*SERIES["General Series"], "ReferencedPerformedProcedureStepSequence"),
        "SR Document General": (
            "InstanceNumber",
            "ContentDate",
            "ContentTime",
            "CompletionFlag",
            "VerificationFlag",
            "PreliminaryFlag",
            "VerifyingObserverSequence",
            "PredecessorDocumentsSequence",
            "ReferencedRequestSequence",
            "PerformedProcedureCodeSequence",
            "CurrentRequestedProcedureEvidenceSequence",
        ),
        "SR Document Content": (
            "ValueType",
            "ConceptNameCodeSequence",
            "ContinuityOfContent",
            "ContentTemplateSequence",
            "ContentSequence",
        ),
        "SOP Common": ("CodingSchemeIdentificationSequence",),
    },
    "seg": {
        **SERIES,
        **IMAGE,
        "Segmentation Image": (
            "SegmentationType",
            "SegmentsOverlap",
            "ContentLabel",
            "ContentDescription",
            "ContentCreatorName",
            "SegmentSequence",
        ),
        "Multi-frame Dimension": ("DimensionOrganizationSequence", "DimensionIndexSequence"),
        "Multi-frame Functional Groups": (
            "NumberOfFrames",
            "SharedFunctionalGroupsSequence",
            "PerFrameFunctionalGroupsSequence",
        ),
    },
    "sc": {
        **SERIES,
        "SC Equipment": ("ConversionType",),
        **IMAGE,
        "SC Image": ("DateOfSecondaryCapture", "TimeOfSecondaryCapture"),
    },
    "pr": {
        **SERIES,
        "Presentation State Identification": (
            "InstanceNumber",
            "ContentLabel",
            "ContentDescription",
            "ContentCreatorName",
            "PresentationCreationDate",
            "PresentationCreationTime",
        ),
        "Presentation State Relationship": ("ReferencedSeriesSequence",),
        "Displayed Area": ("DisplayedAreaSelectionSequence",),
        "Graphic Annotation": ("GraphicAnnotationSequence",),
        "Graphic Layer": ("GraphicLayerSequence",),
        "Modality LUT": ("RescaleIntercept", "RescaleSlope", "RescaleType", "ModalityLUTSequence"),
        "Softcopy VOI LUT": ("SoftcopyVOILUTSequence",),
        "Softcopy Presentation LUT": ("PresentationLUTShape",),
        "ICC Profile": ("ICCProfile", "ColorSpace"),
    },
    "pdf": {
        "Encapsulated Document Series": SERIES["General Series"],
        "SC Equipment": ("ConversionType",),
        "Encapsulated Document": (
            "InstanceNumber",
            "ContentDate",
            "ContentTime",
            "AcquisitionDateTime",
            "BurnedInAnnotation",
            "RecognizableVisualFeatures",
            "SourceInstanceSequence",
            "DocumentTitle",
            "ConceptNameCodeSequence",
            "VerificationFlag",
            "MIMETypeOfEncapsulatedDocument",
            "EncapsulatedDocument",
            "EncapsulatedDocumentLength",
        ),
        "SOP Common": ("CodingSchemeIdentificationSequence",),
    },
}
"""By `records.ResultObject.kind`: the modules that its objects have besides, in the order of PS3.3 Annex A."""

_ARRIVED: Final = "when the image arrived; of objects about several, the last of them"
_NETWORK: Final = "of the network"

NOTES: Final = {
    "AlgorithmName": _NETWORK,
    "AlgorithmParameters": "SHA-256 of its weights; how was measured",
    "AlgorithmVersion": _NETWORK,
    "ContentDate": _ARRIVED,
    "ContentSequence": "[Annex B](#annex-b-content-of-structured-reports)",
    "ContentTime": _ARRIVED,
    "ContributingEquipmentSequence": "what acquired the source; the network",
    "ContributingEquipmentSequence.DeviceSerialNumber": "of the network as above",
    "ContributingEquipmentSequence.Manufacturer": "of the scanner; of the network as above",
    "ContributingEquipmentSequence.ManufacturerModelName": "of the scanner; name of the network",
    "ContributingEquipmentSequence.SoftwareVersions": "of the scanner; version of the network",
    "CurrentRequestedProcedureEvidenceSequence": "sources and segmentations",
    "DateOfSecondaryCapture": _ARRIVED,
    "DeviceSerialNumber": "beginning of the SHA-256 of the network's weights",
    "DeviceUID": "of the version of the network",
    "EncapsulatedDocument": "one page: picture, values, earlier indices",
    "GraphicData": "column, row, counted from the corner of the first pixel",
    "ICCProfile": "sRGB",
    "InstanceCreationDate": _ARRIVED,
    "InstanceCreationTime": _ARRIVED,
    "InstanceNumber": "that of the source; of a frame of a cine, 1000 times that and the number of the frame",
    "PixelSpacing": "as measured by; 1 where there is no calibration",
    "PredecessorDocumentsSequence": "every earlier report of the study",
    "PresentationCreationDate": _ARRIVED,
    "PresentationCreationTime": _ARRIVED,
    "ReferencedRequestSequence": "the order, as the source has it",
    "SOPClassUID": "[1.1](#11-content-and-transfer)",
    "SOPInstanceUID": "derived: [5.6](#56-across-services)",
    "SegmentAlgorithmName": _NETWORK,
    "SegmentSequence": "the table above",
    "TimeOfSecondaryCapture": _ARRIVED,
    "TrackingUID": "the same in report, segmentation and presentation state",
    "VerificationDateTime": _ARRIVED,
    "VerifyingObserverName": "`report.verifying_observer`",
    "VerifyingObserverSequence": "where `report.verifying_observer` is set",
    "VerifyingOrganization": "`report.verifying_organization`",
}
"""What the node puts into an attribute, where its name does not say it."""

NOTES_OF_KINDS: Final = {
    ("sr", "InstanceNumber"): "revision of the report, from 1",
    ("pdf", "InstanceNumber"): "revision of the report, from 1",
}
"""Where that depends on the kind of object."""


def module_of(keyword: str, kind: str) -> str:
    """Module of an attribute that is in no sequence; `OTHER` where nobody thought of it.

    Parameters
    ----------
    keyword
        Of the attribute.
    kind
        Of the object, as `records.ResultObject` has it; empty: whatever all objects have alike.
    """
    modules = OWN[kind] if kind else SHARED
    return next((name for name, keywords in modules.items() if keyword in keywords), OTHER)


def is_shared(keyword: str) -> bool:
    """Whether all objects have an attribute alike."""
    return module_of(keyword, "") != OTHER


def note_of(path: Sequence[str], kind: str) -> str:
    """What the node puts there, in words; empty where its name says it.

    Parameters
    ----------
    path
        Keywords of the sequences that it is in, and its own.
    kind
        Of the object, as `records.ResultObject` has it.
    """
    keyword = path[-1]
    return NOTES_OF_KINDS.get((kind, keyword)) or NOTES.get(".".join(path[-2:])) or NOTES.get(keyword, "")
