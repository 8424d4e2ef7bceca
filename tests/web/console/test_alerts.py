"""Tests of the page of alerts: what is wrong stands first, with words, since when, whom to ask; the test button."""

from dataclasses import replace
from pathlib import Path

import pytest
from alarmed import alarm_all
from console_node import SOMEBODY, console
from told import mailbox, service

from hri_node.ledger.alarms import Alarm
from hri_node.ledger.states import Role

VIEWER = replace(SOMEBODY, role=Role.VIEWER)


def test_all_is_well(tmp_path: Path) -> None:
    """And somebody looks."""
    with console(tmp_path) as (node, client):
        assert "Nobody looks for what is wrong" in client.get("/alerts").text
        node.ledger.take_duty("lookout", "a", node.clock(), 60.0)
    with console(tmp_path) as (_, client):
        page = client.get("/alerts").text

    assert "✓ Nothing is wrong" in page
    assert "Nobody but whoever looks here" in page


def test_what_is_wrong_stands_first(tmp_path: Path) -> None:
    """Worst first, with what to do; then what may come, then what is over."""
    with console(tmp_path) as (node, client):
        alarm_all(node.ledger, node.clock())
        page = client.get("/alerts").text

    parts = [
        "Destination pacs is away: connection refused.",
        "Ask whoever runs it",
        "Measuring: 12 of the last hour&#39;s 40 jobs failed.",
        "US_ROOM_2 has sent nothing for 4 days.",
        "Seen, but not for long enough to count",
        "Reporting: the oldest job has waited for 31 min.",
        "What is over",
        "4,000 MiB free.",
        "for 1 min",
    ]
    places = [page.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "not told, tried 1 time: the webhook answered 503" in page
    assert "mail, raised:\ntold <time" in page


@pytest.mark.parametrize("part", ["raised", "past"])
def test_live_parts(tmp_path: Path, part: str) -> None:
    """Each alone, and not again where nothing changed."""
    with console(tmp_path) as (node, client):
        alarm_all(node.ledger, node.clock())
        first = client.get("/alerts", headers={"X-Part": part})
        again = client.get("/alerts", headers={"X-Part": part, "If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert "<html" not in first.text
    assert again.status_code == 304


def test_earlier_ones_are_on_the_next_page(tmp_path: Path) -> None:
    """Fifty on each."""
    with console(tmp_path) as (node, client):
        now = node.clock()
        for number in range(60):
            over = Alarm("disk_low", "spool", f"word {number}.", now, now, now, now)
            node.ledger.revise_alarms(lambda _, over=over: [over], (), now)  # type: ignore[misc]  # bound now
        first, second = client.get("/alerts").text, client.get("/alerts?before=11").text

    assert ("word 59." in first, "word 10." in first, "word 9." in first) == (True, True, False)
    assert 'href="/alerts?before=11"' in first
    assert ("word 9." in second, "word 0." in second, "← the latest" in second) == (True, True, True)


def test_who_is_told_is_for_those_who_run_the_node(tmp_path: Path) -> None:
    """A viewer learns that somebody is."""
    alerts = {"mail_to": ("anna@h.example",), "mail_from": "n@h.example", "smtp_host": "mail.h.example"}
    with console(tmp_path, sections={"alerts": alerts}) as (_, client):
        assert "to anna@h.example through mail.h.example:587, encrypted by STARTTLS" in client.get("/alerts").text
    with console(tmp_path, VIEWER, {"alerts": alerts}) as (_, client):
        page = client.get("/alerts").text

    assert "anna@h.example" not in page
    assert "Send a test" not in page


def test_a_test_by_every_channel(tmp_path: Path) -> None:
    """The verdict of each stands on the page that follows; who tested stands in the log."""
    with mailbox() as box, service() as there:
        (tmp_path / "url").write_text(there.url)
        there.status = 404
        alerts = {"mail_to": ("a@b.example",), "mail_from": "c@d.example", "smtp_host": "127.0.0.1"}
        alerts |= {"smtp_port": box.port, "smtp_security": "none", "webhook_file": tmp_path / "url"}
        with console(tmp_path, sections={"alerts": alerts}) as (node, client):
            answer = client.post("/alerts/test")
            page = client.get("/alerts").text
            (act,) = node.ledger.acts()

    assert answer.status_code == 303
    assert "Mail: sent, the mail server took it for 1 person. Webhook: failed, the webhook answered 404." in page
    assert (len(box.letters), len(there.bodies)) == (1, 1)
    assert (act.who, act.what, act.about) == ("ada", "alert test", "mail, webhook")


def test_a_test_without_channels(tmp_path: Path) -> None:
    """Says which settings are missing."""
    with console(tmp_path) as (_, client):
        client.post("/alerts/test")
        page = client.get("/alerts").text

    assert "Nobody was told: neither alerts.mail_to nor alerts.webhook_file is set." in page


def test_only_admins_test(tmp_path: Path) -> None:
    """It goes to many people."""
    with console(tmp_path, replace(SOMEBODY, role=Role.OPERATOR)) as (_, client):
        assert client.post("/alerts/test").status_code == 403


def test_the_overview_tells_what_its_own_facts_do_not(tmp_path: Path) -> None:
    """Scanners that are silent, and failures; not twice what stands there anyway."""
    with console(tmp_path) as (node, client):
        alarm_all(node.ledger, node.clock())
        page = client.get("/").text

    assert "US_ROOM_2 has sent nothing for 4 days." in page
    assert "12 of the last hour" in page
    assert "Destination pacs is away" not in page
