"""A self-test that is over comes in; its study leaves the node, and destinations are told not to show its results."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Final

import structlog
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, KeyObjectSelectionDocumentStorage

from hri_node.errors import HriError, PeerRefused, Refused, Unavailable
from hri_node.ledger.self_tests import Run, Seen
from hri_node.ledger.states import DeliveryState
from hri_node.node import Node
from hri_node.records import SELF_TEST_PATIENT_ID
from hri_node.self_test.names import fresh_uid
from hri_node.send.destination import Holding, Sent

LOOK_S: Final = 0.25

KEPT_FOR: Final = timedelta(days=1)
"""For so long a study stays that a person wanted to look at, and a note is offered to a destination that is away."""

BY_HAND: Final = f"whoever looks after it can delete the study of patient {SELF_TEST_PATIENT_ID}"

TAKEN: Final = frozenset({DeliveryState.COMMITTED, DeliveryState.VERIFIED, DeliveryState.DELIVERED})

log = structlog.get_logger()


def settle(node: Node, run: Run, until: float) -> None:
    """Let no further work on the study begin, and wait for what is under way.

    Parameters
    ----------
    node
        Its ledger.
    run
        The self-test.
    until
        Monotonic time, in seconds.

    Raises
    ------
    Unavailable
        When somebody is at it still.
    """
    while not node.ledger.set_aside_study(run.study_instance_uid, run.name, node.clock()):
        if time.monotonic() >= until:
            raise Unavailable("a worker is at it still: the node removes the study when that has ended")
        time.sleep(LOOK_S)


def owed_notes(node: Node, run: Run) -> Mapping[str, str]:
    """Spool keys of the rejection notes that are owed, by destination: to each that has taken something.

    Raises
    ------
    Unavailable
        When the spool cannot be read or written.
    """
    seen = node.ledger.seen_of(run.study_instance_uid)
    stored = {name: keys for name in run.stores if (keys := _stored(seen, name))} if seen else {}
    if not stored:
        return run.owed
    # Only whoever stored something pays for what makes notes: the janitor, as a rule, does not.
    written: dict[str, str] = import_module("hri_node.self_test.notes").write_notes(node, run, stored)
    return written


def send_note(node: Node, name: str, key: str) -> str:
    """Store a rejection note at a destination and have it proven; in words, what that changed.

    Raises
    ------
    HriError
        When it is not taken.
    """
    path = node.spool.file(key)
    ds = dcmread(path)
    note = Sent(KeyObjectSelectionDocumentStorage, str(ds.SOPInstanceUID), str(ds.StudyInstanceUID), "")
    note = replace(note, series_instance_uid=str(ds.SeriesInstanceUID))
    objects = [
        Sent(str(each.ReferencedSOPClassUID), str(each.ReferencedSOPInstanceUID), note.study_instance_uid, series)
        for item in ds.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        for series in [str(item.SeriesInstanceUID)]
        for each in item.ReferencedSOPSequence
    ]
    try:
        with node.destination(name).exchange([(KeyObjectSelectionDocumentStorage, ExplicitVRLittleEndian)]) as exchange:
            exchange.store(path)
            holdings = exchange.prove([note], fresh_uid(), overdue=True).holdings
            if holdings[note.sop_instance_uid] is Holding.ABSENT:
                raise Unavailable(f"{name} took the rejection note, but does not find it")
            left = exchange.prove(objects, fresh_uid(), overdue=True).holdings
    except PeerRefused as error:
        raise PeerRefused(f"{error}: {BY_HAND}") from error
    return _in_words(left)


def forget(node: Node, run: Run) -> str:
    """Remove the study from ledger and spool; in words, what was removed.

    Raises
    ------
    Unavailable
        When somebody is at it still, or the spool fails.
    """
    forgotten = node.ledger.forget_study(run.study_instance_uid, run.name, node.clock())
    if not forgotten.is_done:
        raise Unavailable("a worker is at it still: the node removes the study when that has ended")
    # Images and results hold UIDs of this study. Masks may be shared: where somebody has just measured the same pixels,
    # and is about to write so into the ledger, the study is measured again when it is reported.
    free, soon = set(forgotten.keys) - node.ledger.referenced(forgotten.keys), node.spool.now() + timedelta(seconds=1)
    removed = [key for key in free if node.spool.remove(key, soon)]
    node.auditor.deleted(run.study_instance_uid, SELF_TEST_PATIENT_ID)
    if left := node.ledger.seen_of(run.study_instance_uid):
        raise Unavailable(f"the ledger still has study {left.study.study_instance_uid}")
    files = "1 file" if len(removed) == 1 else f"{len(removed)} files"
    return f"The study, its results and deliveries are gone from the ledger, {files} from the spool."


def clean_up(node: Node, *, kept_too: bool = False) -> None:
    """Finish what self-tests left behind that were killed, or could not finish it themselves.

    Parameters
    ----------
    node
        Ledger, spool and destinations.
    kept_too
        Whether those go as well that a person wanted to look at, before their day is over.
    """
    for run in node.ledger.self_tests():
        now = node.clock()
        is_wanted = run.is_kept and not kept_too and now - run.began_at < KEPT_FOR
        if (run.is_forgotten and not run.owed) or run.is_under_way(now) or is_wanted:
            continue
        try:
            _finish(node, run, now)
        except (Refused, Unavailable) as error:
            log.warning("self_test_not_cleaned", self_test=run.name, reason=str(error))


def _finish(node: Node, run: Run, now: datetime) -> None:
    """End a self-test that did not end by itself, forget its study, and send the notes that are owed."""
    run = replace(run, ended_at=run.ended_at or now)
    if not run.is_forgotten:
        settle(node, run, time.monotonic())
        run = replace(run, owed=owed_notes(node, run))
        node.ledger.note_self_test(run)
        forget(node, run)
        run = replace(run, is_forgotten=True)
        node.ledger.note_self_test(run)
        log.info("self_test_cleaned", self_test=run.name)
    for name, key in list(run.owed.items()):
        try:
            send_note(node, name, key)
        except HriError as error:
            log.warning("rejection_note_not_stored", destination=name, reason=str(error))
            if isinstance(error, Unavailable) and now - run.began_at < KEPT_FOR:
                continue
        run = without_note(node, run, name)


def without_note(node: Node, run: Run, name: str) -> Run:
    """The self-test, which owes a destination no note any more; written down."""
    node.spool.remove(run.owed[name], node.spool.now() + timedelta(seconds=1))
    run = replace(run, owed={other: key for other, key in run.owed.items() if other != name})
    node.ledger.note_self_test(run)
    return run


def _stored(seen: Seen, name: str) -> list[str]:
    """Spool keys of what a destination has taken."""
    keys = {made.id: made.spool_key for made in seen.objects}
    towards = [row for row in seen.deliveries if row.destination == name]
    return [keys[row.object_id] for row in towards if row.state in TAKEN or row.stored_at]


def _in_words(left: Mapping[str, Holding]) -> str:
    states = set(left.values())
    if states <= {Holding.ABSENT}:
        return "It has the note, and shows the results no more."
    if Holding.PRESENT in states:
        return f"It has the note, and still shows the results: {BY_HAND}."
    return "It has the note; whether it still shows the results cannot be asked."
