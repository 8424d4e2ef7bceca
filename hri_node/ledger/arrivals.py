"""Instances whose bytes are safe come in, several at a time; their rows, and their studies' rows, go to the database.

These few statements run for every image of a hospital, so they are written for the database and not for the mapper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Insert, Row, RowMapping, Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hri_node.ledger.console_tables import WordRow
from hri_node.ledger.states import Addition, InstanceState, StudyState
from hri_node.ledger.tables import ConflictRow, InstanceRow, OpenAssociationRow, StudyRow
from hri_node.ledger.words import WordKind, study_words
from hri_node.records import Instance

INSTANCE, STUDY, CONFLICT, OPEN_ASSOCIATION, WORD = (
    cast("Table", row.__table__) for row in (InstanceRow, StudyRow, ConflictRow, OpenAssociationRow, WordRow)
)

REOPENED = ("state", "last_received_at", "quiet_until", "forced_at", "lease_until", "running_since", "attempts")
"""What a further instance changes of its study: it is open again, whatever became of it."""

KNOWN = select(INSTANCE.c.sop_instance_uid, INSTANCE.c.id, INSTANCE.c.sha256, INSTANCE.c.removed_at).where(
    INSTANCE.c.sop_instance_uid.in_(bindparam("uids", expanding=True))
)

KEPT = select(CONFLICT.c.id).where(
    CONFLICT.c.instance_id == bindparam("instance_id"), CONFLICT.c.sha256 == bindparam("sha256")
)

ADD = insert(INSTANCE)

RESTORE = update(INSTANCE).where(INSTANCE.c.sop_instance_uid == bindparam("uid")).values(removed_at=None)

REJUVENATE = (
    update(STUDY).where(STUDY.c.study_instance_uid == bindparam("uid")).values(last_received_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An instance, why it will not be measured (or None), and how long its study must be quiet from here on."""

    instance: Instance
    skip: str | None
    quiet_s: float


def add_arrivals(connection: Connection, arrivals: Sequence[Arrival]) -> Sequence[Addition]:
    """What adding each of them found; part of the caller's transaction.

    Parameters
    ----------
    connection
        In a transaction that writes.
    arrivals
        In the order of their arrival; the same instance may be among them twice.

    Raises
    ------
    IntegrityError
        When another process added one of them, or its study, at the same time: the transaction is to be repeated.
    """
    found: list[Addition] = []
    while len(found) < len(arrivals):
        found += _add_different(connection, _different(arrivals[len(found) :]))
    return found


