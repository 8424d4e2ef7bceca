"""Coming in and going out: passwords, sessions that end, forms of other sites, the theme."""

from datetime import UTC, datetime, timedelta

import pytest
from console_hospital import PASSWORD, Hospital
from playwright.sync_api import expect
from sqlalchemy import update
from visiting import Screen, Visits

from hri_node.ledger.console_tables import PersonRow, SessionRow

pytestmark = pytest.mark.peers

UNPROCESSABLE = "status of 403"
"""What Chromium itself writes where a password is wrong or a form is refused."""


def test_login_page(visits: Visits) -> None:
    """Nobody sees anything before; a wrong password says so at the field; keys alone do, and lead where one wanted."""
    with visits.screen(allowed=[UNPROCESSABLE]) as screen:
        screen.open("/queues?state=failed")
        assert screen.path == "/login"
        assert screen.page.get_by_role("navigation").count() == 0

        expect(screen.page.get_by_label("Name")).to_be_focused()
        screen.page.keyboard.type("vera")
        screen.press("Tab")
        screen.page.keyboard.type("wrong")
        screen.press("Enter")
        expect(screen.page.get_by_role("alert")).to_contain_text("wrong")
        screen.keep("login wrong")
        assert screen.faults() == []
        expect(screen.page.get_by_label("Password")).to_be_focused()
        screen.page.keyboard.type(PASSWORD)
        screen.press("Enter")
        expect(screen.page.get_by_role("heading", name="Queues", exact=True).first).to_be_visible()
        assert screen.page.url.endswith("/queues?state=failed")


def test_logging_out(visits: Visits) -> None:
    """By a key; going back in the browser shows nothing any more."""
    with visits.screen() as screen:
        _log_in(screen, "otto")
        screen.tab_to("Log out")
        with screen.page.expect_navigation():
            screen.press("Enter")
        assert screen.path == "/login"

        screen.page.go_back()
        screen.page.wait_for_url("**/login*")


def test_a_session_that_is_over(visits: Visits, hospital: Hospital) -> None:
    """An open page goes to the login by itself, and the login back to the page."""
    with visits.screen() as screen:
        _log_in(screen, "vera")
        screen.open("/scanners")
        long_ago = datetime.now(UTC) - timedelta(days=1)
        with hospital.node.ledger.transaction() as session:
            person = session.query(PersonRow.id).filter_by(name="vera").scalar_subquery()
            newest = session.query(SessionRow).filter_by(person_id=person).order_by(SessionRow.began_at.desc()).first()
            assert newest is not None
            key = newest.cookie_sha256
            session.execute(update(SessionRow).where(SessionRow.cookie_sha256 == key).values(seen_at=long_ago))

        screen.page.wait_for_url("**/login*")
        screen.page.get_by_label("Name").fill("vera")
        screen.page.get_by_label("Password").fill(PASSWORD)
        screen.press("Enter")
        screen.page.wait_for_url("**/scanners")


def test_a_forged_form(visits: Visits, hospital: Hospital) -> None:
    """One that does not know the page's token does nothing."""
    with visits.screen("otto", allowed=[UNPROCESSABLE]) as screen:
        screen.open("/queues")
        screen.page.evaluate("() => { for (const field of document.getElementsByName('csrf')) field.value = 'x'; }")
        screen.press_button("Pause", screen.row("Measuring"))

        expect(screen.content).to_contain_text("This was not done")
        screen.keep("forged form")
        assert hospital.node.ledger.paused_queues() == {}


def test_theme(visits: Visits) -> None:
    """As the system has it, or as one likes, also on the next page."""
    ground = "() => getComputedStyle(document.body).backgroundColor"
    with visits.screen("vera", theme="dark") as screen:
        screen.open("/")
        dark = screen.page.evaluate(ground)
        button = screen.page.locator("#theme")
        for name in ("Theme: dark", "Theme: light"):
            button.click()
            expect(button).to_have_text(name)
        screen.open("/password")
        assert screen.page.evaluate(ground) != dark
        expect(button).to_have_text("Theme: light")
        button.click()
        assert screen.page.evaluate(ground) == dark


def _log_in(screen: Screen, name: str) -> None:
    screen.open("/")
    screen.page.get_by_label("Name").fill(name)
    screen.page.get_by_label("Password").fill(PASSWORD)
    with screen.page.expect_navigation():
        screen.press("Enter")
    assert screen.path == "/"
