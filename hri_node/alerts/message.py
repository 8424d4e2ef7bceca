"""What a channel owes people comes in; one message about all of it goes out: a heading, a text, an object for JSON."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hri_node.alerts.kinds import ABOUT, Kind
from hri_node.ledger.alarms import RAISED, Telling

NAMED_MAX: Final = 3
"""Subjects that a heading names."""

SHAPE: Final = 1
"""Of the JSON object; another number where a key changes its meaning."""

TEST_WORDS: Final = "This is a test: nothing is wrong."


@dataclass(frozen=True, slots=True)
class Entry:
    """One alarm of a message."""

    kind: str
    subject: str
    words: str
    since: datetime
    raised_at: datetime
    cleared_at: datetime | None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What people are told at once; nothing of it is about a patient.

    Attributes
    ----------
    node
        AE title of the node.
    kind
        Of all entries; None for a test.
    entries
        What is wrong, and what is over.
    at
        Present time.
    url
        Of the console's page; empty where the settings do not say how browsers reach it.
    id
        The same for a message that is sent again, because it is not known whether it arrived.
    """

    node: str
    kind: Kind | None
    entries: tuple[Entry, ...]
    at: datetime
    url: str
    id: str

    @property
    def heading(self) -> str:
        """One line that says what is wrong."""
        if self.kind is None:
            return "Test of alerts"
        raised = [entry.subject for entry in self.entries if entry.cleared_at is None]
        over = [entry.subject for entry in self.entries if entry.cleared_at is not None]
        title = ABOUT[self.kind].title
        parts = [f"{title}: {_named(raised)}"] if raised else []
        parts += [f"{'over' if raised else f'Over: {title}'}: {_named(over)}"] if over else []
        return _one_line("; ".join(parts))

    @property
    def text(self) -> str:
        """Everything, for people."""
        raised = [f"{entry.words}\nSince {_when(entry.since)}." for entry in self.entries if entry.cleared_at is None]
        over = [_over(entry) for entry in self.entries if entry.cleared_at is not None]
        advice = [f"What to do: {ABOUT[self.kind].advice}"] if self.kind and raised else []
        parts = [*([] if self.kind else [TEST_WORDS]), *raised, *over, *advice, *([self.url] if self.url else [])]
        return "\n\n".join([*parts, f"hri-node {self.node}, {_when(self.at)}"]) + "\n"

    @property
    def plain(self) -> dict[str, Any]:
        """Everything, for programs; `text` is what chats show of such an object."""
        return {
            "shape": SHAPE,
            "id": self.id,
            "node": self.node,
            "at": self.at.isoformat(),
            "kind": self.kind.value if self.kind else "test",
            "is_bad": bool(self.kind and ABOUT[self.kind].is_bad),
            "text": f"{self.node}: {self.heading}",
            "advice": ABOUT[self.kind].advice if self.kind else TEST_WORDS,
            "url": self.url,
            "alarms": [_plain(entry) for entry in self.entries],
        }


def message_of(node: str, tellings: Sequence[Telling], at: datetime, url: str) -> Message:
    """The message about alarms of one kind; one that was raised and is over since stands in it once.

    Parameters
    ----------
    node
        AE title of the node.
    tellings
        What is owed.
    at
        Present time.
    url
        Of the console's page.
    """
    by_alarm = {telling.alarm.id: telling for telling in tellings}  # the last one says most
    entries = tuple(_entry(telling) for telling in by_alarm.values())
    numbers = ",".join(f"{telling.alarm.id}{telling.news}" for telling in tellings)
    name = hashlib.sha256(f"{node} {entries[0].since.isoformat()} {numbers}".encode()).hexdigest()[:32]
    return Message(node, Kind(entries[0].kind), entries, at, url, name)


def trial_message(node: str, at: datetime, url: str) -> Message:
    """A message that says that it is a test.

    Parameters
    ----------
    node
        AE title of the node.
    at
        Present time.
    url
        Of the console's page.
    """
    name = hashlib.sha256(f"{node} test {at.isoformat()}".encode()).hexdigest()[:32]
    return Message(node, None, (), at, url, name)


def _entry(telling: Telling) -> Entry:
    alarm = telling.alarm
    cleared_at = None if telling.news == RAISED else alarm.cleared_at
    raised_at = alarm.raised_at or alarm.seen_since
    return Entry(alarm.kind, alarm.subject, alarm.words, alarm.seen_since, raised_at, cleared_at, alarm.id)


def _over(entry: Entry) -> str:
    end = _when(entry.cleared_at) if entry.cleared_at else ""
    return f"Over: {entry.words}\nFrom {_when(entry.since)} until {end}."


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "subject": entry.subject,
        "words": entry.words,
        "is_over": entry.cleared_at is not None,
        "since": entry.since.isoformat(),
        "raised_at": entry.raised_at.isoformat(),
        "cleared_at": entry.cleared_at.isoformat() if entry.cleared_at else None,
    }


def _named(subjects: Sequence[str]) -> str:
    shown, more = subjects[:NAMED_MAX], len(subjects) - NAMED_MAX
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _when(at: datetime) -> str:
    """In the machine's zone, which is people's."""
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
