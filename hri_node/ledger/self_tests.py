"""What a self-test does comes in, step by step; how it stands goes out, and who may come in while it lasts."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger.console_tables import RevisionRow, SetupRow
from hri_node.ledger.jobs import Jobs
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow

KIND: Final = "self-test"
"""Of its row among what is set up: what comes in and what goes out while it lasts."""

SILENT_S: Final = 30.0
"""A self-test that wrote nothing down for so long was killed."""

REMEMBERED: Final = 5
"""Self-tests whose verdicts are kept."""


class Verdict(StrEnum):
    """What a step came to."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a self-test: `words` are one sentence, `seconds` how long it took."""

    key: str
    title: str
    verdict: Verdict
    seconds: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A self-test.

    Attributes
    ----------
    name
        The AE title it calls itself by.
    who
        Who began it.
    study_instance_uid
        Of its study.
    token_sha256
        Of the bearer token that lets its STOW-RS requests in.
    began_at, seen_at, ended_at
        When; `seen_at` is renewed while it runs, `ended_at` None until it says itself that it is over.
    until
        Until then it may store.
    stores
        Names of the destinations that its results go to.
    steps
        All of them, in their order.
    owed
        Spool keys of the rejection notes that destinations do not have yet, by their name.
    is_kept
        Whether a person wants its study to stay until the next one.
    is_forgotten
        Whether nothing of its study is in the ledger any more.
    """

    name: str
    who: str
    study_instance_uid: str
    token_sha256: str
    began_at: datetime
    until: datetime
    seen_at: datetime
    stores: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    owed: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    is_kept: bool = False
    is_forgotten: bool = False

    def is_under_way(self, now: datetime) -> bool:
        """Whether its process is at it."""
        return self.ended_at is None and abs(now - self.seen_at) < timedelta(seconds=SILENT_S)

    def may_store(self, now: datetime) -> bool:
        """Whether what calls itself by its name may come in."""
        return self.ended_at is None and now < self.until

    @property
    def verdict(self) -> Verdict:
        """The worst of its steps; one that ended before its time has failed."""
        if self.ended_at is None:
            return Verdict.RUNNING
        is_good = all(step.verdict in {Verdict.PASSED, Verdict.SKIPPED} for step in self.steps)
        return Verdict.PASSED if self.steps and is_good else Verdict.FAILED


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the ledger has of a study."""

    study: StudyRow
    instances: tuple[InstanceRow, ...]
    objects: tuple[ObjectRow, ...]
    deliveries: tuple[DeliveryRow, ...]

    @property
    def current(self) -> list[ObjectRow]:
        """Objects of its latest report."""
        return [made for made in self.objects if made.replaced_at is None]

    def towards(self, destination: str) -> list[DeliveryRow]:
        """What one destination is owed, or was, of its latest report."""
        current = {made.id for made in self.current}
        return [each for each in self.deliveries if each.destination == destination and each.object_id in current]


class SelfTests(Jobs):
    """Rows of self-tests: one at a time, the latest few are kept."""

    def begin_self_test(self, run: Run) -> None:
        """Write down that a self-test begins.

        Raises
        ------
        Refused
            When another one is under way.
        """
        with self.transaction() as session:
            self._queue_up(session)
            rows = _rows(session)
            for other in map(_run, rows):
                if other.is_under_way(run.began_at):
                    raise Refused(f"a self-test that {other.who} began at {other.began_at:%H:%M:%S} UTC is under way")
            position = max((row.position for row in rows), default=0) + 1
            session.add(SetupRow(kind=KIND, name=run.name, position=position, **_values(run)))
            gone = [row.name for row in rows[REMEMBERED - 1 :] if (old := _run(row)).is_forgotten and not old.owed]
            session.execute(delete(SetupRow).where(SetupRow.kind == KIND, SetupRow.name.in_(gone)))

    def note_self_test(self, run: Run) -> None:
        """Write down how a self-test stands."""
        with self.transaction() as session:
            row = session.get(SetupRow, (KIND, run.name), with_for_update=True)
            if row is not None:
                for name, value in _values(run).items():
                    setattr(row, name, value)

    def self_tests(self) -> list[Run]:
        """The latest self-tests, the last one first."""
        with self.transaction(reading=True) as session:
            return [_run(row) for row in _rows(session)]

    def self_test(self, name: str) -> Run | None:
        """The self-test that calls itself by this AE title."""
        with self.transaction(reading=True) as session:
            row = session.get(SetupRow, (KIND, name))
            return _run(row) if row else None

    def self_test_with(self, token: str, now: datetime) -> Run | None:
        """The self-test that may store with this bearer token."""
        offered = token_sha256(token)
        for run in self.self_tests():
            if hmac.compare_digest(run.token_sha256, offered) and run.may_store(now):
                return run
        return None

    def seen_of(self, study_instance_uid: str) -> Seen | None:
        """What the ledger has of a study; None where it has nothing."""
        with self.transaction(reading=True) as session:
            asked = select(StudyRow).where(StudyRow.study_instance_uid == study_instance_uid)
            study = session.execute(asked).scalar()
            if study is None:
                return None
            instances = select(InstanceRow).where(InstanceRow.study_id == study.id).order_by(InstanceRow.id)
            made = select(ObjectRow).where(ObjectRow.study_id == study.id).order_by(ObjectRow.id)
            objects = session.execute(made).scalars().all()
            owed = DeliveryRow.object_id.in_([each.id for each in objects])
            deliveries = select(DeliveryRow).where(owed).order_by(DeliveryRow.id)
            return Seen(
                study,
                tuple(session.execute(instances).scalars()),
                tuple(objects),
                tuple(session.execute(deliveries).scalars()),
            )

    def _queue_up(self, session: Session) -> None:
        """Let two that begin at the same moment do so one after the other."""
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(RevisionRow).values(name=KIND, number=1)
        raised = {"number": RevisionRow.number + 1}
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=raised))


def token_sha256(token: str) -> str:
    """What is kept of a bearer token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _rows(session: Session) -> Sequence[SetupRow]:
    asked = select(SetupRow).where(SetupRow.kind == KIND).order_by(SetupRow.position.desc())
    return session.execute(asked).scalars().all()


def _values(run: Run) -> dict[str, Any]:
    chosen = {
        "study_instance_uid": run.study_instance_uid,
        "token_sha256": run.token_sha256,
        "began_at": run.began_at.isoformat(),
        "until": run.until.isoformat(),
        "stores": list(run.stores),
        "steps": [[step.key, step.title, str(step.verdict), step.seconds, step.words] for step in run.steps],
        "owed": dict(run.owed),
        "is_kept": run.is_kept,
        "is_forgotten": run.is_forgotten,
    }
    return {"chosen": chosen, "changed_at": run.seen_at, "changed_by": run.who[:64], "removed_at": run.ended_at}


def _run(row: SetupRow) -> Run:
    kept = dict(row.chosen)
    steps = (Step(key, title, Verdict(verdict), took, words) for key, title, verdict, took, words in kept.pop("steps"))
    began_at, until = (datetime.fromisoformat(kept.pop(name)) for name in ("began_at", "until"))
    stores = tuple(kept.pop("stores"))
    return Run(
        row.name,
        row.changed_by,
        began_at=began_at,
        until=until,
        seen_at=row.changed_at,
        stores=stores,
        steps=tuple(steps),
        ended_at=row.removed_at,
        **kept,
    )
