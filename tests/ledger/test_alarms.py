"""Tests of `hri_node.ledger.alarms` and `duties`: what was wrong when, who has to be told, whose turn it is."""

import threading
from dataclasses import replace
from datetime import timedelta

from ledger_rows import NOW

from hri_node.ledger.alarms import Alarm
from hri_node.ledger.ledger import Ledger

FULL = Alarm("disk_full", "spool", "full", NOW)
RAISED = replace(FULL, raised_at=NOW)
LATER = NOW + timedelta(minutes=5)
BOTH = ("mail", "webhook")


def revise(ledger: Ledger, *alarms: Alarm, channels: tuple[str, ...] = BOTH) -> list[Alarm]:
    """What is not over after somebody decided so."""
    ledger.revise_alarms(lambda _: alarms, channels, NOW)
    return ledger.open_alarms()


def test_nobody_is_told_of_what_is_not_raised(ledger: Ledger) -> None:
    """And it is forgotten where it is gone before."""
    (known,) = revise(ledger, FULL)

    assert (known.id, known.is_raised) == (1, False)
    assert revise(ledger) == []
    assert (ledger.past_alarms(), ledger.untold("mail")) == ([], [])


def test_each_channel_has_to_tell_of_both_ends_once(ledger: Ledger) -> None:
    """However often somebody decides the same."""
    (known,) = revise(ledger, RAISED)
    revise(ledger, replace(known, words="fuller"))
    (known,) = revise(ledger, replace(known, fine_since=LATER))
    over = replace(known, cleared_at=LATER)
    assert revise(ledger, over) == []

    owed = ledger.tellings_of([known.id])

    assert [(one.channel, one.news) for one in owed] == [
        ("mail", "raised"),
        ("webhook", "raised"),
        ("mail", "cleared"),
        ("webhook", "cleared"),
    ]
    assert ledger.past_alarms() == [over]


def test_what_comes_again_is_another_alarm(ledger: Ledger) -> None:
    """The history holds each time."""
    for _ in range(2):
        (known,) = revise(ledger, RAISED)
        revise(ledger, replace(known, cleared_at=LATER))

    assert [alarm.id for alarm in ledger.past_alarms()] == [2, 1]
    assert [alarm.id for alarm in ledger.past_alarms(before_id=2)] == [1]


def test_whoever_decides_sees_what_the_one_before_decided(ledger: Ledger) -> None:
    """Two sweeps at once raise an alarm once."""
    seen: list[int] = []

    def decide(known: object) -> list[Alarm]:
        seen.append(len(list(known)))  # type: ignore[call-overload]
        return list(known) or [RAISED]  # type: ignore[call-overload]

    threads = [threading.Thread(target=ledger.revise_alarms, args=(decide, BOTH, NOW)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == [0, 1, 1, 1]
    assert len(ledger.untold("mail")) == 1


def test_what_was_told_is_owed_no_more(ledger: Ledger) -> None:
    """By that channel; the other one still owes it, later."""
    revise(ledger, RAISED)
    (mail,), (webhook,) = ledger.untold("mail"), ledger.untold("webhook")
    ledger.note_told([mail.id], LATER)
    ledger.note_untold([webhook.id], "the webhook answered 500", LATER)

    (failed,) = ledger.untold("webhook")

    assert ledger.untold("mail") == []
    assert ledger.last_told("mail") == {"disk_full": LATER}
    assert ledger.last_told("webhook") == {}
    assert (failed.attempts, failed.detail, failed.due_at) == (1, "the webhook answered 500", LATER)


def test_a_channel_that_is_gone_owes_nothing(ledger: Ledger) -> None:
    """Somebody took it out of the settings; what it told stays."""
    revise(ledger, RAISED)
    ledger.note_told([ledger.untold("mail")[0].id], NOW)
    ledger.forget_tellings(("mail",))
    ledger.forget_tellings(())

    assert [one.channel for one in ledger.tellings_of([1])] == ["mail"]


def test_what_was_over_long_ago_is_forgotten(ledger: Ledger) -> None:
    """With all that was told of it; what is wrong is not."""
    (known,) = revise(ledger, RAISED)
    revise(ledger, replace(known, cleared_at=LATER), replace(RAISED, kind="disk_low"))
    ledger.forget_alarms(LATER)
    assert len(ledger.past_alarms()) == 1

    ledger.forget_alarms(LATER + timedelta(seconds=1))

    assert ledger.past_alarms() == []
    assert [one.alarm.kind for one in ledger.untold("mail")] == ["disk_low"]


def test_long_words_are_cut(ledger: Ledger) -> None:
    """To what the table holds."""
    (known,) = revise(ledger, replace(RAISED, words="x" * 2000))

    assert len(known.words) == 1000


def test_one_at_a_time_has_a_duty(ledger: Ledger) -> None:
    """Until it leaves, or does not come by for too long."""
    assert ledger.take_duty("lookout", "a", NOW, 60.0)
    assert not ledger.take_duty("lookout", "b", NOW + timedelta(seconds=59), 60.0)
    assert ledger.take_duty("lookout", "a", NOW + timedelta(seconds=59), 60.0)
    assert not ledger.take_duty("lookout", "b", NOW + timedelta(seconds=100), 60.0)
    assert ledger.take_duty("lookout", "b", NOW + timedelta(seconds=119), 60.0)
    ledger.leave_duty("lookout", "a")
    assert not ledger.take_duty("lookout", "a", NOW + timedelta(seconds=120), 60.0)
    ledger.leave_duty("lookout", "b")
    assert ledger.take_duty("lookout", "a", NOW + timedelta(seconds=120), 60.0)


def test_a_duty_of_a_clock_that_was_ahead_is_free(ledger: Ledger) -> None:
    """Nobody waits for tomorrow."""
    assert ledger.take_duty("lookout", "a", NOW + timedelta(days=1), 60.0)
    assert ledger.take_duty("lookout", "b", NOW, 60.0)
