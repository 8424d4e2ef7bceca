"""The study's store: orders, sessions and their lock, marks and their values, undo, what survives."""

from datetime import timedelta
from pathlib import Path

import pytest
from study_made import (
    CORTEX_LEVEL,
    LIVER_LEVEL,
    NOW,
    a_mark,
    a_protocol,
    made_study,
    read_image,
    read_session,
    square_at,
)

from hri_node.errors import Misconfigured, Refused
from hri_node.study.project.records import Event, Organ, Shape
from hri_node.study.project.store import create_study, open_study


def test_a_study_is_what_its_folder_says(tmp_path: Path) -> None:
    """The protocol that was written is read again."""
    protocol = a_protocol(name='Fat "liver" é', shapes=(Shape.POLYGON,), show_values=False)
    create_study(tmp_path / "it", protocol).close()

    assert open_study(tmp_path / "it").protocol == protocol


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """Nothing of it is touched."""
    (tmp_path / "notes.txt").touch()

    with pytest.raises(Misconfigured, match="not empty"):
        create_study(tmp_path, a_protocol())


def test_every_reader_and_session_has_an_order_of_its_own(tmp_path: Path) -> None:
    """The same images, differently ordered; the same seed draws the same orders again."""
    study, again = made_study(tmp_path / "one", 12), made_study(tmp_path / "two", 12)
    orders = [study.order(reader, number) for reader in ("R1", "R2") for number in (1, 2)]

    assert len({tuple(order) for order in orders}) == 4
    assert all(sorted(order) == study.included() for order in orders)
    assert orders == [again.order(reader, number) for reader in ("R1", "R2") for number in (1, 2)]


def test_a_link_is_good_for_its_reader_until_there_is_another(tmp_path: Path) -> None:
    """What is kept of it is a hash."""
    study = made_study(tmp_path / "it")
    first = study.new_link("R2", NOW)
    second = study.new_link("R2", NOW)

    found = study.reader_of(second)
    assert found is not None
    assert found.name == "R2"
    assert study.reader_of(first) is study.reader_of("") is None
    assert second.encode() not in (tmp_path / "it" / "study.sqlite-wal").read_bytes()


def test_the_second_session_opens_an_interval_after_the_first_is_complete(tmp_path: Path) -> None:
    """It waits for the reader's own first session, then for the time; another reader's has nothing to do with it."""
    study = made_study(tmp_path / "it")
    assert [state.waits_for for state in study.sessions("R1", NOW)] == [None, 1]

    read_session(study, "R1", 1)

    first, second = study.sessions("R1", NOW)
    assert first.is_complete
    assert second.locked_until == NOW + timedelta(days=28)
    with pytest.raises(Refused, match="locked until 2026-03-30"):
        study.put_mark(a_mark("S0001", session=2), NOW + timedelta(days=27))
    assert study.sessions("R1", NOW + timedelta(days=28))[1].is_open
    assert study.sessions("R2", NOW + timedelta(days=28))[1].waits_for == 1


def test_a_mark_is_measured_on_the_stored_pixels(tmp_path: Path) -> None:
    """Mean, deviation, count and area of the pixels inside."""
    study = made_study(tmp_path / "it")
    values = study.put_mark(a_mark("S0002", Organ.CORTEX), NOW)

    assert (values.mean, values.sd, values.pixels) == (CORTEX_LEVEL + 2, 0, 30 * 60)
    assert values.area_mm2 == pytest.approx(225)


def test_the_same_mark_sent_again_is_one_mark(tmp_path: Path) -> None:
    """Another one under its id is refused."""
    study = made_study(tmp_path / "it")
    mark = a_mark("S0001")

    assert study.put_mark(mark, NOW) == study.put_mark(mark, NOW)
    assert len(study.history("R1", 1, "S0001")) == 1
    with pytest.raises(Refused, match="another mark"):
        study.put_mark(a_mark("S0001", mark_id=mark.mark_id, drawn_ms=1), NOW)


