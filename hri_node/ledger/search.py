"""What a person looks for comes in, the studies that fit go out, the newest first, a page at a time.

The most telling condition leads: what few studies fulfil is looked up by its index, and the other conditions are asked
of those few; where each is fulfilled by many, studies are gone through from the newest on, and the page is soon full.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.search_conditions import Condition, conditions_of
from hri_node.ledger.search_query import StudyQuery
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow

FEW: Final = 5000
"""Studies that are looked at one by one rather than gone through from the newest on."""

AT_ONCE: Final = 500
"""Of the few, in one question."""

PAGE: Final = 50

CUSTOM_PLAN: Final = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""How many words begin so decides how PostgreSQL goes about it: its plan for any beginning is ten times slower."""


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study, and how many of its instances and deliveries are in which state; replaced objects do not count."""

    study: StudyRow
    instances: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Studies, the newest first; `next_before` is where the next page begins, None where there is none."""

    studies: list[FoundStudy]
    next_before: int | None


class Search(Jobs):
    """What people look for."""

    def find_studies(self, query: StudyQuery, limit: int = PAGE) -> FoundPage:
        """Studies that fit.

        Parameters
        ----------
        query
            What is looked for.
        limit
            How many at most.
        """
        conditions = conditions_of(query)
        with self.transaction(reading=True) as session:
            if conditions is None:
                return FoundPage([], None)
            if self.engine.dialect.name == "postgresql":
                session.execute(CUSTOM_PLAN)
            rows = _first_rows(session, conditions, query.before, limit + 1)
            page, is_more = rows[:limit], len(rows) > limit
            found = _counted(session, page)
        return FoundPage(found, page[-1].id if is_more else None)

    def study_id(self, uid: str) -> int | None:
        """Id of the study with this Study Instance UID, or that this SOP Instance is of; None where there is none.

        Parameters
        ----------
        uid
            Of a study, an image or a result.
        """
        asked = (
            select(StudyRow.id).where(StudyRow.study_instance_uid == uid),
            select(InstanceRow.study_id).where(InstanceRow.sop_instance_uid == uid),
            select(ObjectRow.study_id).where(ObjectRow.sop_instance_uid == uid),
        )
        with self.transaction(reading=True) as session:
            return next((found for each in asked if (found := session.execute(each).scalar()) is not None), None)


def _first_rows(session: Session, conditions: Sequence[Condition], before: int | None, limit: int) -> list[StudyRow]:
    """The newest studies that fulfil all conditions."""
    few = _few(session, conditions, before)
    if few is None:
        asked = select(StudyRow).where(*(each.test for each in conditions)).order_by(StudyRow.id.desc()).limit(limit)
        return list(session.execute(asked if before is None else asked.where(StudyRow.id < before)).scalars())
    rows: list[StudyRow] = []
    for start in range(0, len(few), AT_ONCE):
        ids = few[start : start + AT_ONCE]
        asked = select(StudyRow).where(StudyRow.id.in_(ids), *(each.test for each in conditions))
        rows += session.execute(asked.order_by(StudyRow.id.desc()).limit(limit - len(rows))).scalars()
        if len(rows) >= limit:
            break
    return rows


def _few(session: Session, conditions: Sequence[Condition], before: int | None) -> list[int] | None:
    """Ids of the few studies among which all that fit are, the newest first; None where each condition fits many."""
    sets = []
    for condition in conditions:
        ids = _at_most(session, condition.candidates)
        if ids is not None:
            sets.append(ids)
            if not ids:
                return []
    if not sets:
        return None
    return sorted((one for one in set.intersection(*sets) if before is None or one < before), reverse=True)


def _at_most(session: Session, candidates: Sequence[Select[int]]) -> set[int] | None:
    """Ids that any of some questions gives; None where there are many, or nothing is asked."""
    if not candidates:
        return None
    found: set[int] = set()
    for asked in candidates:
        ids = session.execute(asked.limit(FEW + 1)).scalars().all()
        if len(ids) > FEW:
            return None
        found.update(ids)
    return found


def _counted(session: Session, page: Sequence[StudyRow]) -> list[FoundStudy]:
    """Studies with the states of their instances and deliveries."""
    ids = [row.id for row in page]
    instances = select(InstanceRow.study_id, InstanceRow.state, func.count()).where(InstanceRow.study_id.in_(ids))
    instances = instances.group_by(InstanceRow.study_id, InstanceRow.state)
    deliveries = (
        select(ObjectRow.study_id, DeliveryRow.state, func.count())
        .join(DeliveryRow, DeliveryRow.object_id == ObjectRow.id)
        .where(ObjectRow.study_id.in_(ids), ObjectRow.replaced_at.is_(None))
        .group_by(ObjectRow.study_id, DeliveryRow.state)
    )
    of_instances, of_deliveries = (_by_study(session.execute(each)) for each in (instances, deliveries))
    return [FoundStudy(row, dict(of_instances[row.id]), dict(of_deliveries[row.id])) for row in page]


class _ByStudy(dict[int, Counter[str]]):
    """Counts by state, by study; none where nothing was counted."""

    def __missing__(self, study_id: int) -> Counter[str]:
        return Counter()


def _by_study(rows: Iterator[Any] | Any) -> _ByStudy:  # noqa: ANN401 - what execute gives
    found = _ByStudy()
    for study_id, state, count in rows:
        found.setdefault(study_id, Counter())[state] += count
    return found
