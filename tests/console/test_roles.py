"""What each role sees and may: a viewer has nothing to press, and is refused where they press all the same."""

import pytest
from console_hospital import Hospital
from playwright.sync_api import expect
from visiting import Visits

pytestmark = pytest.mark.peers

OWN = {"Log out", "Search", "Change it"}
"""Buttons of everybody."""

NAVIGATION = {
    "vera": ["Overview", "Studies", "Queues", "Scanners", "Destinations", "Alerts"],
    "otto": ["Overview", "Studies", "Queues", "Scanners", "Destinations", "Alerts", "Self-test", "Log"],
    "ada": ["Overview", "Studies", "Queues", "Scanners", "Destinations", "Alerts", "Self-test", "Log", "People"],
}

FORBIDDEN = {
    "vera": ["/self-test", "/acts", "/people", "/setup/scanner", "/setup/destination?name=pacs"],
    "otto": ["/people", "/setup/scanner", "/setup/destination?name=pacs"],
}

POSTS = {
    "vera": ["/queues/pause", "/queues/jobs", "/destinations/test", "/scanners/test", "/studies/1/discard",
             "/alerts/test", "/self-test/begin", "/setup/scanner", "/people/add"],
    "otto": ["/alerts/test", "/setup/scanner", "/setup/destination/remove", "/people/add", "/people/token"],
}  # fmt: skip

ASK = """async (path) => (await fetch(path, {method: "POST", redirect: "manual", headers: {
    "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content,
    "Content-Type": "application/x-www-form-urlencoded"}, body: "name=measure"})).status"""


@pytest.mark.parametrize("name", NAVIGATION)
def test_navigation(visits: Visits, name: str) -> None:
    """Pages that somebody may open, and no others; each is marked where one is."""
    with visits.screen(name) as screen:
        screen.open("/queues")
        bar = screen.page.get_by_role("navigation", name="Pages")
        assert bar.get_by_role("link").all_inner_texts() == NAVIGATION[name]
        assert bar.locator("[aria-current=page]").all_inner_texts() == ["Queues"]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_pages(visits: Visits, name: str) -> None:
    """Are refused in words."""
    with visits.screen(name, allowed=["status of 403"]) as screen:
        for path in FORBIDDEN[name]:
            screen.open(path, status=403)
            expect(screen.content).to_contain_text("needs the role")
        screen.keep("forbidden")
        assert screen.faults() == []


@pytest.mark.parametrize("name", POSTS)
def test_forbidden_acts(visits: Visits, hospital: Hospital, name: str) -> None:
    """Are refused although the request is well made."""
    with visits.screen(name, allowed=["status of 403"]) as screen:
        screen.open("/")
        assert {path: screen.page.evaluate(ASK, path) for path in POSTS[name]} == dict.fromkeys(POSTS[name], 403)
    assert hospital.node.ledger.paused_queues() == {}


def test_a_viewer_has_nothing_to_press(visits: Visits, hospital: Hospital) -> None:
    """On no page; only what is looked at can be searched, shown and zoomed."""
    pages = ["/", "/studies", "/queues?state=failed", "/scanners", "/scanners/SCANNER", "/destinations", "/alerts"]
    with visits.screen("vera") as screen:
        for path in pages:
            screen.open(path)
            buttons = screen.content.locator("button, input[type=checkbox]").all()
            assert {button.inner_text() for button in buttons} <= OWN, path
        screen.open(f"/studies/{hospital.study_id('clear')}")
        assert screen.content.locator("form, a[download$='.dcm']").count() == 0


def test_names_are_hidden_from_viewers(visits: Visits, hospital: Hospital) -> None:
    """As the setting says: in lists, on pages, in what is burned into the picture, in files."""
    with visits.screen("vera", allowed=["status of 403"]) as screen:
        for path in ("/studies", f"/studies/{hospital.study_id('clear')}"):
            screen.open(path)
            assert "Phantom, " not in screen.page.content()
        screen.open("/studies?q=Clear")
        expect(screen.content).to_contain_text("No study fits")
    with visits.screen("otto") as screen:
        screen.open("/studies")
        expect(screen.content).to_contain_text("Phantom, Clear")
