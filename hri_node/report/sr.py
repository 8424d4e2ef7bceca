"""The images of a study come in, its structured report goes out: Comprehensive 3D SR after TID 1500."""

from collections.abc import Sequence
from typing import Final

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import Comprehensive3DSR
from pydicom import Dataset
from pydicom.uid import Comprehensive3DSRStorage, SegmentationStorage

from hri_node.measure.types import Reason
from hri_node.report import codes
from hri_node.report.content import Relation, container
from hri_node.report.context import Predecessor
from hri_node.report.groups import failure_group, image_groups, not_measured, study_group
from hri_node.report.history import previous_findings
from hri_node.report.identity import Maker, finish
from hri_node.report.requests import referenced_requests
from hri_node.report.seg import segmentation_uid
from hri_node.report.source import Source, cite
from hri_node.report.templates import heading, image_library

SERIES_NUMBER: Final = 9102

_TEMPLATE: Final = "1500"


def measurement_report(sources: Sequence[Source], maker: Maker) -> Comprehensive3DSR:
    """Structured report of a study.

    Parameters
    ----------
    sources
        Its images, measured or not, in a fixed order. Of an image that was not measured the report has the reason;
        where none was, it has a group for the one that came nearest to an index.
    maker
        Who says so.
    """
    measured = [source for source in sources if source.measured]
    # The tree is put in afterwards: highdicom would copy and parse it, which takes longer than to build it.
    root = container(None, codes.IMAGING_MEASUREMENT_REPORT, [], _TEMPLATE)
    root.ContentSequence = []
    made = Comprehensive3DSR(
        evidence=[*_images(sources), *(_segmentation_reference(source, maker) for source in measured)],
        content=root,
        series_instance_uid=maker.series_uid("sr", sources[0]),
        series_number=SERIES_NUMBER,
        series_description="HRI report (research)",
        sop_instance_uid=maker.study_uid("sr", sources),
        instance_number=maker.context.revision,
        is_complete=True,
        is_final=maker.context.is_final,
        previous_versions=_predecessors(sources[0], maker),
        coding_schemes=[_private_scheme(maker)],
        contributing_equipment=maker.contributing(),
        **maker.equipment,
    )
    cite(made, {source.instance_uid: source for source in sources})
    made.ContentSequence = _content(sources, measured, maker)
    _answer(made, sources)
    _verify(made, sources[0], maker)
    finish(made, sources[0], maker.context.created)
    return made


def nearest_failure(sources: Sequence[Source]) -> Source:
    """Image that came nearest to an index: the one whose first reason is the latest in the order of `Reason`."""
    order = list(Reason)
    return max(sources, key=lambda source: order.index(Reason(source.result.reasons[0])))


def _content(sources: Sequence[Source], measured: Sequence[Source], maker: Maker) -> list[Dataset]:
    """Return what TID 1500 has under its root."""
    return [
        *heading(maker, sources[0].header),
        image_library(sources),
        container(Relation.CONTAINS, codes.IMAGING_MEASUREMENTS, _groups(sources, measured, maker)),
        *not_measured(source for source in sources if not source.measured),
        *previous_findings(maker.context.priors),
    ]


def _groups(sources: Sequence[Source], measured: Sequence[Source], maker: Maker) -> list[Dataset]:
    """Return the measurement groups in reading order: the study first."""
    priors = maker.context.priors
    if not measured:
        return [failure_group(nearest_failure(sources), maker, len(sources), priors)]
    if len(measured) == 1:
        return image_groups(measured[0], maker, priors)
    each = [group for source in measured for group in image_groups(source, maker)]
    return [study_group(measured, maker, priors), *each]


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
    return [_predecessor(replaced, source, maker) for replaced in maker.context.supersedes] or None


def _predecessor(replaced: Predecessor, source: Source, maker: Maker) -> Dataset:
    """Return as much of an earlier report as a document needs to name it."""
    previous = Dataset()
    previous.SOPClassUID = Comprehensive3DSRStorage
    previous.SOPInstanceUID = replaced.sop_instance_uid
    previous.StudyInstanceUID = source.study_uid
    previous.SeriesInstanceUID = replaced.series_instance_uid or maker.series_uid("sr", source)
    return previous


def _private_scheme(maker: Maker) -> CodingSchemeIdentificationItem:
    """Return the declaration of our own scheme."""
    scheme = CodingSchemeIdentificationItem(
        designator=codes.PRIVATE_SCHEME,
        name=codes.PRIVATE_SCHEME_NAME,
        version=codes.PRIVATE_SCHEME_VERSION,
        responsible_organization=maker.context.manufacturer,
    )
    scheme.CodingSchemeUID = codes.PRIVATE_SCHEME_UID  # highdicom has it for schemes of a registry only
    return scheme


def _answer(made: Dataset, sources: Sequence[Source]) -> None:
    """Name the requests that the report answers, where they are known (PS3.3 C.17.2)."""
    requests = referenced_requests(sources)
    if requests:
        made.ReferencedRequestSequence = requests


def _verify(made: Dataset, source: Source, maker: Maker) -> None:
    """Name who answers for the report, at the time it is made: highdicom would take the clock's (PS3.3 C.17.2)."""
    verifier = maker.context.verifier
    if not verifier:
        return
    observer = Dataset()
    observer.VerifyingObserverName = verifier.name
    observer.VerifyingOrganization = verifier.organization
    observer.VerificationDateTime = source.stamp(maker.context.created)
    observer.VerifyingObserverIdentificationCodeSequence = []  # type 2
    made.VerificationFlag, made.VerifyingObserverSequence = "VERIFIED", [observer]
