"""The self-test and the test of alerts, by their buttons."""

import pytest
from console_hospital import Hospital
from playwright.sync_api import expect
from running import eventually
from visiting import Visits

pytestmark = pytest.mark.peers

TESTED_WITHIN_MS = 90_000


def test_self_test(visits: Visits, hospital: Hospital) -> None:
    """Begun by a key; each step's verdict appears by itself; what is away is said; nothing of it stays in the list."""
    with visits.screen("otto") as screen:
        screen.open("/self-test")
        screen.tab_to("input archive")
        screen.press("Space")
        screen.tab_to("button Run the self-test")
        screen.press("Enter")

        verdict = screen.page.locator("#last .verdict")
        expect(verdict).to_contain_text("Everything works", timeout=TESTED_WITHIN_MS)
        screen.keep("self-test passed")
        assert screen.faults() == []
        assert screen.too_wide() == []
        screen.open("/studies?q=HRI-NODE-SELFTEST")
        expect(screen.content).to_contain_text("No study fits")
    assert ("otto", "self-test") in {(act.who, act.what.split(" run")[0]) for act in hospital.node.ledger.acts()}


def test_alerts(visits: Visits, hospital: Hospital) -> None:
    """A test reaches whoever is told, at once."""
    with visits.screen("ada") as screen:
        screen.open("/alerts")
        screen.tab_to("button Send a test")
        with screen.page.expect_navigation():
            screen.press("Enter")
        assert not screen.told.startswith("Not done"), screen.told
        eventually(lambda: hospital.webhook.told, 20, "the message")
        screen.keep("alerts tested")
