"""The page of a study: its way, images, values, results; what an operator does with it, what a viewer may not see."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from console_node import SOMEBODY, console
from PIL import Image
from pydicom import dcmread
from sqlalchemy import update
from starlette.testclient import TestClient
from study_site import STUDY_UID, a_reported_study, deliver, measure, receive, settings

from hri_node import masks, pipeline
from hri_node.ledger.states import DeliveryState, Queue, Role, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow
from hri_node.node import Node

Served = tuple[Node, TestClient]
VIEWER = replace(SOMEBODY, role=Role.VIEWER)
HIDDEN = {"web": {"patient_names": "operators"}}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A node with a study that is reported and delivered, and the browser of an admin."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)
        yield node, client


def picture(data: bytes) -> np.ndarray:
    """Pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(data)))


def audit(folder: Path) -> str:
    """What the audit trail has."""
    path = folder / "audit.xml"
    return path.read_text() if path.exists() else ""


def test_a_page_shows_the_way_the_values_and_the_results(served: Served) -> None:
    """From the scanner to the archive, each step with its time."""
    node, client = served
    page = client.get("/studies/1").text
    result = node.ledger.frames_of(1, 1)[1][0].result

    for words in ("1 image from US_1 (10.1.2.3) by C-STORE", "Of 1 image: 1 measured", "Revision 1: 1 × Structured"):
        assert words in page
    for destination in ("pacs", "archive"):
        assert f"3 objects at {destination}" in page
    assert f"HRI {result.hri:.2f}" in page
    assert result.liver is not None
    assert f'<td class="number">{result.liver["mean"]}</td>' in page
    assert "twin 1.0" in page
    assert "Research use" in page


@pytest.mark.parametrize("name", ["1", STUDY_UID])
def test_a_study_is_reached_by_number_or_uid(served: Served, name: str) -> None:
    """Also by the UID of an image or a result."""
    node, client = served
    uid = node.ledger.instance(1).sop_instance_uid

    assert client.get(f"/studies/{name}").status_code == client.get(f"/studies/{uid}").status_code == 200


@pytest.mark.parametrize("name", ["2", "0", "-1", "x", "1.2.3.4", "9" * 30, "1e3", "%00", "²"])
def test_what_is_no_study_is_not_found(served: Served, name: str) -> None:
    """Whatever was typed, on the page and for everything below it."""
    _, client = served

    for path in ("", "/images/1/frame.png", "/results/1.dcm"):
        assert client.get(f"/studies/{name}{path}").status_code == 404
    assert client.post(f"/studies/{name}/report").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["images/2/frame.png", "images/x/frame.png", "images/1/frame.png?frame=9", "results/99.dcm", "results/x.dcm"],
)
def test_what_a_study_does_not_have_is_not_found(served: Served, path: str) -> None:
    """An image, a frame, a result."""
    assert served[1].get(f"/studies/1/{path}").status_code == 404


def test_the_frame_is_the_one_that_came_pixel_for_pixel(served: Served) -> None:
    """And the outlines are the masks that were measured in."""
    node, client = served
    came = dcmread(node.spool.file(node.ledger.instance(1).spool_key)).pixel_array
    kept = node.ledger.frames_of(1, 1)[1][0].masks_key

    assert np.array_equal(picture(client.get("/studies/1/images/1/frame.png").content), came)
    shown = client.get("/studies/1/images/1/outlines.png?frame=1").content
    assert np.array_equal(picture(shown) & 1 == 1, masks.from_png(node.spool.read(kept)).liver)
    assert picture(client.get("/studies/1/images/1/picture.png").content).shape[2] == 3


def test_a_result_is_downloaded_as_it_was_delivered_and_noted(served: Served, tmp_path: Path) -> None:
    """Its file name says nothing of the patient; the audit trail says who took what."""
    node, client = served
    client.get("/studies/1")
    answer = client.get("/studies/1/results/1.dcm")
    node.auditor.close()

    assert answer.content == node.spool.read(node.ledger.objects(1)[0].spool_key)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hri_study-1_sr-1.dcm"'
    assert 'csd-code="110103"' in audit(tmp_path)
    assert 'UserID="ada"' in audit(tmp_path)


