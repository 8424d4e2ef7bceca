"""Tests of the destinations' page: how each stands, what it gets, and people who pause, test and remove them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from console_node import console
from dimse import running_pacs
from finished import a_finished_study
from running import free_port
from sqlalchemy import update
from starlette.testclient import TestClient

from hri_node.ledger.states import DeliveryState, Role, SetupKind
from hri_node.ledger.tables import DeliveryRow
from hri_node.node import Node
from hri_node.sections import DestinationSettings, OnlySettings
from hri_node.web.console.destinations import address_words, rules_words
from hri_node.web.guard import Visitor

PACS = {"name": "pacs", "host": "127.0.0.1", "called": "PACS"}
SECTIONS = {
    "destinations": [PACS | {"port": free_port()}],
    "scanners": [{"ae_title": "US1", "host": "us1", "return_results": True}],
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """A node with one destination and a scanner that gets its results back."""
    with console(tmp_path, sections=SECTIONS) as found:
        yield found


def flash(browser: TestClient) -> str:
    """The sentence that the next page says."""
    return browser.cookies.get("hri_flash", "").strip('"')


def test_a_destination_that_is_away_says_why(opened: tuple[Node, TestClient]) -> None:
    """And when it is tried again."""
    node, browser = opened
    now = node.clock()
    node.ledger.note_outage("pacs", "pacs does not answer: connection refused", now, now + timedelta(minutes=5))

    page = browser.get("/destinations").text

    assert "pacs does not answer: connection refused" in page
    assert "tried again in 4 min" in page
    assert "Try now" in page
    assert "C-STORE to PACS at 127.0.0.1" in page
    assert "as the settings file says" in page
    assert "what was made of the images of US1" in page


def test_a_destination_is_paused_and_resumed(opened: tuple[Node, TestClient]) -> None:
    """By whom is shown, and written down."""
    node, browser = opened

    browser.post("/destinations/pause", data={"name": "pacs"})
    assert "by ada" in browser.get("/destinations").text
    browser.post("/destinations/resume", data={"name": "pacs"})

    assert [state.paused_at for state in node.ledger.states()] == [None]
    assert [act.what for act in node.ledger.acts()] == ["destination resume", "destination pause"]


def test_an_unknown_destination_is_not_paused(opened: tuple[Node, TestClient]) -> None:
    """Nor tested or forgotten."""
    node, browser = opened

    for deed in ("pause", "resume", "test", "forget"):
        browser.post(f"/destinations/{deed}", data={"name": "pax"})
        assert flash(browser).startswith("Not done: there is no destination pax"), deed
    assert node.ledger.states() == []


def test_a_test_says_what_the_destination_answered(tmp_path: Path) -> None:
    """One that was away is sent to again; the page shows the verdict and how long it took."""
    with running_pacs() as pacs, console(tmp_path, sections={"destinations": [PACS | {"port": pacs.port}]}) as found:
        node, browser = found
        now = node.clock()
        node.ledger.note_outage("pacs", "no answer", now, now + timedelta(minutes=5))

        browser.post("/destinations/test", data={"name": "pacs"})

        assert flash(browser).startswith("pacs answers C-ECHO after ")
        assert "by ada: pacs answers C-ECHO after" in browser.get("/destinations").text
        assert node.ledger.failures("pacs") == 0


def test_a_test_says_that_nobody_answered(opened: tuple[Node, TestClient]) -> None:
    """That is no outage: deliveries go on as before."""
    node, browser = opened

    browser.post("/destinations/test", data={"name": "pacs"})

    assert flash(browser).startswith("No answer: pacs does not answer at 127.0.0.1:")
    assert node.ledger.failures("pacs") == 0


def test_removal_asks_and_says_what_waits(opened: tuple[Node, TestClient]) -> None:
    """What waits for it is refused afterwards, and what is known of it forgotten."""
    node, browser = opened
    a_finished_study(node.ledger)
    with node.ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state=DeliveryState.WAITING))
    node.ledger.note_answer("pacs", node.clock())

    assert "Remove pacs? 1 object waits for it and will be refused." in browser.get("/destinations").text
    browser.post("/setup/destination/remove", data={"name": "pacs"})

    assert node.ledger.setups(SetupKind.DESTINATION) == []
    assert [name for name in node.destinations if name == "pacs"] == []
    assert node.ledger.states() == []


def test_what_was_removed_while_it_was_away_is_forgotten(opened: tuple[Node, TestClient]) -> None:
    """A worker may have written of it once more."""
    node, browser = opened
    node.ledger.note_outage("old", "no answer", node.clock(), node.clock())

    assert "removed" in browser.get("/destinations").text
    browser.post("/destinations/forget", data={"name": "old"})
    assert node.ledger.states() == []

    browser.post("/destinations/forget", data={"name": "pacs"})
    assert flash(browser) == "Not done: destination pacs is set up: remove it instead."


def test_roles_see_what_they_may_do(tmp_path: Path) -> None:
    """A viewer nothing, an operator what mends, an admin what sets up."""
    for role, shown in ((Role.VIEWER, (0, 0)), (Role.OPERATOR, (1, 0)), (Role.ADMIN, (1, 1))):
        folder = tmp_path / role
        folder.mkdir()
        sections = {"destinations": [PACS]}
        with console(folder, Visitor("x", role, "t", "127.0.0.1", 2), sections) as (_, browser):
            page = browser.get("/destinations").text
            assert (page.count(">Pause<"), page.count(">Remove<")) == shown
            assert browser.post("/destinations/pause", data={"name": "pacs"}).status_code == (303 if shown[0] else 403)
            is_admin = 303 if shown[1] else 403
            assert browser.post("/setup/destination/remove", data={"name": "pacs"}).status_code == is_admin


def test_rules_are_told_in_words() -> None:
    """Every list of them."""
    only = OnlySettings(calling=("US_*", "CT"), modality=("US",), outcome=("not_measurable",), kinds=("sr", "sc"))

    assert rules_words(OnlySettings()) == ["everything"]
    assert rules_words(only) == [
        "report (SR) or picture", "from US_* or CT", "of modality US", "of studies that are not measurable",
    ]  # fmt: skip


def test_an_address_holds_no_password() -> None:
    """Should the environment have one in a URL."""
    web = DestinationSettings(name="web", protocol="dicomweb", url="https://user:secret@pacs.example/dicom-web")

    assert address_words(web) == "STOW-RS to https://pacs.example/dicom-web"
