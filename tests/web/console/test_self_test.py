"""Tests of the self-test's page and API: what they show of the latest ones, and that one is begun once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from console_node import SOMEBODY, console
from starlette.testclient import TestClient

from hri_node.ledger.self_tests import Step, Verdict
from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.sections import DestinationSettings
from hri_node.self_test import background
from hri_node.self_test.beginning import Begun, Wishes, begin
from hri_node.web.console import self_test

PACS = DestinationSettings(name="pacs", host="127.0.0.1", port=1, called="PACS")
ARCHIVE = DestinationSettings(name="archive", host="127.0.0.1", port=1, called="ARCHIVE", self_test="store")
SECTIONS = {"destinations": (PACS, ARCHIVE)}


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Begun]:
    """Self-tests that were handed to a process of their own, which none is here."""
    found: list[Begun] = []
    monkeypatch.setattr(background, "launch", lambda _settings, begun: found.append(begun))
    return found


@pytest.fixture
def visited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Node, TestClient]]:
    """A node with two destinations, and an admin before it, who is told nothing twice."""
    monkeypatch.setattr(self_test, "FRESH_S", 0.0)
    with console(tmp_path, sections=SECTIONS) as both:
        yield both


def test_before_the_first_one_there_is_a_button(visited: tuple[Node, TestClient]) -> None:
    """And beside each destination, what is done there."""
    page = visited[1].get("/self-test").text

    assert "None has been run yet." in page
    assert "only asked whether it would take results" in page
    assert "results are stored there" in page


def test_the_button_begins_one_and_the_next_is_refused(visited: tuple[Node, TestClient], launched: list[Begun]) -> None:
    """With what was chosen; it is written down who did it, and every step is there before it begins."""
    node, client = visited

    first = client.post("/self-test/begin", data={"to": ["archive"], "store": "yes"})
    second = client.post("/self-test/begin", data={})

    assert (first.status_code, first.headers["location"]) == (303, "/self-test")
    assert [begun.wishes for begun in launched] == [Wishes(("archive",), is_stored=True)]
    assert "is under way" in second.headers["set-cookie"]
    assert [(act.who, act.what, act.about) for act in node.ledger.acts()] == [("ada", "self-test", "archive")]
    part = client.get("/self-test", headers={"X-Part": "last"}).text
    assert "It is under way" in part
    assert part.count("waiting") == len(launched[0].run.steps) == 9


def test_what_failed_and_what_broke_off_is_said(visited: tuple[Node, TestClient]) -> None:
    """Each step with its sentence; a process that was killed is told from one that ended."""
    node, client = visited
    run = begin(node, Wishes(()), "otto").run
    late = node.clock() - timedelta(minutes=5)
    steps = tuple(replace(step, verdict=Verdict.PASSED, words="fine.") for step in run.steps[1:])
    failed = Step("images", "Make images", Verdict.FAILED, 1.5, "<b>no</b> room")
    ended = replace(run, steps=(failed, *steps), ended_at=node.clock(), is_forgotten=True)

    node.ledger.note_self_test(ended)
    said = client.get("/self-test").text
    node.ledger.note_self_test(replace(run, began_at=late, seen_at=late))
    told = client.get("/api/self-tests").json()

    assert "✗ 1 step failed" in said
    assert "&lt;b&gt;no&lt;/b&gt; room." in said
    assert (told[0]["verdict"], told[0]["is_under_way"], told[0]["who"]) == ("failed", False, "otto")
    assert client.get("/self-test").text.count("It broke off") == 1


def test_programs_begin_one_as_well(visited: tuple[Node, TestClient], launched: list[Begun]) -> None:
    """The second is a conflict, and so is a destination that nobody knows."""
    client = visited[1]

    unknown = client.post("/api/self-tests", json={"destinations": ["nowhere"]})
    first = client.post("/api/self-tests", json={"store": True, "timeout_s": 60})
    second = client.post("/api/self-tests", json={})

    assert (unknown.status_code, first.status_code, second.status_code) == (409, 202, 409)
    assert [begun.wishes for begun in launched] == [Wishes(None, is_stored=True, timeout_s=60)]
    assert launched[0].run.stores == ("pacs", "archive")


def test_a_viewer_may_not(tmp_path: Path) -> None:
    """Neither look nor begin."""
    with console(tmp_path, replace(SOMEBODY, role=Role.VIEWER), SECTIONS) as (_, client):
        assert client.get("/self-test").status_code == 403
        assert client.post("/self-test/begin").status_code == 403
        assert client.get("/api/self-tests").status_code == 403
