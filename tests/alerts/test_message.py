"""Tests of what people are told: one message for several alarms, for people and for programs."""

import json
from dataclasses import replace
from datetime import timedelta

from told import AWAY, FULL, NOW

from hri_node.alerts.message import message_of, trial_message
from hri_node.ledger.alarms import Alarm, Telling


def telling(number: int, alarm: Alarm, news: str = "raised") -> Telling:
    """What mail owes about an alarm."""
    return Telling(number, replace(alarm, id=alarm.id or number), news, "mail", 0, NOW, None, "")


def over(alarm: Alarm) -> Alarm:
    """The same alarm, an hour later."""
    return replace(alarm, fine_since=NOW, cleared_at=NOW + timedelta(hours=1))


def test_one_alarm() -> None:
    """Heading, sentence, since when, what to do, where."""
    message = message_of("HRI_NODE", [telling(1, FULL)], NOW, "https://node/alerts")

    assert message.heading == "Disk full: spool"
    assert message.text.startswith("The disk under the spool is full.\nSince 2026-03-01 ")
    assert "What to do: Make room under the spool now" in message.text
    assert "https://node/alerts" in message.text


def test_many_alarms_are_one_message() -> None:
    """The heading names some of them."""
    flood = [telling(number, replace(AWAY, subject=f"pacs{number}")) for number in range(1, 51)]

    message = message_of("HRI_NODE", flood, NOW, "")

    assert message.heading == "Destination away: pacs1, pacs2, pacs3 and 47 more"
    assert message.text.count("is away") == 50


def test_what_is_over_is_said_so() -> None:
    """Beside what is not; and without advice where nothing is left."""
    both = message_of("N", [telling(1, AWAY), telling(2, over(replace(AWAY, subject="archive")), "cleared")], NOW, "")
    one = message_of("N", [telling(1, over(AWAY), "cleared")], NOW, "")

    assert both.heading == "Destination away: pacs; over: archive"
    assert one.heading == "Over: Destination away: pacs"
    assert "Over: Destination pacs is away: refused.\nFrom 2026-03-01 " in one.text
    assert "What to do" not in one.text


def test_what_came_and_went_before_anybody_was_told_is_said_once() -> None:
    """As it ended."""
    message = message_of("N", [telling(1, over(AWAY)), telling(2, replace(over(AWAY), id=1), "cleared")], NOW, "")

    assert message.heading == "Over: Destination away: pacs"
    assert len(message.entries) == 1


def test_the_same_message_has_the_same_name() -> None:
    """So that whoever gets it twice can tell; another one has another."""
    first = message_of("N", [telling(1, AWAY)], NOW, "")
    again = message_of("N", [telling(1, AWAY)], NOW + timedelta(minutes=5), "")
    end = message_of("N", [telling(2, replace(over(AWAY), id=1), "cleared")], NOW, "")

    assert first.id == again.id
    assert len({first.id, end.id, trial_message("N", NOW, "").id}) == 3


def test_a_message_for_programs() -> None:
    """Everything, in JSON's types; `text` for chats."""
    plain = message_of("N", [telling(1, over(FULL), "cleared")], NOW, "https://node/alerts").plain

    assert json.loads(json.dumps(plain)) == plain
    assert plain["text"] == "N: Over: Disk full: spool"
    assert (plain["shape"], plain["kind"], plain["is_bad"]) == (1, "disk_full", True)
    assert plain["alarms"] == [
        {
            "id": 1,
            "subject": "spool",
            "words": "The disk under the spool is full.",
            "is_over": True,
            "since": "2026-03-01T11:59:00+00:00",
            "raised_at": "2026-03-01T12:00:00+00:00",
            "cleared_at": "2026-03-01T13:00:00+00:00",
        }
    ]


def test_a_test_says_that_it_is_one() -> None:
    """Nobody runs to the cellar."""
    message = trial_message("N", NOW, "")

    assert message.heading == "Test of alerts"
    assert "nothing is wrong" in message.text
    assert (message.plain["kind"], message.plain["alarms"]) == ("test", [])


def test_a_subject_breaks_no_line() -> None:
    """Names may hold anything."""
    assert "\n" not in message_of("N", [telling(1, replace(AWAY, subject="a\r\nBcc: x"))], NOW, "").heading
