"""Readers see their own marks of the open session, and nothing else, whatever they ask for."""

import json
import uuid
from pathlib import Path

import pytest
from reading import Reading, Visitor, served
from study_made import a_mark, made_study, read_session, square_at

from hri_node.study.project.records import Organ


def act(visitor: Visitor, **changes: object) -> dict[str, object]:
    """A mark on the liver of the first image."""
    corners = [list(point) for point in square_at(10, 20)]
    mark = {"organ": "liver", "shape": "square", "points": corners, "drawn_ms": 900}
    return {"id": str(uuid.uuid4()), "image": visitor.images()[0], "session": 1, **mark, **changes}


def test_what_a_reader_marked_is_theirs_alone(plain: Reading) -> None:
    """The other one sees an image without marks."""
    first, second = plain.visitor("R1"), plain.visitor("R2")
    assert first.post("/reader/api/marks", act(first)).ok
    seen = [
        visitor.get(f"/reader/api/sessions/1/images/{image}").json()["marks"]
        for visitor in (first, second)
        for image in visitor.images()
    ]

    assert [len(marks) for marks in seen] == [1, 0, 0, 0, 0, 0]


def test_nothing_tells_which_image_it_is(plain: Reading) -> None:
    """Neither subjects nor files are named, and each reader and session has names of its own for every image."""
    visitors = [plain.visitor("R1"), plain.visitor("R2")]
    read_session(plain.study, "R1", 1)
    plain.clock.advance(days=29)
    visitors = [plain.visitor("R1"), plain.visitor("R2")]
    keys = visitors[0].images(2) + visitors[1].images(1)
    answers = [visitors[0].get(f"/reader/api/sessions/2/images/{key}").text for key in visitors[0].images(2)]

    assert len(set(keys)) == 6
    assert not any("S000" in text or ".png" in text for text in [*keys, *answers, visitors[0].get("/reader/2/1").text])


@pytest.mark.parametrize("what", ["", "/pixels"])
def test_another_readers_name_of_an_image_is_none(plain: Reading, what: str) -> None:
    """Nor one of another session, nor a subject."""
    first, second = plain.visitor("R1"), plain.visitor("R2")
    tried = [*second.images(), *plain.study.included(), "..%2f..%2fstudy.toml", "%2e%2e", "%00", "x" * 5000]

    for image in tried:
        assert first.get(f"/reader/api/sessions/1/images/{image}{what}").status_code in {401, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/reader/2", "/reader/2/1", "/reader/api/sessions/2", "/reader/api/sessions/9",
        "/reader/0/1", "/reader/3/1", "/reader/1/0", "/reader/1/4", "/reader/-1/1",
    ],
)  # fmt: skip
def test_a_session_that_is_not_open_shows_nothing(plain: Reading, path: str) -> None:
    """Locked ones, and those that are none."""
    answer = plain.visitor().get(path)

    assert answer.status_code in {404, 423}
    assert "key" not in answer.text


def test_the_second_session_opens_when_it_is_time(plain: Reading) -> None:
    """Until then its page says when; the first one is closed for good."""
    visitor = plain.visitor("R1")
    late_mark, image = act(visitor), visitor.images()[0]
    read_session(plain.study, "R1", 1)
    assert "2026-03-30 09:30 UTC" in visitor.get("/reader/").text
    assert visitor.get("/reader/2/1").status_code == 423
    assert "2026-03-30 09:30 UTC" in visitor.get("/reader/2/1").text
    plain.clock.advance(days=28)
    visitor = plain.visitor("R1")

    assert visitor.get("/reader/2/1").ok
    assert visitor.get(f"/reader/api/sessions/1/images/{image}").status_code == 423
    late = visitor.post("/reader/api/marks", late_mark)
    assert (late.status_code, late.json()["detail"]) == (422, "session 1 is complete: nothing in it can be changed")


