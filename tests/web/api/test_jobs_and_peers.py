"""Tests of the API about jobs, queues, scanners, destinations and acts: what the pages do, for programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from console_node import console
from dimse import running_pacs
from finished import a_finished_study
from imaged import Image, add_image
from running import free_port
from sqlalchemy import select, update
from starlette.testclient import TestClient

from hri_node.ledger.contacts import News
from hri_node.ledger.states import DeliveryState, Queue, Role, SetupKind
from hri_node.ledger.tables import DeliveryRow
from hri_node.node import Node
from hri_node.web.guard import Visitor

PACS = {"host": "127.0.0.1", "port": free_port(), "called": "PACS"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """A node in which three deliveries were refused, and a program that may do everything."""
    with console(tmp_path, sections={"destinations": [PACS | {"name": "pacs"}]}) as (node, program):
        for number in range(3):
            a_finished_study(node.ledger, number=number + 1)
        with node.ledger.transaction() as session:
            session.execute(update(DeliveryRow).values(state=DeliveryState.REFUSED, detail="pacs said no"))
        yield node, program


def states(node: Node) -> list[str]:
    """States of all deliveries."""
    with node.ledger.transaction(reading=True) as session:
        return list(session.execute(select(DeliveryRow.state).order_by(DeliveryRow.id)).scalars())


def test_jobs_come_by_the_page(opened: tuple[Node, TestClient]) -> None:
    """With what is needed to ask for the next one."""
    _, program = opened

    first = program.get("/api/jobs?queue=deliver&state=failed&limit=2").json()
    second = program.get(f"/api/jobs?queue=deliver&state=failed&limit=2&before={first['next_before']}").json()

    assert [job["id"] for job in (*first["jobs"], *second["jobs"])] == ["deliver-3", "deliver-2", "deliver-1"]
    assert second["next_before"] is None
    assert first["jobs"][0] | {"since": "", "subject": ""} == {
        "id": "deliver-3", "queue": "deliver", "state": "failed", "outcome": "refused", "subject": "", "study": 3,
        "destination": "pacs", "attempts": 0, "since": "", "again_at": None, "last_word": "pacs said no",
    }  # fmt: skip


def test_one_job_tells_its_tries(opened: tuple[Node, TestClient]) -> None:
    """A delivery; one that is not there is a problem in JSON."""
    _, program = opened

    assert program.get("/api/jobs/deliver-1").json()["tries"] == []
    missing = program.get("/api/jobs/deliver-9")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_jobs_are_done_again_and_set_aside(opened: tuple[Node, TestClient]) -> None:
    """Those that are named, or all that match; it is in the log."""
    node, program = opened

    assert program.post("/api/jobs/retry", json={"jobs": ["deliver-1"]}).json() == {"said": "1 job is due again."}
    said = program.post("/api/jobs/discard", json={"queue": "deliver", "state": "failed"}).json()

    assert said == {"said": "2 jobs are set aside."}
    assert states(node) == ["waiting", "discarded", "discarded"]
    assert [act.what for act in node.ledger.acts()] == ["jobs discard", "jobs retry"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"jobs": ["deliver-1"], "queue": "deliver", "state": "failed"}, 422),
        ({"queue": "deliver"}, 422),
        ({"queue": "deliver", "state": "done"}, 422),
        ({"queue": "deliver", "state": "waiting"}, 409),
        ({"jobs": ["deliver-9"]}, 409),
    ],
)
def test_what_is_not_said_clearly_is_not_done(
    opened: tuple[Node, TestClient], body: dict[str, object], status: int
) -> None:
    """Nothing is changed."""
    node, program = opened

    assert program.post("/api/jobs/retry", json=body).status_code == status
    assert (states(node), node.ledger.acts()) == (["refused"] * 3, [])


def test_queues_are_told_paused_and_go_on(opened: tuple[Node, TestClient]) -> None:
    """By whom, too."""
    node, program = opened

    program.post("/api/queues/deliver/pause")
    told = {queue["name"]: queue for queue in program.get("/api/queues").json()}

    assert (told["deliver"]["paused_by"], told["deliver"]["failed"]) == ("ada", 3)
    assert told["measure"]["paused_at"] is None
    program.post("/api/queues/deliver/resume")
    assert Queue.DELIVER not in node.ledger.paused_queues()
    assert program.post("/api/queues/nix/pause").status_code == 422


def test_a_destination_is_set_up_asked_and_removed(opened: tuple[Node, TestClient]) -> None:
    """PUT makes or changes it."""
    node, program = opened
    with running_pacs() as pacs:
        keys = PACS | {"port": pacs.port, "only": {"kinds": ["sr"]}}
        assert program.put("/api/destinations/second", json={"keys": keys}).json() == {"said": "second is set up."}
        assert program.put("/api/destinations/second", json={"keys": keys}).json() == {"said": "second is changed."}
        asked = program.post("/api/destinations/second/echo").json()
    assert asked["answers"]
    assert asked["said"].startswith("second answers C-ECHO")

    program.post("/api/destinations/second/pause")
    told = {one["name"]: one for one in program.get("/api/destinations").json()}
    assert told["second"]["setup"]["keys"]["only"] == {"kinds": ["sr"]}
    assert (told["second"]["paused_by"], told["pacs"]["load"]["failed"]) == ("ada", 3)

    assert "is refused from now on" in program.delete("/api/destinations/second").json()["said"]
    assert program.delete("/api/destinations/second").status_code == 404
    assert [one.name for one in node.ledger.setups(SetupKind.DESTINATION)] == ["pacs"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "needs host, port and called"),
        (PACS | {"port": "x"}, "port: it is no whole number"),
        (PACS | {"tls": {"password": "very secret"}}, "a password does not belong here"),
        (PACS | {"tls": {"authorities": {"a": {}}}}, "there is no such key"),
        (PACS | {"nix": 1}, "there is no such key"),
    ],
)
def test_what_cannot_work_is_not_set_up(opened: tuple[Node, TestClient], keys: dict[str, object], words: str) -> None:
    """In one sentence, which quotes no secret."""
    node, program = opened

    answer = program.put("/api/destinations/second", json={"keys": keys})

    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "very secret" not in answer.text
    assert len(node.ledger.setups(SetupKind.DESTINATION)) == 1


def test_a_peer_that_does_not_answer_is_no_error(opened: tuple[Node, TestClient]) -> None:
    """The question was answered; one about nobody is not."""
    _, program = opened

    asked = program.post("/api/destinations/pacs/echo")

    assert (asked.status_code, asked.json()["answers"]) == (200, False)
    assert program.post("/api/destinations/nix/echo").status_code == 404
    assert program.post("/api/destinations/nix/pause").status_code == 404
    assert program.post("/api/scanners/nix/echo").status_code == 404


def test_scanners_tell_what_they_sent_and_how_they_measured(opened: tuple[Node, TestClient]) -> None:
    """By day, for drift; and who was turned away."""
    node, program = opened
    now = node.clock()
    add_image(node.ledger, Image(1, ae_title="US1", at=now, hri=1.5))
    node.ledger.note_contacts([News("US2", "10.0.0.6", rejected_at=now, rejections=1, rejection="not known")], now)
    program.put("/api/scanners/US3", json={"keys": {"host": "10.0.0.7"}})

    scanners = {one["ae_title"]: one for one in program.get("/api/scanners").json()}
    (day,) = program.get("/api/scanners/US1/days").json()
    (contact,) = program.get("/api/contacts").json()

    assert scanners["US3"]["setup"]["keys"] == {"ae_title": "US3", "host": "10.0.0.7"}
    assert scanners["US1"]["setup"] is None
    assert (day["images"], day["measured"], day["median_hri"]) == (1, 1, 1.5)
    assert (contact["ae_title"], contact["is_rejected"], contact["rejection"]) == ("US2", True, "not known")
    assert program.delete("/api/scanners/US3").json() == {"said": "US3 is removed."}


def test_the_log_is_for_operators(opened: tuple[Node, TestClient]) -> None:
    """By person."""
    node, program = opened
    node.ledger.note_act("ben", "jobs retry", "deliver-1", node.clock())
    node.ledger.note_act("ada", "queue pause", "deliver", node.clock())

    assert [act["what"] for act in program.get("/api/acts?who=ben").json()] == ["jobs retry"]


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.VIEWER, set()), (Role.OPERATOR, {"hold", "log"}), (Role.ADMIN, {"hold", "log", "set"})]
)
def test_roles_may_what_they_may_on_pages(tmp_path: Path, role: Role, allowed: set[str]) -> None:
    """The API is no way around."""
    with console(tmp_path, Visitor("x", role, "t", "127.0.0.1", 2)) as (_, program):
        answers = {
            "hold": program.post("/api/queues/deliver/pause"),
            "log": program.get("/api/acts"),
            "set": program.put("/api/scanners/US1", json={"keys": {}}),
        }
        assert program.get("/api/jobs?queue=deliver").status_code == 200

    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    assert {answer.status_code for name, answer in answers.items() if name not in allowed} <= {403}
