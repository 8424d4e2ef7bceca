"""The images of a study come in, its structured report goes out: Comprehensive 3D SR after TID 1500."""

from collections.abc import Sequence
from typing import Final

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import (
    CodedConcept,
    Comprehensive3DSR,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
)
from pydicom import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import Comprehensive3DSRStorage, SegmentationStorage

from hri_node import __version__
from hri_node.measure.types import Reason
from hri_node.report import codes
from hri_node.report.context import MODEL_NAME
from hri_node.report.groups import Group, failure_group, image_groups, study_group
from hri_node.report.identity import Maker, finish
from hri_node.report.seg import segmentation_uid
from hri_node.report.source import Source, cite

SERIES_NUMBER: Final = 9102

_CODE_VALUE_LENGTH_MAX: Final = 16
_CODE_MEANING_LENGTH_MAX: Final = 64
"""PS3.5 6.2, value representations SH and LO."""


def measurement_report(sources: Sequence[Source], maker: Maker) -> Comprehensive3DSR:
    """Structured report of a study.

    Parameters
    ----------
    sources
        Its images, measured or not, in a fixed order. An image that was not measured appears in the image library
        only, unless none was: then the report says why the nearest one failed.
    maker
        Who says so.
    """
    measured = [source for source in sources if source.measured]
    root = _content(sources, measured, maker)[0]
    # The tree is put in afterwards: highdicom would copy and parse it once more, which takes as long as building it.
    tree, root.ContentSequence = root.ContentSequence, ContentSequence()
    made = Comprehensive3DSR(
        evidence=[*_images(sources), *(_segmentation_reference(source, maker) for source in measured)],
        content=root,
        series_instance_uid=maker.series_uid("sr", sources[0]),
        series_number=SERIES_NUMBER,
        series_description="HRI report (research)",
        sop_instance_uid=maker.study_uid("sr", sources),
        instance_number=maker.context.revision,
        is_complete=True,
        is_final=False,
        is_verified=False,
        previous_versions=_predecessors(sources[0], maker),
        coding_schemes=[_private_scheme(maker)],
        contributing_equipment=maker.contributing(),
        **maker.equipment,
    )
    made.ContentSequence = tree
    _blank_failed_values(made)
    cite(made, {source.instance_uid: source for source in sources})
    finish(made, sources[0], maker.context.created)
    return made


def nearest_failure(sources: Sequence[Source]) -> Source:
    """Image that came nearest to an index: the one whose first reason is the latest in the order of `Reason`."""
    order = list(Reason)
    return max(sources, key=lambda source: order.index(Reason(source.result.reasons[0])))


def _content(sources: Sequence[Source], measured: Sequence[Source], maker: Maker) -> MeasurementReport:
    """Return TID 1500 Measurement Report."""
    return MeasurementReport(
        observation_context=_observer(maker),
        procedure_reported=_procedures(sources[0].header),
        imaging_measurements=_groups(sources, measured, maker),
        title=codes.IMAGING_MEASUREMENT_REPORT,
        referenced_images=_images(sources),
    )


def _groups(sources: Sequence[Source], measured: Sequence[Source], maker: Maker) -> list[Group]:
    """Return the measurement groups in reading order: the study first."""
    if not measured:
        return [failure_group(nearest_failure(sources), maker, len(sources))]
    whole = [study_group(measured, maker)] if len(measured) > 1 else []
    return [*whole, *(group for source in measured for group in image_groups(source, maker))]


def _images(sources: Sequence[Source]) -> list[Dataset]:
    """Return each source instance once, however many of its frames were looked at."""
    return list({source.instance_uid: source.proxy for source in sources}.values())


def _segmentation_reference(source: Source, maker: Maker) -> Dataset:
    """Return as much of the SEG as a document needs to cite it."""
    reference = Dataset()
    reference.SOPClassUID = SegmentationStorage
    reference.SOPInstanceUID = segmentation_uid(source, maker)
    reference.StudyInstanceUID = source.study_uid
    reference.SeriesInstanceUID = maker.series_uid("seg", source)
    return reference


def _predecessors(source: Source, maker: Maker) -> list[Dataset] | None:
    """Return the reports that this revision replaces (PS3.3 C.17.2)."""
    return [_predecessor(uid, source, maker) for uid in maker.context.supersedes] or None


def _predecessor(sop_instance_uid: str, source: Source, maker: Maker) -> Dataset:
    """Return as much of an earlier report as a document needs to name it."""
    previous = Dataset()
    previous.SOPClassUID = Comprehensive3DSRStorage
    previous.SOPInstanceUID = sop_instance_uid
    previous.StudyInstanceUID = source.study_uid
    previous.SeriesInstanceUID = maker.series_uid("sr", source)
    return previous


def _observer(maker: Maker) -> ObservationContext:
    """Return TID 1001 with the network as device observer."""
    attributes = DeviceObserverIdentifyingAttributes(
        uid=maker.algorithm.device_uid,
        name=maker.algorithm.name,
        manufacturer_name=maker.context.manufacturer,
        model_name=f"{MODEL_NAME} {__version__}",
        serial_number=maker.serial_number,
    )
    device = ObserverContext(
        observer_type=CodedConcept.from_code(codes.DEVICE), observer_identifying_attributes=attributes
    )
    return ObservationContext(observer_device_context=device)


def _procedures(header: Dataset) -> list[Code | CodedConcept]:
    """Return the procedures that the source names: the imaging, not our analysis of it (IHE AIR)."""
    named = [_code(item) for item in header.get("ProcedureCodeSequence") or ()]
    return [code for code in named if code] or [codes.ULTRASOUND_OF_ABDOMEN]


def _code(item: Dataset) -> Code | None:
    """Return a basic coded entry (PS3.3 table 8.8-1a) where it is complete."""
    value, scheme, meaning = (
        str(item.get(keyword) or "") for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    )
    complete = value and scheme and meaning
    fits = len(value) <= _CODE_VALUE_LENGTH_MAX and len(meaning) <= _CODE_MEANING_LENGTH_MAX
    return Code(value, scheme, meaning, item.get("CodingSchemeVersion")) if complete and fits else None


def _private_scheme(maker: Maker) -> CodingSchemeIdentificationItem:
    """Return the declaration of our own scheme."""
    return CodingSchemeIdentificationItem(
        designator=codes.PRIVATE_SCHEME,
        name="hri-node private codes",
        version="1",
        responsible_organization=maker.context.manufacturer,
    )


def _blank_failed_values(made: Dataset) -> None:
    """Empty the Measured Value Sequence of every NUM that is qualified as failed (PS3.3 C.18.1)."""
    groups = made.ContentSequence[-1].ContentSequence
    for item in (item for group in groups for item in group.ContentSequence):
        if "NumericValueQualifierCodeSequence" in item:
            item.MeasuredValueSequence = []
