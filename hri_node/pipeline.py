"""The whole way on one page: an instance is measured, a study reported, an object delivered.

Each step may run twice without harm: results replace themselves, derived UIDs name the same objects, and a peer that is
sent an object again stores it once.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import structlog

from hri_node import __version__
from hri_node import masks as mask_files
from hri_node.cine import chosen_frame, spread
from hri_node.commitment import Keeper
from hri_node.delivering import Batch
from hri_node.errors import PeerUnavailable, Unreadable
from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.states import InstanceState, Queue
from hri_node.ledger.studies import StudyReport
from hri_node.ledger.tables import InstanceRow, StudyRow
from hri_node.measure.summary import study_hri
from hri_node.measure.types import Outcome
from hri_node.measuring import Source, in_words, measure_source
from hri_node.node import Node
from hri_node.read.frames import frame_count, read_frames
from hri_node.records import Algorithm, MeasuredImage, PriorIndex, ResultObject
from hri_node.report.build import report_objects
from hri_node.report.context import Predecessor, ReportContext
from hri_node.reporting import first_context
from hri_node.routing import RoutedStudy
from hri_node.send import commitment_answer
from hri_node.spool import SpoolEntry

log = structlog.get_logger()

Made = tuple[tuple[ResultObject, SpoolEntry, tuple[str, ...]], ...]
"""Objects, where they lie, and which destinations they go to."""


BATCH_MAX = 50
"""Objects that go over one association: few enough to end well within a lease."""


def measure_instance(node: Node, instance_id: int) -> None:
    """Measure what arrived; the result is rows of the ledger and one PNG of masks in the spool.

    Raises
    ------
    Unavailable
        When spool or ledger do not answer: to be tried again.
    Misconfigured
        When the network cannot be loaded.
    """
    row = node.ledger.instance(instance_id)
    try:
        outcome = _look_at_frames(node, row)
    except Unreadable as error:
        device_uid = node.segmenter.algorithm.device_uid
        outcome = InstanceOutcome(InstanceState.REFUSED, device_uid, "unreadable", str(error))
    node.ledger.record_outcome(instance_id, outcome, node.clock())
    log.info("measured", sop_instance_uid=row.sop_instance_uid, state=outcome.state, reason=outcome.reason)


def report_study(node: Node, study_id: int) -> None:
    """Make and record the report of a quiet study: SR, SEG and picture, owed to every destination.

    Raises
    ------
    Unavailable
        When spool or ledger do not answer: to be tried again.
    """
    study = node.ledger.study(study_id)
    looked_at = node.ledger.reportable(study_id)
    outdated = _of_another_model(looked_at) or _without_masks(node, looked_at)
    if outdated:
        node.ledger.retry([f"measure-{instance_id}" for instance_id in outdated], node.clock())
        return
    images = [_image(node, row, frame) for row, frame in looked_at]
    values = [image.result.hri for image in images if image.result.hri is not None]
    is_wanted = bool(values) or (bool(images) and node.settings.report.not_measurable)
    priors = node.ledger.priors(study_id) if node.settings.report.history else ()
    inputs = _inputs(node, images, priors)
    context = _context(node, study, images, inputs, priors) if is_wanted else None
    made = _make_objects(node, images, context, _routed(looked_at)) if context else ()
    hri = study_hri(values) if values else None
    algorithm = "{name} {version}".format(**images[0].result.model) if images else ""
    report = StudyReport(study.last_received_at, inputs, made, hri, algorithm)
    is_recorded = node.ledger.record_report(study_id, report, node.clock())
    log.info("reported", study_instance_uid=study.study_instance_uid, objects=len(made), recorded=is_recorded)


def deliver(node: Node, delivery_id: int) -> None:
    """Bring one object, and what else is due there, to its destination and have it proven that it is kept.

    Raises
    ------
    Unavailable
        When the ledger does not answer: to be tried again.
    """
    owed = node.ledger.begin_batch(delivery_id, node.clock(), BATCH_MAX)
    if not owed:
        return
    batch = Batch(owed, node.spool.file, node.patience, node.clock)
    for intended in batch.intended():
        node.auditor.exporting(node.parties(batch.destination), intended)
    batch.bring(node.destination, node.ledger.expect_commitment)
    node.ledger.record_attempts(batch.attempts)
    _note_contact(node, batch)
    for transfer, trouble in batch.transfers():
        node.auditor.exported(node.parties(batch.destination), transfer, trouble)
    for owed_id, attempt in batch.attempts.items():
        log.info("delivery", destination=batch.destination, job=owed_id, state=attempt.state, why=attempt.detail)


def answer_commitment(node: Node, commitment_id: int) -> None:
    """Tell a scanner that asked for storage commitment, and has hung up since, what is safe here.

    Raises
    ------
    Unavailable
        When the ledger does not answer: to be tried again.
    """
    request = node.ledger.commitment(commitment_id)
    keeper, scanner, now = Keeper(node.ledger, node.spool), node.scanner_peer(request.calling), node.clock()
    try:
        state = commitment_answer.answer_commitment(keeper, commitment_id, scanner, now, node.patience.answer_s)
    except PeerUnavailable as error:
        pause = node.patience.pause_after(now - node.ledger.commitment_asked_at(commitment_id))
        node.ledger.postpone(Queue.COMMITMENT, commitment_id, node.clock() + pause, str(error))
    else:
        log.info("commitment", transaction_uid=request.transaction_uid, state=state)


def _note_contact(node: Node, batch: Batch) -> None:
    """Leave a destination that cannot be reached alone for a while, whatever else it is owed."""
    now = node.clock()
    if batch.outage:
        pause = node.patience.pause(node.ledger.failures(batch.destination) + 1)
        node.ledger.note_outage(batch.destination, batch.outage, now, now + pause)
    elif batch.is_answered:
        node.ledger.note_answer(batch.destination, now)


def _look_at_frames(node: Node, row: InstanceRow) -> InstanceOutcome:
    """Measure the frames of an instance; of a cine, one of its best stands for all."""
    source = Source(row.sop_instance_uid, row.sop_instance_uid, node.spool.file(row.spool_key))
    numbers = spread(frame_count(source.path), node.settings.measure.frames_per_instance_max)
    looked = measure_source(source, numbers, (node.segmenter, node.measure_options))
    # Only one frame's masks are kept, but which one is known at the end: as PNGs, hundreds fit into memory.
    found = [(each.result, mask_files.to_png(each.masks)) for each in looked]
    chosen = chosen_frame([result for result, _ in found])
    entry = node.spool.write("masks", found[chosen][1], ".png")
    result = found[chosen][0]
    is_measured = result.outcome == Outcome.MEASURED
    return InstanceOutcome(
        state=InstanceState.MEASURED if is_measured else InstanceState.NOT_MEASURABLE,
        device_uid=result.model["device_uid"],
        reason="" if is_measured else result.reasons[0],
        frame_number=result.frame_number,
        hri=result.hri,
        frames=tuple(MeasuredFrame(each, entry.key if each is result else "") for each, _ in found),
    )


def _of_another_model(looked_at: Sequence[tuple[InstanceRow, MeasuredFrame]]) -> list[int]:
    """Ids of instances that another version of the network measured than the last one: one report names one version."""
    if not looked_at:
        return []
    latest = max((row for row, _ in looked_at), key=lambda row: (row.finished_at, row.id))
    return [row.id for row, _ in looked_at if row.device_uid != latest.device_uid]


def _without_masks(node: Node, looked_at: Sequence[tuple[InstanceRow, MeasuredFrame]]) -> list[int]:
    """Ids of instances that came again after retention had removed them, and their masks with them."""
    path = node.spool.path
    return [row.id for row, frame in looked_at if path(row.spool_key).is_file() and not path(frame.masks_key).is_file()]


def _image(node: Node, row: InstanceRow, frame: MeasuredFrame) -> MeasuredImage:
    """An image dated by its arrival, which, unlike the time of measuring, is the same whenever it is measured again."""
    path = node.spool.file(row.spool_key)
    pixels = next(iter(read_frames(path, [frame.result.frame_number])))
    masks = mask_files.from_png(node.spool.read(frame.masks_key))
    return MeasuredImage(path, frame.result, masks, pixels, row.received_at)


def _make_objects(node: Node, images: Sequence[MeasuredImage], context: ReportContext, study: RoutedStudy) -> Made:
    """The study's objects, safe in the spool, each with its destinations."""
    objects = report_objects(images, Algorithm(**images[0].result.model), context)
    return tuple(
        (made, node.spool.write("results", made.data, ".dcm"), node.destinations_for(made.kind, study))
        for made in objects
    )


