"""The story of a study comes in; its way goes out as steps in the order of time, each in a sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from hri_node.ledger.states import InstanceState, StudyState
from hri_node.ledger.story import InstanceStory, ObjectStory, StudyStory
from hri_node.ledger.tables import InstanceRow
from hri_node.web.console.words import INSTANCE_STATES, KINDS, SERVICES

APART: Final = timedelta(seconds=60)
"""Images that come later than this after the last one are another step."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a study; `kind` is the look of its badge, `until` where it took a while."""

    at: datetime
    name: str
    words: str
    kind: str = "ok"
    until: datetime | None = None


def way_of(story: StudyStory) -> list[Step]:
    """Steps of a study, the first one first; what is still to come is not among them.

    Parameters
    ----------
    story
        As the ledger has it.
    """
    steps = [*_received(story.instances), *_looked(story.instances), *_reported(story), *_delivered(story.objects)]
    return sorted(steps, key=lambda step: step.at)


def next_words(story: StudyStory, now: datetime) -> str:
    """What a study waits for, in a sentence; empty where nothing is left to do.

    Parameters
    ----------
    story
        As the ledger has it.
    now
        Present time.
    """
    study = story.study
    waiting = sum(one.row.state == InstanceState.WAITING for one in story.instances)
    if waiting and study.state != StudyState.DISCARDED:
        return f"{_count(waiting, 'image')} still to be measured."
    if study.state == StudyState.OPEN:
        if study.forced_at:
            return "A person asked for the report as it is: it is made next."
        if study.quiet_until > now:
            return f"It is reported when no image comes for {(study.quiet_until - now).seconds + 1} s more."
        return "It is reported next."
    owed = sum(one.row.state == "waiting" for made in story.objects for one in made.deliveries)
    return f"{_count(owed, 'delivery', 'deliveries')} under way." if owed else ""


def _received(instances: Sequence[InstanceStory]) -> Iterator[Step]:
    """Bursts of images, each from one sender."""
    for _, rows in groupby(_numbered(instances), key=lambda each: each[0]):
        burst = [row for _, row in rows]
        first, last = burst[0], burst[-1]
        service = SERVICES.get(first.service, first.service)
        from_whom = " ".join(filter(None, (first.calling_ae_title, first.address and f"({first.address})")))
        words = f"{_count(len(burst), 'image')} from {from_whom or 'nobody who gave a name'} by {service}"
        until = last.received_at if last.received_at > first.received_at else None
        yield Step(
            first.received_at, "Received", f"{words}, called as {first.called_ae_title or 'nobody'}.", "ok", until
        )


def _numbered(instances: Sequence[InstanceStory]) -> Iterator[tuple[int, InstanceRow]]:
    """Each instance with the number of its burst."""
    number, before = 0, None
    for row in (one.row for one in instances):
        if before is not None and (
            row.received_at - before.received_at > APART
            or (row.calling_ae_title, row.address, row.service)
            != (before.calling_ae_title, before.address, before.service)
        ):
            number += 1
        before = row
        yield number, row


def _looked(instances: Sequence[InstanceStory]) -> Iterator[Step]:
    """When the images were looked at, and what came of it, counted."""
    done = sorted(
        (one.row for one in instances if one.row.finished_at), key=lambda row: row.finished_at or row.received_at
    )
    done = [row for row in done if row.state not in {InstanceState.SKIPPED, InstanceState.DISCARDED}]
    if done and done[0].finished_at and done[-1].finished_at:
        counts = Counter(row.state for row in done)
        words = ", ".join(f"{counts[state]} {INSTANCE_STATES[state][0]}" for state in InstanceState if counts[state])
        bad = counts[InstanceState.FAILED] + counts[InstanceState.REFUSED]
        until = done[-1].finished_at if len(done) > 1 else None
        yield Step(
            done[0].finished_at, "Measured", f"Of {_count(len(done), 'image')}: {words}.", "bad" if bad else "ok", until
        )


def _reported(story: StudyStory) -> Iterator[Step]:
    """Each revision with what was new in it; and how reporting ended, where it made nothing."""
    by_revision = groupby(sorted(story.objects, key=lambda made: made.row.revision), key=lambda made: made.row.revision)
    for revision, found in by_revision:
        objects = list(found)
        counts = Counter(made.row.kind for made in objects)
        made = ", ".join(f"{count} × {KINDS.get(kind, kind)}" for kind, count in counts.items())
        yield Step(objects[0].row.made_at, "Reported", f"Revision {revision}: {made}.")
    study = story.study
    ends = {
        StudyState.NOTHING_TO_REPORT: ("No image could be measured; by the settings, that is not reported.", "off"),
        StudyState.FAILED: (study.detail or "Reporting failed.", "bad"),
        StudyState.DISCARDED: (study.detail or "Set aside.", "off"),
    }
    if study.finished_at and study.state in ends:
        words, kind = ends[StudyState(study.state)]
        yield Step(study.finished_at, "Reported" if study.state != StudyState.DISCARDED else "Discarded", words, kind)


def _delivered(objects: Sequence[ObjectStory]) -> Iterator[Step]:
    """For each destination when the last object was there, or what is wrong."""
    told = [one.row for made in objects for one in made.deliveries]
    for name in dict.fromkeys(row.destination for row in told):
        rows = [row for row in told if row.destination == name and row.finished_at]
        for state, words, kind in (
            ("there", "{} at {}, proven as the table says.", "ok"),
            ("bad", "{} not delivered to {}: {}.", "bad"),
        ):
            chosen = [
                row
                for row in rows
                if (row.state in {"failed", "refused"}) == (state == "bad") and row.state != "discarded"
            ]
            if chosen:
                last = max(chosen, key=lambda row: row.finished_at or row.next_attempt_at)
                assert last.finished_at, "it was asked for"
                said = words.format(_count(len(chosen), "object"), name, last.detail)
                yield Step(last.finished_at, "Delivered", said, kind)


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"
