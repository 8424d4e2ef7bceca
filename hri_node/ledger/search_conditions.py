"""What is looked for comes in, conditions go out: each a test of one study, and a question for all that may fit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text

from hri_node.ledger.console_tables import WordRow
from hri_node.ledger.indexes import UNDELIVERED
from hri_node.ledger.search_query import TEXT_LENGTH_MAX, WORDS_MAX, Delivered, StudyQuery
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow
from hri_node.ledger.words import WordKind, end_of, identifier_word, name_words

UID: Final = re.compile(r"[0-9]+(\.[0-9]+){2,}")
"""What nobody would type for anything else."""

DELIVERY_STATES: Final = {Delivered.FAILED: ("failed", "refused"), Delivered.WAITING: ("waiting",)}


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the things that are looked for.

    Attributes
    ----------
    test
        Whether a study fulfils it. Columns that have an index are wrapped: SQLite, which knows nothing of how many rows
        have a value, would take the index and sort half the ledger.
    candidates
        Questions for ids, among whose answers all studies are that fulfil it; none: it can only be tested.
    """

    test: ColumnElement[bool]
    candidates: tuple[Select[int], ...] = ()


def conditions_of(query: StudyQuery) -> list[Condition] | None:
    """Conditions that all must hold; None where something was typed that nothing can be found by.

    Parameters
    ----------
    query
        What is looked for.
    """
    found: list[Condition] = []
    kinds = (WordKind.NAME, WordKind.PATIENT_ID) if query.by_name else (WordKind.PATIENT_ID,)
    asked = (
        (query.text, (*kinds, WordKind.ACCESSION)),
        (query.patient, kinds),
        (query.accession, (WordKind.ACCESSION,)),
    )
    for typed, chosen in asked:
        for word in typed[:TEXT_LENGTH_MAX].split()[:WORDS_MAX]:
            condition = _by_uid(word) if chosen is asked[0][1] and UID.fullmatch(word) else _by_word(word, chosen)
            if condition is None:
                return None
            found.append(condition)
    return [*found, *_by_choice(query)]


def _by_word(typed: str, kinds: Sequence[WordKind]) -> Condition | None:
    """What begins a word of some kinds; a name of two parts begins two words."""
    parts, whole = name_words(typed), identifier_word(typed)
    if not parts:
        return None
    tests: list[ColumnElement[bool]] = []
    candidates = []
    for kind in kinds:
        beginnings = parts if kind is WordKind.NAME else [whole]
        tests.append(and_(*(_has_word(kind, beginning) for beginning in beginnings)))
        candidates.append(_studies_with(kind, max(beginnings, key=len)))
    return Condition(or_(*tests), tuple(candidates))


def _begins(kind: WordKind, beginning: str) -> ColumnElement[bool]:
    is_so = and_(WordRow.word >= beginning, WordRow.word < end_of(beginning))
    return and_(WordRow.kind == kind.value, is_so)


def _has_word(kind: WordKind, beginning: str) -> ColumnElement[bool]:
    return exists().where(WordRow.study_id == StudyRow.id, _begins(kind, beginning)).correlate(StudyRow)


def _studies_with(kind: WordKind, beginning: str) -> Select[int]:
    return select(WordRow.study_id).where(_begins(kind, beginning))


def _by_uid(uid: str) -> Condition:
    """A study by its own UID, or by that of an image or a result."""
    candidates = (
        select(StudyRow.id).where(StudyRow.study_instance_uid == uid),
        select(InstanceRow.study_id).where(InstanceRow.sop_instance_uid == uid),
        select(ObjectRow.study_id).where(ObjectRow.sop_instance_uid == uid),
    )
    return Condition(or_(*(StudyRow.id.in_(each) for each in candidates)), candidates)


def _by_choice(query: StudyQuery) -> list[Condition]:
    """What is chosen from lists and calendars."""
    found = []
    if query.sender:
        is_sender = and_(WordRow.kind == WordKind.SENDER.value, WordRow.word == query.sender)
        has_sender = exists().where(WordRow.study_id == StudyRow.id, is_sender).correlate(StudyRow)
        found.append(Condition(has_sender, (select(WordRow.study_id).where(is_sender),)))
    if query.first_date or query.last_date:
        found.append(_by_date(query.first_date, query.last_date or "99999999"))
    if query.state:
        alike = select(StudyRow.id).where(StudyRow.state == query.state)
        found.append(Condition(func.coalesce(StudyRow.state, "") == query.state, (alike,)))
    if query.delivered:
        found.append(_by_delivery(DELIVERY_STATES[query.delivered]))
    if query.is_measured is not None:
        found.append(Condition(StudyRow.hri.is_not(None) if query.is_measured else StudyRow.hri.is_(None)))
    if query.lowest is not None:
        found.append(Condition(StudyRow.hri >= query.lowest))
    if query.highest is not None:
        found.append(Condition(StudyRow.hri <= query.highest))
    return found


def _by_date(first: str, last: str) -> Condition:
    first = first or "0"
    within = select(StudyRow.id).where(StudyRow.study_date >= first, StudyRow.study_date <= last)
    return Condition(func.coalesce(StudyRow.study_date, "").between(first, last), (within,))


def _by_delivery(states: Sequence[str]) -> Condition:
    """What some delivery of it has come to."""
    made = ObjectRow.id == DeliveryRow.object_id
    open_ones = (text(UNDELIVERED), DeliveryRow.state.in_(states))
    candidates = select(ObjectRow.study_id).join(DeliveryRow, made).where(*open_ones).distinct()
    of_study = select(DeliveryRow.id).join(ObjectRow, made).where(ObjectRow.study_id == StudyRow.id)
    return Condition(of_study.where(DeliveryRow.state.in_(states)).correlate(StudyRow).exists(), (candidates,))
