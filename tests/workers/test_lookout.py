"""Tests of the lookout: what it notices on a real ledger, that one at a time looks, and that outages pass."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import Authority
from imaged import Image, add_image
from ledger_rows import NOW, an_instance
from structlog.testing import capture_logs
from told import mailbox

from hri_node.alerts.facts import FactFinder
from hri_node.console_sections import AlertSettings
from hri_node.errors import Unavailable
from hri_node.ledger.ledger import open_ledger
from hri_node.node import Node
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import Settings
from hri_node.spool import Spool
from workers.lookout import Lookout, look_forever

PACS = DestinationSettings(name="pacs", host="127.0.0.1", called="PACS")
QUICK = {"raise_after_s": 60.0, "clear_after_s": 300.0, "interval_s": 15.0}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with room on its disk, and a destination."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    settings = Settings(
        data_dir=tmp_path,
        destinations=(PACS,),
        spool_reserve_mib=0,
        retention={"clean_below_mib": 0},
        alerts=AlertSettings(**QUICK),
    )
    (tmp_path / "spool").mkdir()
    yield Node(settings, ledger, Spool(tmp_path / "spool"), {}, clock=lambda: NOW)
    ledger.close()


def look_for(node: Node, lookout: Lookout, begin: datetime, seconds: int) -> None:
    """Look every 15 seconds for so long."""
    for passed in range(0, seconds + 1, 15):
        node.clock = lambda at=begin + timedelta(seconds=passed): at  # type: ignore[misc]  # bound now
        assert lookout.look()


def raised(node: Node) -> list[tuple[str, str]]:
    """What is wrong."""
    return [(alarm.kind, alarm.subject) for alarm in node.ledger.open_alarms() if alarm.is_raised]


def test_from_the_first_sign_to_the_last_word(node: Node) -> None:
    """A destination goes away for an hour: raised after ten minutes, over five minutes after it answers, told twice."""
    with mailbox() as box, capture_logs() as logged:
        to = {"mail_to": ("a@b.example",), "mail_from": "c@d.example", "smtp_host": "127.0.0.1"}
        own = AlertSettings(**QUICK, **to, smtp_port=box.port, smtp_security="none")
        node.settings = node.settings.model_copy(update={"alerts": own})
        lookout = Lookout(node, lambda: None)
        node.ledger.note_outage("pacs", "connection refused", NOW, NOW + timedelta(seconds=30))
        look_for(node, lookout, NOW, 585)
        assert raised(node) == []
        look_for(node, lookout, NOW + timedelta(seconds=600), 3000)
        assert raised(node) == [("destination_away", "pacs")]
        node.ledger.note_answer("pacs", NOW + timedelta(hours=1))
        look_for(node, lookout, NOW + timedelta(hours=1), 400)

    assert raised(node) == []
    subjects = [letter["Subject"] for letter in box.letters]
    assert subjects == ["[HRI_NODE] Destination away: pacs", "[HRI_NODE] Over: Destination away: pacs"]
    events = [each["event"] for each in logged]
    assert events == ["alarm_raised", "alert_told", "alarm_cleared", "alert_told"]


def test_everything_that_can_be_wrong_is_found(node: Node, tmp_path: Path) -> None:
    """On a ledger, a disk and a broker in the worst of states."""
    authority = Authority(tmp_path)
    tls = authority.expired()
    now = datetime.now(UTC)
    node.settings = node.settings.model_copy(
        update={
            "scanners": (ScannerSettings(ae_title="US1", silent_after_h=1.0),),
            "spool_reserve_mib": 10**9,
            "web": node.settings.web.model_copy(update={"tls": tls}),
        }
    )
    number = 0
    for days, hri in ((20, 1.2), (3, 1.8)):
        for _ in range(40):
            number += 1
            add_image(node.ledger, Image(number, at=now - timedelta(days=days), hri=hri))
    node.ledger.add_instance(an_instance("1.9.1", "1.9", "zz"), None, 30.0)
    node.clock = lambda: now

    def away() -> None:
        raise Unavailable("broker does not answer: gone")

    lookout = Lookout(node, away)
    look_for(node, lookout, now, 60)

    assert {kind for kind, _ in raised(node)} == {
        "broker_away",
        "disk_full",
        "queue_stuck",
        "silent_scanner",
        "drift",
        "certificate",
    }


def test_who_sent_once_is_not_missed(node: Node) -> None:
    """Only those that are set up, or that send on many days."""
    for number, (title, hours) in enumerate([("ONCE", 0), ("OFTEN", 0), ("OFTEN", 24), ("OFTEN", 48)], 1):
        add_image(node.ledger, Image(number, ae_title=title, at=NOW + timedelta(hours=hours)))
    finder = FactFinder(node.ledger, node.settings, lambda: node.setup, lambda: None)

    facts = finder.find(NOW + timedelta(days=6))

    assert set(facts.silences) == {"OFTEN"}


def test_one_at_a_time_looks(node: Node) -> None:
    """Another one takes over when the first leaves, or is gone for long."""
    first, second = Lookout(node, lambda: None), Lookout(node, lambda: None)
    assert [first.look(), second.look(), first.look()] == [True, False, True]

    first.leave()
    assert [second.look(), first.look()] == [True, False]
    node.clock = lambda: NOW + timedelta(minutes=3)
    assert first.look()


def test_what_happens_is_counted(node: Node) -> None:
    """As long as somebody looks."""
    lookout = Lookout(node, lambda: None)
    node.clock = lambda: NOW - timedelta(seconds=1)
    lookout.look()
    add_image(node.ledger, Image(1, at=NOW))
    node.clock = lambda: NOW + timedelta(minutes=1)
    lookout.look()

    assert ("received", "US1", 1) in {(one.name, one.about, one.value) for one in node.ledger.counters()}


@pytest.mark.parametrize("fault", [Unavailable("ledger does not answer: locked"), KeyError("ours")])
def test_an_outage_is_said_once_and_passes(node: Node, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """And a fault of ours ends no thread."""
    stop, looks = threading.Event(), []

    def look(_self: Lookout) -> bool:
        looks.append(1)
        if len(looks) == 4:
            stop.set()
        raise fault

    monkeypatch.setattr(Lookout, "look", look)
    own = AlertSettings(interval_s=0.01)
    node.settings = node.settings.model_copy(update={"alerts": own})
    with capture_logs() as logged:
        look_forever(node, lambda: None, stop)

    expected = 1 if isinstance(fault, Unavailable) else 4
    assert [each["event"] for each in logged].count("lookout waits" if expected == 1 else "lookout failed") == expected


def test_a_disk_that_is_gone_is_full(node: Node) -> None:
    """Whoever unmounted it is told."""
    node.settings = node.settings.model_copy(update={"spool_dir": Path("/nonexistent/spool")})
    finder = FactFinder(node.ledger, node.settings, lambda: node.setup, lambda: None)

    assert finder.find(NOW).free_mib is None
