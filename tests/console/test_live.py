"""The overview goes on by itself: what comes is seen without a reload, and a node that is away is missed and found."""

import os
import re
import signal

import pytest
from console_hospital import CLEAR, Hospital
from playwright.sync_api import Page, expect
from running import eventually
from visiting import APPEARS_MS, Visits

pytestmark = pytest.mark.peers

ABSENT = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")
"""What Chromium itself says of a server that is not there."""

AWAY_MS = 60_000


def tile(page: Page, name: str) -> int:
    """The number on a tile of the overview."""
    found = page.locator(".tile").filter(has_text=name).locator("dd").inner_text()
    return int(re.match(r"\d+", found).group())  # type: ignore[union-attr]


def test_a_study_that_comes_is_seen_without_a_reload(visits: Visits, hospital: Hospital) -> None:
    """Received, measured, reported; what the person has opened stays open."""
    with visits.screen("vera") as screen:
        screen.open("/")
        page = screen.page
        page.evaluate("() => { globalThis.isTheSamePage = true; }")
        before = [tile(page, name) for name in ("Received", "Measured", "Studies reported")]
        page.get_by_text("As a table").click()

        hospital.send("live", CLEAR)
        eventually(hospital.is_settled, 60, "the report")

        expect(page.locator(".tile").filter(has_text="Studies reported")).to_contain_text(str(before[2] + 1))
        expect(page.locator(".tile").filter(has_text="Received")).to_contain_text(str(before[0] + 1))
        expect(page.locator(".tile").filter(has_text="Measured").first).to_contain_text(str(before[1] + 1))
        assert page.get_by_role("columnheader", name="Not measurable").is_visible()
        assert page.evaluate("() => globalThis.isTheSamePage")


def test_what_is_wrong_stands_first(visits: Visits) -> None:
    """Dead letters, a destination that is away, a scanner that was turned away, each with the page that mends it."""
    with visits.screen("vera") as screen:
        screen.open("/")
        verdict = screen.page.locator("#verdict")

        expect(verdict).to_contain_text("things need you")
        pages = {link.get_attribute("href") for link in verdict.get_by_role("link").all()}
        assert {"/queues?queue=deliver&state=failed", "/destinations", "/scanners"} <= pages
        boxes = [screen.page.locator(f"#{part}").bounding_box() for part in ("verdict", "today", "state")]
        tops = [box["y"] for box in boxes if box]
        assert tops == sorted(tops)
        assert boxes[0] is not None
        assert boxes[0]["y"] + boxes[0]["height"] < 400


def test_a_web_process_that_is_killed(visits: Visits, hospital: Hospital) -> None:
    """Open pages say that the node does not answer, and go on by themselves as soon as it does."""
    with visits.screen("otto", allowed=ABSENT) as overview, visits.screen("ada", allowed=ABSENT) as queues:
        overview.open("/")
        queues.open("/queues")
        ages = overview.page.locator('#state time[data-as="ago"]').first
        (web,) = hospital.node.processes("hri_node web")
        hospital.node.process.send_signal(signal.SIGSTOP)  # or it would start another at once
        os.kill(web, signal.SIGKILL)

        for screen in (overview, queues):
            expect(screen.page.locator("#lost")).to_be_visible(timeout=AWAY_MS)
        old = ages.inner_text()
        hospital.node.process.send_signal(signal.SIGCONT)

        for screen in (overview, queues):
            expect(screen.page.locator("#lost")).to_be_hidden(timeout=AWAY_MS)
        expect(ages).not_to_have_text(old, timeout=APPEARS_MS)
