"""Tests of what counts as wrong: facts in, sentences out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hri_node.alerts.kinds import ABOUT, Kind
from hri_node.alerts.watch import Condition, Drift, Facts, Silence, conditions, lasting
from hri_node.console_sections import AlertSettings
from hri_node.ledger.destinations import DestinationState
from hri_node.ledger.scanners import Tally
from hri_node.ledger.standing import Ended

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL = Facts(NOW, free_mib=100_000, clean_mib=4096, full_mib=1024)
CHOSEN = AlertSettings()
AWAY = DestinationState("pacs", failures=3, detail="connection refused.")


def tally(images: int, measured: int, hri: float | None = 1.2) -> Tally:
    """What became of so many images, so many of them measured."""
    return Tally(measured, images - measured, 0, hri)


def seen(**changes: object) -> list[Condition]:
    """What is wrong where all is well but for this."""
    return conditions(replace(WELL, **changes), CHOSEN)


def test_nothing_is_wrong_where_all_is_well() -> None:
    """Waiting, failing and silence are no alarm before they are much."""
    facts = replace(
        WELL,
        oldest={"measure": 1799.0},
        owed={"pacs": 1799.0},
        ended={"measure": Ended(1000, 199), "report": Ended(4, 4)},
        destinations={"pacs": DestinationState("pacs", last_answer_at=NOW)},
        silences={"US1": Silence(NOW - timedelta(hours=71), 72.0)},
        drifts={"US1": Drift(tally(29, 0, None), tally(1000, 900)), "US2": Drift(tally(50, 30, 1.25), tally(99, 66))},
        certificates={"web.tls": NOW + timedelta(days=31)},
    )

    assert conditions(facts, CHOSEN) == []


@pytest.mark.parametrize(
    ("changes", "kind", "subject", "words"),
    [
        ({"oldest": {"measure": 7201.0}}, "queue_stuck", "measure", "Measuring: the oldest job has waited for 2 h."),
        (
            {"owed": {"pacs": 2000.0}},
            "queue_stuck",
            "deliver to pacs",
            "Delivering to pacs: the oldest job has waited for 33 min.",
        ),
        (
            {"broker": "broker does not answer: no socket"},
            "broker_away",
            "broker",
            "Broker does not answer: no socket: nothing is measured or delivered until it does.",
        ),
        ({"destinations": {"pacs": AWAY}}, "destination_away", "pacs", "Destination pacs is away: connection refused."),
        (
            {"free_mib": 4095},
            "disk_low",
            "spool",
            "The disk under the spool fills up: 4,095 MiB free, 4,096 MiB wanted.",
        ),
        ({"free_mib": None}, "disk_full", "spool", "The folder of the spool does not answer: nothing is received."),
        (
            {"ended": {"deliver": Ended(10, 5)}},
            "failures",
            "deliver",
            "Delivering: 5 of the last hour's 10 jobs failed.",
        ),
        (
            {"silences": {"US1": Silence(NOW - timedelta(days=4), 72.0)}},
            "silent_scanner",
            "US1",
            "US1 has sent nothing for 4 days.",
        ),
        (
            {"drifts": {"US1": Drift(tally(40, 10), tally(400, 300))}},
            "drift",
            "US1",
            "US1, the last 7 days against the 28 before: 25% of its images were measurable, 75% before.",
        ),
        (
            {"drifts": {"US1": Drift(tally(40, 30, 1.7), tally(400, 300, 1.3))}},
            "drift",
            "US1",
            "US1, the last 7 days against the 28 before: the median index is 1.70, 1.30 before.",
        ),
        (
            {"certificates": {"web.tls": NOW - timedelta(days=1)}},
            "certificate",
            "web.tls",
            "The certificate of web.tls expired on 2026-02-28 12:00 UTC.",
        ),
        (
            {"certificates": {"destination pacs": NOW + timedelta(days=29)}},
            "certificate",
            "destination pacs",
            "The certificate of destination pacs expires on 2026-03-30 12:00 UTC.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(changes: dict[str, object], kind: str, subject: str, words: str) -> None:
    """One of each kind, with the numbers that matter."""
    (found,) = seen(**changes)

    assert (found.kind, found.subject, found.words) == (kind, subject, words)
    assert found.after_s == (600.0 if kind == "destination_away" else 60.0)


def test_a_full_disk_is_also_low() -> None:
    """So what was told before is not over when it gets worse."""
    assert {condition.kind for condition in seen(free_mib=1024)} == {Kind.DISK_FULL, Kind.DISK_LOW}


def test_what_a_person_paused_is_not_away() -> None:
    """Somebody knows already."""
    assert seen(destinations={"pacs": replace(AWAY, paused_at=NOW)}) == []


def test_a_share_that_may_have_changed_by_chance_is_no_drift() -> None:
    """2 of 30 against 5 % is a third more, and means nothing."""
    assert seen(drifts={"US1": Drift(tally(30, 2), tally(1000, 50))}) == []


def test_a_scanner_whose_images_were_never_measurable_does_not_drift() -> None:
    """Nothing to divide by."""
    assert seen(drifts={"US1": Drift(tally(50, 0, None), tally(50, 0, None))}) == []


def test_every_kind_says_what_to_do() -> None:
    """One sentence each, and a page of the console."""
    assert set(ABOUT) == set(Kind)
    assert all(about.advice.endswith(".") and about.path.startswith("/") for about in ABOUT.values())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (172800, "2 days")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    """In the largest unit of which there are two."""
    assert lasting(seconds) == words
