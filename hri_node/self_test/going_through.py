"""A study that came in is waited for; whether it is measured as its phantoms were made, and reported, goes out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread

from hri_node.errors import PeerRefused, Unavailable, Unreadable
from hri_node.ledger.self_tests import Seen
from hri_node.ledger.states import InstanceState, Queue, StudyState
from hri_node.ledger.tables import InstanceRow, ObjectRow
from hri_node.node import Node
from hri_node.records import FrameResult
from hri_node.report import codes
from hri_node.self_test.images import Image
from hri_node.self_test.patience import Patience

SEGMENTS: Final = 4
"""Liver, right kidney, and the region of each."""

HRI_TOLERANCE: Final = 0.0005
"""A report states the index with three decimals."""

FAULTS: Final = (AttributeError, LookupError, NotImplementedError, OSError, RuntimeError, TypeError, ValueError)
"""What pydicom raises on objects that are none."""


def measured(node: Node, patience: Patience, images: Sequence[Image], study_instance_uid: str) -> str:
    """Wait until the images are measured, and compare what was found with the truth; in words, how that went.

    Raises
    ------
    HriError
        When one is not measured, or not as it should be.
    """

    def look() -> Seen | None:
        seen = node.ledger.seen_of(study_instance_uid)
        if seen is None:
            raise Unavailable("the study is gone from the ledger")
        for row in seen.instances:
            _refuse_failed(row)
        is_done = {row.sop_instance_uid for row in seen.instances if row.state == InstanceState.MEASURED}
        return seen if {image.sop_instance_uid for image in images} <= is_done else None

    seen = patience.wait(Queue.MEASURE, look)
    found = {row.sop_instance_uid: frame.result for row, frame in node.ledger.reportable(seen.study.id)}
    return " ".join(_compared(found[image.sop_instance_uid], image) for image in images)


def reported(node: Node, patience: Patience, images: Sequence[Image], study_instance_uid: str) -> str:
    """Wait until the study is reported, and read every object that was made; in words, what there is.

    Raises
    ------
    HriError
        When it is not reported, or an object is missing, unreadable or says something else.
    """

    def look() -> Seen | None:
        seen = node.ledger.seen_of(study_instance_uid)
        if seen and seen.study.state in {StudyState.FAILED, StudyState.DISCARDED}:
            raise PeerRefused(f"reporting was given up: {seen.study.detail or seen.study.state}")
        return seen if seen and seen.study.state == StudyState.REPORTED else None

    seen = patience.wait(Queue.REPORT, look)
    kinds = [made.kind for made in seen.current]
    for kind, count in (("sr", 1), ("seg", len(images)), ("sc", len(images))):
        if kinds.count(kind) != count:
            raise Unavailable(f"the report has {kinds.count(kind)} objects of kind {kind}, {count} needed")
    indices = [row.hri for row in seen.instances if row.hri is not None]
    for made in seen.current:
        _check_object(made, node.spool.file(made.spool_key), indices)
    size = sum(made.size_bytes for made in seen.current)
    return f"{_counted(kinds)} made and readable, {size / 1024:,.0f} KiB; the SR says what was measured."


def _refuse_failed(row: InstanceRow) -> None:
    """Raise where an image will never be measured."""
    if row.state == InstanceState.NOT_MEASURABLE:
        raise PeerRefused(f"the phantom was found not measurable ({row.reason}): is another network in use?")
    if row.state not in {InstanceState.WAITING, InstanceState.MEASURED}:
        raise PeerRefused(f"an image is {row.state}: {row.detail or row.reason or 'no reason is known'}")


def _compared(result: FrameResult, image: Image) -> str:
    """An index beside the one that the phantom was made with.

    Raises
    ------
    Unavailable
        When that lies outside the interval that was found.
    """
    assert result.hri is not None, "it is measured"
    low, high = result.hri_interval or (result.hri, result.hri)
    words = f"HRI {result.hri:.2f} ({low:.2f} to {high:.2f}), made with {image.hri:.2f}"
    if not low <= image.hri <= high:
        raise Unavailable(f"{words}: outside the interval")
    return f"{words}."


def _check_object(made: ObjectRow, path: Path, indices: Sequence[float]) -> None:
    """Raise where an object is not what it should be."""
    try:
        ds = dcmread(path)
        if str(ds.SOPInstanceUID) != made.sop_instance_uid:
            raise Unreadable(f"the {made.kind} in the spool is another object than the ledger says")
        if made.kind == "sr":
            _check_report(ds, indices)
        elif made.kind == "seg" and len(ds.SegmentSequence) != SEGMENTS:
            raise Unreadable(f"the SEG has {len(ds.SegmentSequence)} segments, {SEGMENTS} needed")
        elif made.kind in {"seg", "sc"} and not ds.pixel_array.any():
            raise Unreadable(f"the {made.kind} shows nothing")
    except FAULTS as error:
        raise Unreadable(f"the {made.kind} cannot be read: {type(error).__name__}") from error


def _check_report(ds: Dataset, indices: Sequence[float]) -> None:
    told = list(_indices(ds))
    for hri in indices:
        if not any(abs(hri - each) <= HRI_TOLERANCE for each in told):
            raise Unreadable(f"the SR does not say the index {hri:.3f} that was measured")


def _indices(item: Dataset) -> Iterator[float]:
    """Every hepatorenal index in a content tree."""
    wanted = codes.HEPATORENAL_INDEX
    for child in item.get("ContentSequence", []):
        name = child.get("ConceptNameCodeSequence")
        if name and (name[0].CodeValue, name[0].CodingSchemeDesignator) == (wanted.value, wanted.scheme_designator):
            for value in child.get("MeasuredValueSequence", []):
                yield float(value.NumericValue)
        yield from _indices(child)


def _counted(kinds: Sequence[str]) -> str:
    """Such as ``1 SR, 2 SEG``."""
    return ", ".join(f"{kinds.count(kind)} {kind.upper()}" for kind in dict.fromkeys(kinds))