def test_a_later_mark_replaces_an_earlier_one_until_it_is_undone(tmp_path: Path) -> None:
    """History is kept; undoing twice what was undone changes nothing more."""
    study = made_study(tmp_path / "it")
    first, second = a_mark("S0001"), a_mark("S0001", points=square_at(30, 5))
    study.put_mark(first, NOW)
    study.put_mark(second, NOW)
    key = "R1", 1, "S0001"

    assert [kept.mark for kept in study.marks(*key)] == [second]
    assert [kept.mark for kept in study.undo(key, second.mark_id, NOW)] == [first]
    assert [kept.mark for kept in study.undo(key, second.mark_id, NOW)] == [first]
    assert study.undo(key, first.mark_id, NOW) == []
    assert len(study.history(*key)) == 2


def test_an_image_is_finished_with_both_organs_and_open_again_with_another_mark(tmp_path: Path) -> None:
    """Until the whole session is complete; then nothing can be changed."""
    study = made_study(tmp_path / "it", 2)
    study.put_mark(a_mark("S0001"), NOW)
    with pytest.raises(Refused, match="no mark on the cortex"):
        study.finish("R1", 1, "S0001", NOW)
    read_image(study, "R1", 1, "S0001")
    assert study.finished("R1", 1) == {"S0001"}

    study.put_mark(a_mark("S0001"), NOW)
    assert study.finished("R1", 1) == frozenset()
    read_session(study, "R1", 1)
    with pytest.raises(Refused, match="complete"):
        study.put_mark(a_mark("S0001"), NOW)


def test_nobody_sees_the_marks_of_another_reader_or_session(tmp_path: Path) -> None:
    """Marks are asked for by reader and session."""
    study = made_study(tmp_path / "it")
    study.put_mark(a_mark("S0001"), NOW)

    assert study.marks("R2", 1, "S0001") == study.marks("R1", 2, "S0001") == []
    assert len(study.marks("R1", 1, "S0001")) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"points": square_at(0, 0)[:3]}, "square"),
        ({"points": ((0, 0), (50, 0), (50, 30), (0, 30))}, "square"),
        ({"points": square_at(150, 20)}, "off the image"),
        ({"shape": Shape.POLYGON, "points": ((1, 1), (3, 1), (3, 3))}, "2 pixels|3 pixels"),
        ({"shape": Shape.POLYGON, "points": ((1, 1), (90, 1))}, "2 points"),
        ({"shape": Shape.POLYGON, "points": ((1, 1), (90, float("nan")), (3, 90))}, "no numbers"),
        ({"subject": "S0009"}, "no image"),
        ({"reader": "R3"}, "not assigned"),
        ({"session": 3}, "not assigned"),
        ({"mark_id": "no/id at all"}, "id of a mark"),
        ({"drawn_ms": -1}, "drawn"),
    ],
)
def test_what_is_no_mark_is_refused(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    """In one sentence; nothing is kept."""
    study = made_study(tmp_path / "it", 1)

    with pytest.raises(Refused, match=words):
        study.put_mark(a_mark("S0001", **(changes | {})) if "subject" not in changes else a_mark("S0009"), NOW)
    assert study.history("R1", 1, "S0001") == []


def test_an_excluded_subject_is_in_no_order_and_in_no_reading(tmp_path: Path) -> None:
    """Its marks stay; taken in again, they count again."""
    study = made_study(tmp_path / "it", 2)
    read_image(study, "R1", 1, "S0001")

    study.exclude("S0001", "poor_quality", "someone", NOW)

    assert study.order("R1", 1) == ["S0002"]
    assert study.readings() == []
    with pytest.raises(Refused, match="excluded"):
        study.put_mark(a_mark("S0001"), NOW)
    study.include("S0001", NOW)
    assert [reading.hri for reading in study.readings()] == [pytest.approx((LIVER_LEVEL + 1) / (CORTEX_LEVEL + 1))]


def test_time_is_what_was_looked_at(tmp_path: Path) -> None:
    """From shown to hidden, and from shown to finished; nothing, from shown to a browser that was killed at once."""
    study = made_study(tmp_path / "it", 1)
    key = "R1", 1, "S0001"
    for event, second in ((Event.SHOWN, 0), (Event.HIDDEN, 20), (Event.SHOWN, 100), (Event.SHOWN, 4000)):
        study.visit(key, event, NOW + timedelta(seconds=second))
    study.visit(key, Event.SHOWN, NOW)
    read_image(study, *key, NOW + timedelta(seconds=4030))

    assert [(each.rater, each.seconds) for each in study.times()] == [("R1", 20 + 30)]
