"""Marks survive whatever is killed: the server, the browser, the line between them; and none is doubled."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest
import requests
from marker import Marker, marker
from playwright.sync_api import Browser, BrowserType, Page, expect
from reading import Reading
from running import eventually, free_port
from study_made import SIZE, SPACING_MM, made_study

from hri_node.study.project.records import Organ
from hri_node.study.project.store import Study
from hri_node.web.reader.app import reader_path

pytestmark = pytest.mark.peers

OFFLINE = "Failed to load resource: net::ERR_"
"""What Chromium says of a server that is not there."""

REFUSED = "Failed to load resource: the server responded with a status of 40"


class Served:
    """`hri-node study serve`, that can be killed and started again on its port."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "hri_node", "study", "serve", str(self.study.folder), "--port", str(self.port)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        eventually(self._answers, 60, "the marking tool")

    def kill(self) -> None:
        """As a power cut does; where it is dead, nothing."""
        self._process.kill()
        self._process.wait()

    def link(self) -> str:
        """A new personal link of R1."""
        return self.url + reader_path(self.study.new_link("R1", datetime.now(UTC)))

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Served]:
    """A study of three pictures that a process serves."""
    served = Served(made_study(tmp_path / "study"))
    yield served
    served.kill()
    served.study.close()


def place(reader: Marker, column: float, row: float) -> None:
    """Click on a point of the fitted picture."""
    reader.page.mouse.click(*reader.at((column, row), SIZE, SPACING_MM))


def marks(study: Study, position: int) -> list[Organ]:
    """Organs that R1 marked on an image."""
    return [each.mark.organ for each in study.marks("R1", 1, study.order("R1", 1)[position - 1])]


def test_the_server_is_killed_and_nothing_is_lost(chromium: Browser, process: Served) -> None:
    """What was saved is there; what was marked, moved and finished while it was away arrives, once, in its order."""
    with marker(chromium, "killed", allowed=OFFLINE) as reader:
        reader.enter(process.link())
        reader.begin()
        place(reader, 50, 60)
        reader.saved()
        process.kill()
        place(reader, 150, 60)
        reader.waits(1)
        reader.keys("ArrowUp")
        reader.waits(2)
        expect(reader.page.get_by_role("alert")).to_contain_text("The server does not answer")
        reader.keep("waiting")
        reader.keys("Enter")
        reader.shows(2)
        place(reader, 40, 50)
        reader.waits(3)
        process.start()
        reader.saved()

    study = process.study
    assert [marks(study, position) for position in (1, 2, 3)] == [[Organ.LIVER, Organ.CORTEX], [Organ.LIVER], []]
    assert [len(study.history("R1", 1, subject)) for subject in study.order("R1", 1)] == [3, 1, 0]
    assert study.finished("R1", 1) == {study.order("R1", 1)[0]}


def test_the_server_is_killed_while_it_answers(chromium: Browser, process: Served) -> None:
    """Twelve marks while it is killed twice: the last one counts, each is kept once."""
    with marker(chromium, "killed often", allowed=OFFLINE) as reader:
        reader.enter(process.link())
        reader.begin()
        place(reader, 50, 60)
        for step in range(1, 12):
            reader.keys("ArrowRight")
            if step in {3, 8}:
                process.kill()
            if step in {6, 10}:
                process.start()
        reader.saved()

    history = process.study.history("R1", 1, process.study.order("R1", 1)[0])
    assert [kept.mark.points[0][0] for kept in history] == list(range(20, 32))
    assert [kept.ended_at is None for kept in history] == [False] * 11 + [True]


def test_the_browser_is_killed_and_nothing_is_lost(chromium: Browser, process: Served, tmp_path: Path) -> None:
    """Marks that waited are in its store, and are sent as soon as the page is open again."""
    browser_type: BrowserType = chromium.browser_type
    options = {"executable_path": which("chromium"), "args": ["--no-sandbox"]}
    context = browser_type.launch_persistent_context(tmp_path / "profile", **options)
    reader = Marker(context.new_page())
    reader.enter(process.link())
    reader.begin()
    process.kill()
    place(reader, 50, 60)
    reader.waits(1)
    kill_browser(reader.page)
    process.start()

    context = browser_type.launch_persistent_context(tmp_path / "profile", **options)
    again = Marker(context.new_page())
    again.enter(process.link())  # a browser writes cookies to its disk when it likes
    again.begin()
    expect(again.organ("liver")).not_to_contain_text("not marked yet")
    again.saved()
    context.close()
    assert marks(process.study, 1) == [Organ.LIVER]


def kill_browser(page: Page) -> None:
    """Kill every process of a page's browser."""
    browser = page.context.browser
    assert browser is not None, "the browser of a profile"
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    main = next(each["id"] for each in processes if each["type"] == "browser")
    os.kill(main, signal.SIGKILL)


def test_a_reader_goes_on_where_they_were(chromium: Browser, plain: Reading) -> None:
    """In another browser: the first image that is not done, with the marks it has."""
    for _ in range(2):
        with marker(chromium, "resumed") as reader:
            reader.enter(plain.link())
            reader.begin()
            before = reader.outlines()
            if not before:
                reader.keys("Enter", "2", "Shift+ArrowRight*7", "Enter", "Enter")
                reader.shows(2)
                place(reader, 50, 60)
            reader.saved()

    assert before == ["liver"]
    assert plain.study.finished("R1", 1) == {plain.study.order("R1", 1)[0]}


def test_of_two_tabs_the_last_one_counts(chromium: Browser, plain: Reading) -> None:
    """Both show what is kept once they are loaded again."""
    with marker(chromium, "tab one") as first:
        first.enter(plain.link())
        first.begin()
        second = Marker(first.page.context.new_page())
        second.page.goto(first.page.url)
        second.shows(1)
        place(first, 50, 60)
        first.saved()
        place(second, 40, 50)
        second.saved()
        for tab in (first, second):
            tab.page.reload()
            tab.shows(1)
        assert first.values("liver") == second.values("liver") != "not marked yet"

    kept = plain.study.marks("R1", 1, plain.study.order("R1", 1)[0])
    assert [each.mark.points[0] for each in kept] == [(10, 35)]


def test_marks_wait_for_their_own_reader(chromium: Browser, plain: Reading) -> None:
    """On a computer that two readers use, nobody's marks are sent in the other one's name."""
    with marker(chromium, "two readers", allowed=REFUSED) as first:
        first.enter(plain.link("R1"))
        first.begin()
        second = Marker(first.page.context.new_page())
        second.enter(plain.link("R2"))
        place(first, 50, 60)
        first.waits(1)
        expect(first.page.get_by_role("alert")).to_contain_text("Open your personal link again")
        second.begin()
        second.saved()
        second.enter(plain.link("R1"))
        first.saved()

    assert [len(plain.study.marks(reader, 1, plain.study.order("R1", 1)[0])) for reader in ("R1", "R2")] == [1, 0]
