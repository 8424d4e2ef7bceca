"""What is wrong at this moment, and what was before, come in; what counts as wrong from now on goes out.

Something counts once it was so for long enough, and counts no more once it was not so for long enough: what flickers is
told once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from hri_node.alerts.watch import Condition
from hri_node.ledger.alarms import Alarm


def revised(known: Sequence[Alarm], seen: Iterable[Condition], now: datetime, clear_after_s: float) -> list[Alarm]:
    """Alarms as they are from now on; one that was never raised and is not so any more is left out.

    Parameters
    ----------
    known
        Those that are not over.
    seen
        What is wrong now, at most once of each kind and subject.
    now
        Present time.
    clear_after_s
        How long a thing must be fine before it counts as fine.
    """
    wrong = {(condition.kind.value, condition.subject): condition for condition in seen}
    kept = [after for each in known if (after := _next(each, wrong, now, clear_after_s))]
    begun = wrong.keys() - {(alarm.kind, alarm.subject) for alarm in known}
    return [*kept, *(_seen(_new(wrong[key], now), wrong[key], now) for key in sorted(begun))]


def _next(alarm: Alarm, wrong: dict[tuple[str, str], Condition], now: datetime, clear_after_s: float) -> Alarm | None:
    condition = wrong.get((alarm.kind, alarm.subject))
    if condition:
        return _seen(alarm, condition, now)
    return _unseen(alarm, now, clear_after_s) if alarm.raised_at else None


def _new(condition: Condition, now: datetime) -> Alarm:
    return Alarm(condition.kind.value, condition.subject, condition.words, now)


def _seen(alarm: Alarm, condition: Condition, now: datetime) -> Alarm:
    """It is so."""
    since = min(alarm.seen_since, now)  # a clock that was set back
    is_long = (now - since).total_seconds() >= condition.after_s
    raised_at = alarm.raised_at or (now if is_long else None)
    return replace(alarm, words=condition.words, seen_since=since, raised_at=raised_at, fine_since=None)


def _unseen(alarm: Alarm, now: datetime, clear_after_s: float) -> Alarm:
    """It is not so any more."""
    since = min(alarm.fine_since or now, now)
    is_long = (now - since).total_seconds() >= clear_after_s
    return replace(alarm, fine_since=since, cleared_at=now if is_long else None)
