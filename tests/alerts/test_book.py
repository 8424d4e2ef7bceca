"""Tests of what counts as wrong over time: raised late, cleared late, once each, whatever flickers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hri_node.alerts.book import revised
from hri_node.alerts.kinds import Kind
from hri_node.alerts.watch import Condition
from hri_node.ledger.alarms import Alarm

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AFTER_S, CLEAR_S = 60.0, 300.0
FULL = Condition(Kind.DISK_FULL, "spool", "full", AFTER_S)

looks = st.lists(st.tuples(st.integers(1, 90), st.booleans()), max_size=60)
"""Seconds since the look before, and whether the disk is full."""


def histories(steps: list[tuple[int, bool]]) -> list[tuple[datetime, bool, Alarm | None]]:
    """Each look with what is known after it; an alarm that is over is known once more."""
    at, known, found = NOW, [], []
    for seconds, is_full in steps:
        at += timedelta(seconds=seconds)
        after = revised(known, [FULL] if is_full else [], at, CLEAR_S)
        found.append((at, is_full, after[0] if after else None))
        known = [alarm for alarm in after if alarm.cleared_at is None]
    return found


def lasts(history: list[tuple[datetime, bool, Alarm | None]], index: int, *, is_full: bool) -> float:
    """For how long it was so, without a look that said otherwise, up to this one."""
    at = history[index][0]
    since = at
    for moment, was_full, _ in reversed(history[: index + 1]):
        if was_full is not is_full:
            break
        since = moment
    return (at - since).total_seconds()


@given(looks)
def test_raised_only_after_so_long(steps: list[tuple[int, bool]]) -> None:
    """At the look at which it had been so for long enough, and at no earlier one."""
    history = histories(steps)

    for index, (at, _, alarm) in enumerate(history):
        was_raised = index > 0 and (before := history[index - 1][2]) is not None and before.is_raised
        if alarm and alarm.raised_at == at:
            assert not was_raised
            assert lasts(history, index, is_full=True) >= AFTER_S
        elif not was_raised and lasts(history, index, is_full=True) >= AFTER_S:
            raise AssertionError("it was so for long enough, and nobody said so")


@given(looks)
def test_cleared_only_after_so_long(steps: list[tuple[int, bool]]) -> None:
    """A look that finds it again starts the time anew."""
    history = histories(steps)

    for index, (at, _, alarm) in enumerate(history):
        if alarm and alarm.cleared_at == at:
            assert lasts(history, index, is_full=False) >= CLEAR_S
        elif alarm and alarm.is_raised:
            assert lasts(history, index, is_full=False) < CLEAR_S


@given(looks)
def test_each_raising_has_at_most_one_end(steps: list[tuple[int, bool]]) -> None:
    """What is told is raised, over, raised, over, and the times of each are in order."""
    told = []
    for at, _, alarm in histories(steps):
        if alarm and alarm.raised_at == at:
            told.append("raised")
        if alarm and alarm.cleared_at == at:
            told.append("over")
            assert alarm.seen_since <= alarm.raised_at <= alarm.fine_since <= alarm.cleared_at  # type: ignore[operator]

    assert told == [("raised", "over")[number % 2] for number in range(len(told))]


@given(st.sets(st.text(max_size=5)), st.sets(st.text(max_size=5)))
def test_nothing_is_invented_or_lost(known: set[str], wrong: set[str]) -> None:
    """Each subject that was raised or is wrong is known afterwards, once; no other is."""
    before = [Alarm("disk_full", subject, "x", NOW, NOW, id=number) for number, subject in enumerate(known, 1)]
    seen = [replace(FULL, subject=subject) for subject in wrong]

    after = revised(before, seen, NOW + timedelta(seconds=1), CLEAR_S)

    assert sorted(alarm.subject for alarm in after) == sorted(known | wrong)
    assert [alarm.id for alarm in after if alarm.id] == [alarm.id for alarm in before]


def test_what_flickers_before_it_is_raised_is_forgotten() -> None:
    """Wrong for less than a minute, again and again: nobody is told."""
    history = histories([(50, True), (5, False)] * 30)

    assert all(alarm is None or alarm.raised_at is None for _, _, alarm in history)
    assert history[-1][2] is None


def test_the_words_are_the_latest_and_stay_when_it_is_fine() -> None:
    """Who reads them later learns how bad it got."""
    (raised,) = revised([Alarm("disk_full", "spool", "old", NOW, NOW, id=7)], [FULL], NOW, CLEAR_S)
    (fine,) = revised([raised], [], NOW + timedelta(seconds=1), CLEAR_S)

    assert (raised.words, fine.words, fine.id) == ("full", "full", 7)


def test_a_clock_that_was_set_back_delays_and_breaks_nothing() -> None:
    """The time starts anew from the earlier present."""
    known = [Alarm("disk_full", "spool", "full", NOW + timedelta(hours=1), id=1)]

    (still,) = revised(known, [FULL], NOW, CLEAR_S)
    (raised,) = revised([still], [FULL], NOW + timedelta(seconds=60), CLEAR_S)

    assert still.raised_at is None
    assert raised.raised_at == NOW + timedelta(seconds=60)


def test_without_a_time_to_wait_it_is_raised_at_once() -> None:
    """As `raise_after_s = 0` asks for."""
    (alarm,) = revised([], [replace(FULL, after_s=0.0)], NOW, CLEAR_S)

    assert (alarm.seen_since, alarm.raised_at) == (NOW, NOW)