def _different(arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    """The first ones, up to where an instance comes again."""
    seen: set[str] = set()
    for count, arrival in enumerate(arrivals):
        if arrival.instance.sop_instance_uid in seen:
            return arrivals[:count]
        seen.add(arrival.instance.sop_instance_uid)
    return arrivals


def _add_different(connection: Connection, arrivals: Sequence[Arrival]) -> list[Addition]:
    """Add instances, none of them twice."""
    uids = [arrival.instance.sop_instance_uid for arrival in arrivals]
    known = {row["sop_instance_uid"]: row for row in connection.execute(KNOWN, {"uids": uids}).mappings()}
    fresh = [arrival for arrival in arrivals if arrival.instance.sop_instance_uid not in known]
    back = [arrival for arrival in arrivals if _is_back(known.get(arrival.instance.sop_instance_uid), arrival.instance)]
    studies = _touch_studies(connection, fresh, back)
    if fresh:
        connection.execute(ADD, [_instance_row(arrival, studies) for arrival in fresh])
        _note_associations(connection, fresh, studies)
    for arrival in back:
        connection.execute(RESTORE, {"uid": arrival.instance.sop_instance_uid})
    return [
        _add_again(connection, row, arrival.instance)
        if (row := known.get(arrival.instance.sop_instance_uid))
        else Addition.NEW
        for arrival in arrivals
    ]


def _is_back(row: RowMapping | None, instance: Instance) -> bool:
    """Whether retention had removed it: it is here again, for another term."""
    return row is not None and row["sha256"] == instance.sha256 and row["removed_at"] is not None


def _touch_studies(connection: Connection, fresh: Sequence[Arrival], back: Sequence[Arrival]) -> dict[str, int]:
    """Id of each study that got a new instance, which is open again from now on; one that got one back is younger.

    Everybody locks studies in the same order: two processes never wait for each other (PostgreSQL).
    """
    new = {arrival.instance.study_instance_uid: arrival for arrival in fresh}
    old = {arrival.instance.study_instance_uid: arrival for arrival in back} if back else {}
    upsert = _upsert_study(connection.dialect.name)
    ids: dict[str, int] = {}
    words = []
    for uid in sorted({*new, *old}):
        if uid in new:
            study = connection.execute(upsert, _study_row(new[uid])).one()
            ids[uid] = study.id
            words += _words_to_add(new[uid].instance, study)
        else:
            connection.execute(REJUVENATE, {"uid": uid, "now": old[uid].instance.received_at})
    if words:
        connection.execute(_insert(connection.dialect.name, WORD).on_conflict_do_nothing(), words)
    return ids


def _words_to_add(instance: Instance, study: Row[Any]) -> list[dict[str, Any]]:
    """What a study is found by, where it has only just come; where another sender joins in, that one."""
    calling, is_new = instance.origin.calling, study.first_received_at == instance.received_at
    found = [(WordKind.SENDER, calling)] if is_new or calling != study.calling_ae_title else []
    if is_new:
        found += study_words(instance.patient_name, instance.patient_id, instance.accession_number)
    return [{"study_id": study.id, "kind": str(kind), "word": word} for kind, word in found if word]


def _note_associations(connection: Connection, arrivals: Iterable[Arrival], studies: dict[str, int]) -> None:
    """Say over which associations that are open studies come in."""
    open_ones = {
        (arrival.instance.origin.association, studies[arrival.instance.study_instance_uid]): arrival
        for arrival in arrivals
        if arrival.instance.origin.association
    }
    if rows := [
        {"association": association, "study_id": study_id, "seen_at": arrival.instance.received_at}
        for (association, study_id), arrival in sorted(open_ones.items(), key=lambda item: item[0])
    ]:
        connection.execute(_upsert_association(connection.dialect.name), rows)


def _add_again(connection: Connection, row: RowMapping, instance: Instance) -> Addition:
    """A repetition is one row; other content under the same UID is kept beside the first."""
    if row["sha256"] == instance.sha256:
        return Addition.SAME
    key = {"instance_id": row["id"], "sha256": instance.sha256}
    if connection.execute(KEPT, key).first() is None:
        values = key | {
            "spool_key": instance.spool_key,
            "received_at": instance.received_at,
            "calling_ae_title": instance.origin.calling,
        }
        connection.execute(insert(CONFLICT), values)
    return Addition.CONFLICT


@cache
def _upsert_study(dialect: str) -> Insert:
    statement = _insert(dialect, STUDY)
    changed = {name: statement.excluded[name] for name in REOPENED}
    key = [STUDY.c.study_instance_uid]
    known = STUDY.c.id, STUDY.c.first_received_at, STUDY.c.calling_ae_title
    upsert: Insert = statement.on_conflict_do_update(index_elements=key, set_=changed).returning(*known)
    return upsert


@cache
def _upsert_association(dialect: str) -> Insert:
    statement = _insert(dialect, OPEN_ASSOCIATION)
    keys = [OPEN_ASSOCIATION.c.association, OPEN_ASSOCIATION.c.study_id]
    changed = {"seen_at": statement.excluded.seen_at}
    upsert: Insert = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return upsert


def _insert(dialect: str, table: Table) -> Any:  # noqa: ANN401 - two classes that differ in name only
    """INSERT that may go on with ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _study_row(arrival: Arrival) -> dict[str, Any]:
    instance = arrival.instance
    return {
        "study_instance_uid": instance.study_instance_uid,
        "patient_id": instance.patient_id,
        "patient_name": instance.patient_name,
        "accession_number": instance.accession_number,
        "study_date": instance.study_date,
        "study_time": instance.study_time,
        "patient_birth_date": instance.patient_birth_date,
        "issuer_of_patient_id": instance.issuer_of_patient_id,
        "calling_ae_title": instance.origin.calling,
        "first_received_at": instance.received_at,
        "last_received_at": instance.received_at,
        "quiet_until": instance.received_at + timedelta(seconds=arrival.quiet_s),
        "forced_at": None,
        "state": StudyState.OPEN,
        "attempts": 0,
        "lease_until": None,
        "running_since": None,
        "finished_at": None,
        "detail": "",
        "revision": 0,
        "inputs": "",
        "hri": None,
        "algorithm": "",
    }


def _instance_row(arrival: Arrival, studies: dict[str, int]) -> dict[str, Any]:
    instance, skip = arrival.instance, arrival.skip
    return {
        "sop_instance_uid": instance.sop_instance_uid,
        "study_id": studies[instance.study_instance_uid],
        "series_instance_uid": instance.series_instance_uid,
        "sop_class_uid": instance.sop_class_uid,
        "transfer_syntax_uid": instance.transfer_syntax_uid,
        "modality": instance.modality,
        "station_name": instance.station_name,
        "state": InstanceState.SKIPPED if skip else InstanceState.WAITING,
        "reason": skip or "",
        "finished_at": instance.received_at if skip else None,
        "spool_key": instance.spool_key,
        "size_bytes": instance.size_bytes,
        "sha256": instance.sha256,
        "received_at": instance.received_at,
        "calling_ae_title": instance.origin.calling,
        "called_ae_title": instance.origin.called,
        "address": instance.origin.address,
        "service": instance.origin.service,
        "attempts": 0,
        "detail": "",
        "device_uid": "",
    }