def test_hidden_values_are_not_sent(tmp_path: Path) -> None:
    """By protocol readers do not see what they measure: no answer holds it."""
    with served(made_study(tmp_path / "study", show_values=False)) as hidden:
        visitor = hidden.visitor("R1")
        placed = visitor.post("/reader/api/marks", act(visitor))
        shown = visitor.get(f"/reader/api/sessions/1/images/{visitor.images()[0]}").json()

        assert placed.json() == {"values": None}
        assert [mark["values"] for mark in shown["marks"]] == [None]
        assert visitor.get("/reader/api/sessions/1").json()["shows_values"] is False
        assert hidden.study.marks("R1", 1, hidden.study.order("R1", 1)[0])[0].values.mean > 0


def test_the_same_mark_sent_again_is_one_mark(plain: Reading) -> None:
    """A browser that heard no answer tries again."""
    visitor = plain.visitor()
    mark = act(visitor)
    answers = [visitor.post("/reader/api/marks", mark) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(plain.study.history("R1", 1, plain.study.order("R1", 1)[0])) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"points": [[0, 0], [1, 0]]}, {"points": [[0, 0], [1e400, 0], [5, 5]]}, {"points": [[-9, 0], [60, 0], [9, 9]]},
        {"shape": "circle"}, {"organ": "spleen"}, {"drawn_ms": -1}, {"reader": "R2"}, {"subject": "S0002"},
        {"session": 2}, {"session": "1 OR 1"}, {"id": ""}, {"id": "../../x"}, {"image": "S0001"}, {"points": "all"},
    ],
)  # fmt: skip
def test_what_is_no_mark_is_refused_in_a_sentence(plain: Reading, change: dict[str, object]) -> None:
    """And nothing of it is kept; readers cannot mark in another one's name."""
    visitor = plain.visitor("R1")
    body = json.dumps(act(visitor, **change)).replace("Infinity", "1e400")
    header = {"X-CSRF-Token": visitor.csrf, "Content-Type": "application/json"}
    answer = visitor.session.post(f"{plain.url}/reader/api/marks", data=body, headers=header, timeout=10)

    assert answer.status_code in {404, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "S000" not in answer.json()["detail"]
    assert not any(plain.study.history(reader, 1, each) for reader in ("R1", "R2") for each in plain.study.included())


def test_a_refusal_does_not_name_the_subject(plain: Reading) -> None:
    """Two sessions show the same images; nobody shall know them by name."""
    visitor = plain.visitor("R1")
    finish = {"id": "12345678", "image": visitor.images()[0], "session": 1}
    answer = visitor.post("/reader/api/finishes", finish)

    assert answer.status_code == 422
    assert answer.json()["detail"] == "this image has no mark on the liver and the cortex yet"


def test_a_mark_is_taken_back(plain: Reading) -> None:
    """Its organ has none then; done again, it changes nothing."""
    visitor, subject = plain.visitor("R1"), plain.study.order("R1", 1)[0]
    first, second = act(visitor), act(visitor)
    for mark in (first, second):
        visitor.post("/reader/api/marks", mark)
    back = {"id": "12345678", "image": first["image"], "session": 1, "organ": "liver", "mark": second["id"]}

    assert [visitor.post("/reader/api/withdrawals", back).status_code for _ in range(2)] == [200, 200]
    assert plain.study.marks("R1", 1, subject) == []
    assert len(plain.study.history("R1", 1, subject)) == 2


def test_marks_that_waited_are_told_when_they_were_seen(plain: Reading) -> None:
    """Times are the server's: a browser says how long ago something was."""
    visitor, subject = plain.visitor("R1"), plain.study.order("R1", 1)[0]
    told = {"id": "12345678", "image": visitor.images()[0], "session": 1}
    visitor.post("/reader/api/visits", told | {"event": "shown", "ago_ms": 90_000})
    visitor.post("/reader/api/visits", told | {"event": "hidden", "ago_ms": 30_000})
    for organ in Organ:
        plain.study.put_mark(a_mark(subject, organ), plain.clock())
    plain.study.finish("R1", 1, subject, plain.clock())

    assert [each.seconds for each in plain.study.times()] == [pytest.approx(60)]


def test_a_body_without_end_is_not_read(plain: Reading) -> None:
    """Nor is one that is longer than any outline."""
    visitor = plain.visitor("R1")
    header = {"X-CSRF-Token": visitor.csrf}
    answer = visitor.session.post(f"{plain.url}/reader/api/marks", data=b"[" * 2**19, headers=header, timeout=10)

    assert answer.status_code == 413
