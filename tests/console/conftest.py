"""The console in Chromium: one node with life in it, and three people before it, for all tests of this folder."""

from collections.abc import Iterator
from shutil import which

import pytest
from console_hospital import PASSWORD, PEOPLE, Hospital, running_hospital
from playwright.sync_api import Browser, sync_playwright
from running import require
from visiting import Visits

OPTIONS = ("--no-sandbox",)
"""Root may not use the sandbox."""


@pytest.fixture(scope="package")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The node; it ends with this folder, and leaves the processors to other tests."""
    require("chromium")
    with running_hospital(tmp_path_factory.mktemp("hospital")) as made:
        yield made


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser without a window; Playwright's loop ends with this folder, as it lets no other run in this thread."""
    require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def visits(hospital: Hospital, chromium: Browser) -> Visits:
    """Everybody logged in, by the login page."""
    made = Visits(chromium, hospital.url)
    for name in PEOPLE:
        with made.screen() as screen:
            screen.open("/")
            assert screen.path == "/login"
            screen.page.get_by_label("Name").fill(name)
            screen.page.get_by_label("Password").fill(PASSWORD)
            screen.page.get_by_role("button", name="Log in", exact=True).click()
            screen.page.get_by_role("heading", name="Overview").wait_for()
            made.states[name] = screen.page.context.storage_state()
    return made