def test_what_viewers_may_not_know_is_nowhere(tmp_path: Path) -> None:
    """Not on the page, in no file, and not beside the scanned sector; the sector itself is shown as it is."""
    with console(tmp_path, VIEWER, settings(tmp_path, **HIDDEN)) as (node, client):
        a_reported_study(node)
        page = client.get("/studies/1").text
        frame = picture(client.get("/studies/1/images/1/frame.png").content)
        came = dcmread(node.spool.file(node.ledger.instance(1).spool_key)).pixel_array
        liver = masks.from_png(node.spool.read(node.ledger.frames_of(1, 1)[1][0].masks_key)).liver

        assert client.get("/studies/1/results/1.dcm").status_code == 403
    assert "Jane" not in page
    assert "P-77" in page
    assert "only the scanned sector" in page
    assert np.array_equal(frame[liver], came[liver])
    assert frame[0].max() == 0


def test_writing_beside_the_sector_is_not_shown_to_whoever_may_not_read_it(tmp_path: Path) -> None:
    """Scanners write names there."""
    with console(tmp_path, VIEWER, settings(tmp_path, **HIDDEN)) as (node, client):
        a_reported_study(node)
        pixels = dcmread(node.spool.file(node.ledger.instance(1).spool_key)).pixel_array.copy()
        pixels[8:20, 8:120:3] = 255
        receive(node, pixels=pixels)

        frame = picture(client.get("/studies/1/images/2/frame.png").content)

    assert frame[8:20, 8:120].max() == 0


def test_viewers_look_and_operators_act(tmp_path: Path) -> None:
    """No form for a viewer, and no way without one."""
    with console(tmp_path, VIEWER, settings(tmp_path)) as (node, client):
        a_reported_study(node)

        assert 'action="/studies/1/' not in client.get("/studies/1").text
        assert client.post("/studies/1/discard").status_code == 403


@pytest.mark.parametrize(
    ("act", "fields", "state"),
    [
        ("measure", {}, StudyState.OPEN),
        ("report", {}, StudyState.OPEN),
        ("retry", {"job": "measure-1"}, StudyState.OPEN),
        ("discard", {}, StudyState.DISCARDED),
    ],
)
def test_a_study_is_worked_on_again_or_set_aside(
    served: Served, act: str, fields: dict[str, str], state: StudyState
) -> None:
    """And who wanted that is written down."""
    node, client = served

    answer = client.post(f"/studies/1/{act}", data=fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/studies/1")
    assert node.ledger.study(1).state == state
    assert client.get("/studies/1").status_code == 200
    (noted,) = node.ledger.acts()
    assert (noted.who, noted.what.split()[0]) == ("ada", "jobs")


def test_results_are_sent_to_one_more_destination_and_again(served: Served) -> None:
    """Whatever the rules say; each object is stored once more."""
    node, client = served

    client.post("/studies/1/send", data={"destination": "archive"})
    assert len(node.ledger.lease_due(Queue.DELIVER, node.clock(), 60, 100)) == 3
    client.post("/studies/1/retry", data={"job": "deliver-1"})

    assert [act.what for act in node.ledger.acts()] == ["jobs retry", "study send"]
    assert node.ledger.acts()[1].about.startswith("archive, deliver-")


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("send", {"destination": "nowhere"}, "there is no such destination"),
        ("force", {}, "not open any more"),
    ],
)
def test_what_cannot_be_done_is_said(served: Served, act: str, fields: dict[str, str], said: str) -> None:
    """And nothing is written down."""
    node, client = served

    answer = client.post(f"/studies/1/{act}", data=fields)

    assert said in answer.cookies["hri_flash"]
    assert node.ledger.acts() == []


@pytest.mark.parametrize("job", ["measure-2", "deliver-99", "report-2", "x", ""])
def test_jobs_of_other_studies_are_not_reached(served: Served, job: str) -> None:
    """Through this one's address."""
    node, client = served
    receive(node, study_uid="2.25.8")

    assert client.post("/studies/1/retry", data={"job": job}).status_code == 404


