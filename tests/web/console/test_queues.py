"""Tests of the queues' page: what waits and what failed, and people who mend it, one job or all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from console_node import console
from finished import a_finished_study
from imaged import Image, add_image
from sqlalchemy import select, update
from starlette.testclient import TestClient

from hri_node.ledger.states import DeliveryState, JobState, Queue, Role, StudyState
from hri_node.ledger.tables import DeliveryRow, StudyRow
from hri_node.node import Node
from hri_node.web.console import queues
from hri_node.web.guard import Visitor

VIEWER = Visitor("vera", Role.VIEWER, "token-of-the-test", "127.0.0.1", 2)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """A node in which three deliveries were refused, and a browser of somebody who may do everything."""
    with console(tmp_path, sections={"destinations": [{"name": "pacs", "host": "h", "called": "PACS"}]}) as (node, it):
        refused_deliveries(node, 3)
        yield node, it


def refused_deliveries(node: Node, count: int) -> None:
    """So many dead letters."""
    for number in range(count):
        a_finished_study(node.ledger, number=number + 1)
    with node.ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state=DeliveryState.REFUSED, detail="pacs said no: out of ideas"))


def states(node: Node) -> list[str]:
    """States of all deliveries."""
    with node.ledger.transaction(reading=True) as session:
        return list(session.execute(select(DeliveryRow.state).order_by(DeliveryRow.id)).scalars())


def flash(browser: TestClient) -> str:
    """The sentence that the next page says."""
    return browser.cookies.get("hri_flash", "").strip('"')


def test_what_failed_is_shown_first(opened: tuple[Node, TestClient]) -> None:
    """With its last word, its study and what mends it."""
    _, browser = opened

    page = browser.get("/queues").text

    assert page.count("pacs said no: out of ideas") == 3
    assert 'href="/studies/1"' in page
    assert page.count('name="retry"') == 3


def test_jobs_are_chosen_by_queue_state_and_destination(opened: tuple[Node, TestClient]) -> None:
    """As the overview's links say; words that are none are not heard."""
    _, browser = opened

    assert "(3)" in browser.get("/queues?queue=deliver&state=failed").text
    assert "Nothing failed" in browser.get("/queues?destination=archive&state=failed").text
    assert "There is none" in browser.get("/queues?queue=deliver&state=waiting").text
    assert browser.get("/queues?queue=nix&state=nix&before=-1").status_code == 200


def test_many_jobs_come_by_the_page(opened: tuple[Node, TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """A link leads to older ones, and back to the newest."""
    monkeypatch.setattr(queues, "PAGE", 2)
    _, browser = opened

    first = browser.get("/queues?queue=deliver&state=failed").text
    second = browser.get("/queues?queue=deliver&state=failed&before=2").text

    assert "before=2" in first
    assert ("deliver-3" in first, "deliver-3" in second, "deliver-1" in second) == (True, False, True)


def test_one_job_is_done_again(opened: tuple[Node, TestClient]) -> None:
    """By its own button; it is written down."""
    node, browser = opened

    answer = browser.post(
        "/queues/jobs", data={"retry": "deliver-2"}, headers={"Referer": "http://testserver/queues?x"}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/queues?x")
    assert flash(browser) == "1 job is due again."
    assert states(node) == ["refused", "waiting", "refused"]
    assert [(act.who, act.what, act.about) for act in node.ledger.acts()] == [("ada", "jobs retry", "deliver-2")]


def test_chosen_jobs_are_set_aside(opened: tuple[Node, TestClient]) -> None:
    """Those whose boxes are ticked."""
    node, browser = opened

    browser.post("/queues/jobs", data={"job": ["deliver-1", "deliver-3"], "do": "discard"})

    assert flash(browser) == "2 jobs are set aside."
    assert states(node) == ["discarded", "refused", "discarded"]


def test_all_that_match_are_done_again(opened: tuple[Node, TestClient]) -> None:
    """Also those that are on no page; the log says which were meant."""
    node, browser = opened

    browser.post("/queues/jobs", data={"queue": "deliver", "state": "failed", "destination": "pacs", "all": "retry"})

    assert states(node) == ["waiting"] * 3
    assert node.ledger.acts()[0].about == "3 of deliver: all failed to pacs"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"do": "retry"}, "Not done: no job was chosen."),
        ({"retry": "deliver-99"}, "Not done: there is no job deliver-99: nothing was changed."),
        ({"retry": "nix"}, "Not done: there is no job nix: nothing was changed."),
        ({"all": "retry"}, "Not done: it was not said which jobs."),
        ({"all": "discard", "queue": "deliver", "state": "done"}, "Not done: only failed or waiting jobs"),
        ({"all": "retry", "queue": "deliver", "state": "waiting"}, "Not done: only failed or discarded jobs"),
        ({"complete": "99"}, "Not done: study 99 is not open: there is nothing to complete."),
    ],
)
def test_what_cannot_be_done_is_said(opened: tuple[Node, TestClient], form: dict[str, str], words: str) -> None:
    """And nothing is changed or written down."""
    node, browser = opened

    assert browser.post("/queues/jobs", data=form).status_code == 303

    assert flash(browser).startswith(words)
    assert (states(node), node.ledger.acts()) == (["refused"] * 3, [])


def test_an_open_study_is_completed(opened: tuple[Node, TestClient]) -> None:
    """It is reported as it is."""
    node, browser = opened
    add_image(node.ledger, Image(1, study=9))
    with node.ledger.transaction(reading=True) as session:
        number = session.execute(select(StudyRow.id).where(StudyRow.state == StudyState.OPEN)).scalar_one()

    assert "Report now" in browser.get("/queues?queue=report&state=waiting").text
    browser.post("/queues/jobs", data={"complete": str(number)})

    assert node.ledger.study(number).forced_at is not None
    assert node.ledger.acts()[0].what == "jobs complete"


def test_a_queue_is_paused_and_goes_on(opened: tuple[Node, TestClient]) -> None:
    """The page says by whom."""
    node, browser = opened

    browser.post("/queues/pause", data={"name": "deliver"})
    assert "by ada" in browser.get("/queues").text
    browser.post("/queues/resume", data={"name": "deliver"})

    assert node.ledger.paused_queues() == {}
    assert [act.what for act in node.ledger.acts()] == ["queue resume", "queue pause"]
    browser.post("/queues/pause", data={"name": "nix"})
    assert flash(browser) == "Not done: there is no such queue."


def test_a_viewer_looks_and_changes_nothing(tmp_path: Path) -> None:
    """No button is shown, and none would do anything."""
    with console(tmp_path, VIEWER) as (node, browser):
        refused_deliveries(node, 1)

        page = browser.get("/queues").text

        assert "pacs said no" in page
        assert 'name="retry"' not in page
        assert "Pause" not in page
        assert browser.post("/queues/jobs", data={"retry": "deliver-1"}).status_code == 403
        assert browser.post("/queues/pause", data={"name": "deliver"}).status_code == 403


def test_live_parts_hold_nothing_of_one_visitor(opened: tuple[Node, TestClient]) -> None:
    """They are rendered once for all of a role."""
    _, browser = opened

    part = browser.get("/queues", headers={"X-Part": "queues jobs"}).text

    assert "deliver-1" in part
    assert "token-of-the-test" not in part


def test_states_have_names(opened: tuple[Node, TestClient]) -> None:
    """Each state of each queue has a page."""
    _, browser = opened

    for queue in Queue:
        for state in ("any", *JobState):
            assert browser.get(f"/queues?queue={queue}&state={state}").status_code == 200