def _routed(looked_at: Sequence[tuple[InstanceRow, MeasuredFrame]]) -> RoutedStudy:
    """What the rules of the destinations look at."""
    rows = [row for row, _ in looked_at]
    return RoutedStudy(
        calling=frozenset(row.calling_ae_title for row in rows),
        stations=frozenset(row.station_name for row in rows),
        modalities=frozenset(row.modality for row in rows),
        outcome="measured" if any(row.hri is not None for row in rows) else "not_measurable",
    )


def _context(
    node: Node, study: StudyRow, images: Sequence[MeasuredImage], inputs: str, priors: tuple[PriorIndex, ...]
) -> ReportContext:
    """What identifies this report: the same inputs are the same revision, however often they are reported."""
    revision = study.revision if inputs == study.inputs else study.revision + 1
    # A report whose images retention removed stays in force: this one cannot say again what it says.
    made_before = [made for made in node.ledger.objects(study.id) if made.revision < revision and not made.removed_at]
    reports = [made for made in made_before if made.kind == "sr"]
    created = max(image.measured_at for image in images if image.measured_at)
    return replace(
        first_context(node.settings.report, node.measure_options, created),
        revision=revision,
        supersedes=tuple(Predecessor(made.sop_instance_uid, made.series_instance_uid) for made in reversed(reports)),
        priors=priors,
    )


def _inputs(node: Node, images: Sequence[MeasuredImage], priors: Sequence[PriorIndex]) -> str:
    """SHA-256 of all that a report's content follows from, this program's version among it."""
    results = [{**image.result.to_json(), "timing_ms": None} for image in images]
    when = {"study_quiet_s", "not_measurable"}
    choices = [__version__, in_words(node.measure_options), node.settings.report.model_dump(exclude=when)]
    earlier = [asdict(prior) for prior in priors]
    return hashlib.sha256(json.dumps([choices, results, earlier], sort_keys=True).encode()).hexdigest()
