"""People are let in, sent away and given tokens."""

import re

import pytest
import requests
from console_hospital import PASSWORD, Hospital
from playwright.sync_api import expect
from visiting import Visits

pytestmark = pytest.mark.peers

REFUSED = "status of 4(03|22)"


def test_somebody_new(visits: Visits) -> None:
    """Is added, opens a link once, sets a password, gets another role, is sent away."""
    with visits.screen("ada") as admin, visits.screen(allowed=[REFUSED]) as theirs:
        admin.open("/people")
        admin.page.get_by_label("Name", exact=True).fill("nora")
        admin.press_button("Add, and make a link")
        link = admin.page.locator("code.secret").inner_text()
        admin.keep("people link")
        assert admin.faults() == []

        theirs.page.goto(link)
        theirs.keep("welcome")
        assert theirs.faults() == []
        theirs.page.get_by_label("Password", exact=True).fill("short")
        theirs.page.get_by_label("The same again").fill(PASSWORD)
        theirs.page.get_by_label("Password", exact=True).fill(PASSWORD)
        theirs.press("Enter")
        expect(theirs.page.get_by_role("heading", name="Overview")).to_be_visible()
        with visits.screen(allowed=["status of 4"]) as late:
            late.page.goto(link)
            expect(late.page.get_by_role("heading", level=1)).not_to_contain_text("Welcome")
            late.keep("link used")

        admin.open("/people")
        admin.row("nora").get_by_role("combobox").select_option("operator")
        admin.press_button("Set the role of nora")
        theirs.page.wait_for_url("**/login*")
        admin.press_button("Remove", admin.row("nora"))
        expect(admin.content.locator("tbody").first).not_to_contain_text("nora")


def test_a_password_is_changed(visits: Visits) -> None:
    """With the old one, by keys alone."""
    with visits.screen("ada") as admin, visits.screen(allowed=[REFUSED]) as theirs:
        admin.open("/people")
        admin.page.get_by_label("Name", exact=True).fill("pia")
        admin.press_button("Add, and make a link")
        theirs.page.goto(admin.page.locator("code.secret").inner_text())
        for words in (PASSWORD, PASSWORD):
            theirs.page.keyboard.press("Tab")
            while theirs.page.evaluate("() => document.activeElement.type") != "password":
                theirs.page.keyboard.press("Tab")
            theirs.page.keyboard.type(words)
        theirs.press("Enter")
        theirs.page.wait_for_url(re.compile(r"/$"))
        theirs.tab_to("a pia")
        theirs.press("Enter")
        theirs.page.wait_for_url("**/password")
        for words in ("wrong wrong wrong", PASSWORD):
            theirs.page.get_by_label("Old password").fill(words)
            theirs.page.get_by_label("New password").fill(PASSWORD[::-1])
            theirs.page.get_by_label("The same again").fill(PASSWORD[::-1])
            with theirs.page.expect_navigation():
                theirs.press("Enter")
        assert theirs.told == "Your password is changed."
        admin.open("/people")
        admin.press_button("Remove", admin.row("pia"))


def test_a_token(visits: Visits, hospital: Hospital) -> None:
    """Is shown once, works, and works no more when it is revoked."""
    with visits.screen("ada") as screen:
        screen.open("/people")
        screen.page.get_by_label("What it is for").fill("monitor")
        screen.press_button("Make it")
        secret = screen.page.locator("code.secret").inner_text()
        header = {"Authorization": f"Bearer {secret}"}
        assert requests.get(f"{hospital.url}/api/overview", headers=header, timeout=10).status_code == 200

        screen.open("/people")
        assert secret not in screen.page.content()
        screen.press_button("Revoke", screen.row("monitor"))
        assert requests.get(f"{hospital.url}/api/overview", headers=header, timeout=10).status_code == 401