def test_an_open_study_says_what_it_waits_for_and_is_reported_as_it_is(tmp_path: Path) -> None:
    """Its page looks again every two seconds."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        receive(node)
        page = client.get("/studies/1").text
        assert "1 image still to be measured" in page
        assert 'data-live="2000"' in page

        measure(node)
        client.post("/studies/1/force")
        assert node.ledger.lease_due(Queue.REPORT, node.clock(), 60, 10) == [1]


def test_failures_are_told_in_their_own_words(served: Served) -> None:
    """What a destination said, on the way and at the result."""
    node, client = served
    with node.ledger.transaction() as session:
        refused = update(DeliveryRow).where(DeliveryRow.destination == "pacs")
        session.execute(refused.values(state=DeliveryState.REFUSED, detail="PACS answered 0xA900"))
    page = client.get("/studies/1").text

    assert "3 objects not delivered to pacs: PACS answered 0xA900." in page
    assert "would not if it were asked again" in page
    deliver(node)


def test_what_retention_removed_is_said(served: Served) -> None:
    """On the page, and for each file of it."""
    node, client = served
    with node.ledger.transaction() as session:
        session.execute(update(InstanceRow).values(removed_at=node.clock()))
        session.execute(update(ObjectRow).values(removed_at=node.clock()))

    assert "Retention removed the images and results" in client.get("/studies/1").text
    for path in ("images/1/frame.png", "images/1/outlines.png", "results/1.dcm"):
        assert client.get(f"/studies/1/{path}").status_code == 410


def test_frames_of_a_cine_are_chosen_by_address(tmp_path: Path) -> None:
    """Outlines are kept of the one that stands for it."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node, frames=3)
        chosen = node.ledger.instance(1).frame_number
        other = 1 if chosen != 1 else 2

        assert "3 frames measured" in client.get("/studies/1").text
        part = client.get(f"/studies/1?image=1&frame={other}", headers={"X-Part": "values"}).text
        assert f"frame.png?frame={other}" in part
        assert "Outlines are kept of frame" in part
        assert client.get(f"/studies/1/images/1/outlines.png?frame={other}").status_code == 404


def test_earlier_indices_of_the_patient_are_a_trend(tmp_path: Path) -> None:
    """As a chart and as a table that leads to their studies."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)
        receive(node, study_uid="2.25.5", attributes={"StudyDate": "20260601"})
        measure(node)
        node.ledger.force(2, node.clock())
        pipeline.report_study(node, 2)
        page = client.get("/studies/2").text

    assert "Hepatorenal index over 2 studies" in page
    assert f'href="/studies/{STUDY_UID}"' in page


def test_a_page_to_whose_study_nothing_happened_is_answered_briefly(served: Served) -> None:
    """Whatever happens next is there at the next question: images, results, tries, what a person did."""
    node, client = served
    headers = {"X-Part": "study images values way"}

    def ask(tag: str = "") -> tuple[int, str]:
        answer = client.get("/studies/1", headers=headers | ({"If-None-Match": tag} if tag else {}))
        return answer.status_code, answer.headers["ETag"]

    tags = [ask()[1]]
    for happen in (
        lambda: receive(node, instance_uid="2.25.99"),
        lambda: measure(node),
        lambda: pipeline.report_study(node, 1),
        lambda: deliver(node),
        lambda: node.ledger.send_study(1, "archive", node.clock()),
        lambda: node.ledger.discard_study(1, node.clock()),
    ):
        assert ask(tags[-1]) == (304, tags[-1])
        happen()
        status, tag = ask(tags[-1])
        assert (status, tag not in tags) == (200, True)
        tags.append(tag)


def test_a_study_that_has_to_stay_quiet_counts_down(tmp_path: Path) -> None:
    """Every second is another answer."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        now = node.clock()
        node.clock = lambda: now
        receive(node)
        measure(node)
        first = client.get("/studies/1", headers={"X-Part": "study"})
        now += timedelta(seconds=5)
        second = client.get("/studies/1", headers={"X-Part": "study", "If-None-Match": first.headers["ETag"]})

    assert "no image comes for" in first.text
    assert second.status_code == 200
