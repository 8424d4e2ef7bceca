"""The API: what the console shows, for programs; described, refused in JSON, and open to nobody below its role."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from console_node import SOMEBODY, console
from fastapi.routing import APIRoute
from guarded import guarded
from starlette.routing import Mount
from starlette.testclient import TestClient
from study_site import STUDY_UID, a_reported_study, receive, settings

from hri_node.ledger.states import Role, StudyState
from hri_node.node import Node
from hri_node.web.api import overview, studies, study_models
from hri_node.web.api.app import ApiParts, api_app
from hri_node.web.console.facts import FactFinder
from hri_node.web.console.rendering import Pages
from hri_node.web.console.shared import Shared
from hri_node.web.guard import NEEDED

Served = tuple[Node, TestClient]
VIEWER = replace(SOMEBODY, role=Role.VIEWER)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A node with a study that is reported and delivered, and a program of an admin."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)
        yield node, client


def test_studies_are_searched(served: Served) -> None:
    """By whatever the page can, with the counts of its list."""
    _, client = served

    page = client.get("/api/studies", params={"q": "doe", "first_date": "2026-01-02", "measured": True}).json()

    (study,) = page["studies"]
    assert (study["id"], study["study_instance_uid"], study["patient_name"]) == (1, STUDY_UID, "Doe^Jane")
    assert (study["images"], study["measured"], study["deliveries"]) == ({"measured": 1}, 1, {"verified": 6})
    assert page["next_before"] is None
    assert client.get("/api/studies?hri_min=50").json()["studies"] == []


def test_pages_of_studies_lead_on(served: Served) -> None:
    """By the number that each names."""
    node, client = served
    receive(node, study_uid="2.25.8")

    first = client.get("/api/studies?limit=1").json()
    second = client.get("/api/studies", params={"limit": 1, "before": first["next_before"]}).json()

    assert [page["studies"][0]["id"] for page in (first, second)] == [2, 1]
    assert second["next_before"] is None


@pytest.mark.parametrize("name", ["1", STUDY_UID])
def test_a_study_with_its_images_and_results(served: Served, name: str) -> None:
    """By number or UID; an image with what was found, a result with every try."""
    node, client = served

    study = client.get(f"/api/studies/{name}").json()
    (image,) = client.get(f"/api/studies/{name}/instances").json()
    detail = client.get(f"/api/studies/{name}/instances/1").json()
    results = client.get(f"/api/studies/{name}/results").json()

    assert study["hri"] == image["hri"] == detail["frames"][0]["hri"] == node.ledger.study(1).hri
    assert (image["words"], image["frames_measured"]) == ("", 1)
    assert [one["kind"] for one in results] == ["sr", "seg", "sc"]
    assert [one["state"] for one in results[0]["deliveries"]] == ["verified", "verified"]
    assert results[0]["deliveries"][0]["attempts"][0]["outcome"] == "verified"


def test_files_are_given_out(served: Served) -> None:
    """Results as they were delivered, pictures as on the page."""
    node, client = served

    assert client.get("/api/studies/1/results/1.dcm").content == node.spool.read(node.ledger.objects(1)[0].spool_key)
    for name in ("frame", "outlines", "picture"):
        answer = client.get(f"/api/studies/1/instances/1/{name}.png")
        assert answer.content == client.get(f"/studies/1/images/1/{name}.png").content
        assert answer.headers["Content-Type"] == "image/png"


def test_names_are_hidden_from_viewers_by_setting(tmp_path: Path) -> None:
    """In the list, in the study, in what can be searched, and in files."""
    with console(tmp_path, VIEWER, settings(tmp_path, web={"patient_names": "operators"})) as (node, client):
        a_reported_study(node)

        listed = client.get("/api/studies")
        assert "Jane" not in listed.text + client.get("/api/studies/1").text
        assert listed.json()["studies"][0]["patient_name"] is None
        assert client.get("/api/studies?patient=doe").json()["studies"] == []
        assert client.get("/api/studies/1/results/1.dcm").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/studies/9", 404),
        ("/api/studies/1.2.3/instances", 404),
        ("/api/studies/1/instances/9", 404),
        ("/api/studies/1/results/9.dcm", 404),
        ("/api/studies/1/instances/1/frame.png?frame=9", 404),
        ("/api/studies/1/instances/999999999999", 422),
        ("/api/studies?state=odd", 422),
        ("/api/studies?limit=0", 422),
        ("/api/studies?first_date=x", 422),
        ("/api/nothing", 404),
    ],
)
def test_what_is_wrong_is_a_problem_in_json(served: Served, path: str, status: int) -> None:
    """With a sentence, and nothing of what was typed but the field's name (RFC 9457)."""
    answer = served[1].get(path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_study_is_worked_on(served: Served) -> None:
    """What the page's forms do; each is written down."""
    node, client = served

    said = client.post("/api/studies/1/send", json={"destination": "archive"}).json()["said"]
    client.post("/api/studies/1/report", json={})

    assert said == "3 jobs are on the way to archive."
    assert node.ledger.study(1).state == StudyState.OPEN
    assert [act.what for act in node.ledger.acts()] == ["jobs retry", "study send"]


@pytest.mark.parametrize(
    ("act", "wish", "status"),
    [("force", {}, 409), ("send", {"destination": "x"}, 409), ("retry", {"job": "measure-9"}, 404), ("burn", {}, 422)],
)
def test_what_cannot_be_done_is_refused(served: Served, act: str, wish: dict[str, str], status: int) -> None:
    """And not written down."""
    node, client = served

    assert client.post(f"/api/studies/1/{act}", json=wish).status_code == status
    assert node.ledger.acts() == []


def test_the_state_of_the_node_is_told(served: Served) -> None:
    """As its page has it, from the same answer."""
    _, client = served

    told = client.get("/api/overview").json()

    assert (told["today"]["received"], told["today"]["proven"]) == (1, 6)
    assert (told["is_well"], told["troubles"]) == (True, [])
    assert told["hours"][0]["begins_at"]


def _described(node: Node) -> dict[str, Any]:
    facts = Shared(FactFinder(node, lambda: None).find, 1.0)
    return api_app(ApiParts(node, Pages("HRI_NODE"), facts)).openapi()


def test_everything_is_described(served: Served) -> None:
    """Each endpoint in a sentence, each parameter and field with its meaning where its name does not say it."""
    schema = served[1].get("/api/openapi.json").json()
    page = served[1].get("/api/docs").text

    assert schema == _described(served[0])
    for path, methods in schema["paths"].items():
        assert f"<code>/api{path}</code>" in page
        for said in methods.values():
            assert said["description"].rstrip().endswith(".")
    plain = {"study_instance_uid", "sop_instance_uid", "sop_class_uid", "series_instance_uid", "patient_id"}
    plain |= {"accession_number", "destination", "deliveries"}
    ours = [name for module in (studies, study_models, overview) for name in vars(module)]
    for name, part in schema["components"]["schemas"].items():
        fields = part.get("properties", {}) if name in ours else {}
        assert [field for field, told in fields.items() if "description" not in told and field not in plain] == []


def test_the_documentation_needs_no_internet(served: Served) -> None:
    """Nor any script but the console's own."""
    page = served[1].get("/api/docs").text

    assert 'src="http' not in page
    assert 'href="http' not in page


def test_no_endpoint_is_without_a_role(served: Served) -> None:
    """And those that change something need more than a viewer; the description says so."""
    node, _ = served
    app = api_app(ApiParts(node, Pages("HRI_NODE"), Shared(FactFinder(node, lambda: None).find, 1.0)))

    parts = [part.original_router for part in app.routes if hasattr(part, "original_router")]
    routes = [route for part in parts for route in part.routes if isinstance(route, APIRoute)]
    assert len(routes) > 20
    for route in routes:
        role = getattr(route.endpoint, NEEDED)
        assert role.covers(Role.OPERATOR) or route.methods == {"GET"}
        assert (route.openapi_extra or {}).get("x-role", "viewer") == role


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (None, "GET", "/api/studies", 401),
        (Role.VIEWER, "GET", "/api/studies", 200),
        (Role.VIEWER, "GET", "/api/acts", 403),
        (Role.VIEWER, "POST", "/api/studies/1/report", 403),
        (Role.OPERATOR, "POST", "/api/studies/1/report", 404),
    ],
)
def test_tokens_let_in_by_their_role(tmp_path: Path, role: Role | None, method: str, path: str, status: int) -> None:
    """Behind the guard, as every page; what it refuses is JSON as well."""
    with console(tmp_path) as (node, _):
        app = api_app(ApiParts(node, Pages("HRI_NODE"), Shared(FactFinder(node, lambda: None).find, 1.0)))
        (tmp_path / "site").mkdir()
        with guarded(tmp_path / "site", [Mount("/api", app)]) as site:
            browser = site.browser()
            headers = {"Authorization": f"Bearer {site.token(role)}"} if role else {}
            answer = browser.request(method, path, headers=headers, json={} if method == "POST" else None)

    assert answer.status_code == status
    assert "json" in answer.headers["Content-Type"]
