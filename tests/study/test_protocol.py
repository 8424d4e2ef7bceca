"""`study.toml`: what a person may have written into it, and the sentence that says what is wrong."""

import sqlite3
from pathlib import Path

import pytest
from study_made import a_protocol, made_study

from hri_node.errors import Misconfigured
from hri_node.study.project.protocol import REASONS, Split, read_protocol, write_protocol
from hri_node.study.project.records import Part, Shape
from hri_node.study.project.store import open_study


def written(folder: Path, **changes: str) -> Path:
    """A folder with a protocol, some lines of which a person has changed."""
    lines = write_protocol(a_protocol()).splitlines()
    lines = [f"{key} = {changes.pop(key)}" if (key := line.partition(" = ")[0]) in changes else line for line in lines]
    (folder / "study.toml").write_text("\n".join([*(f"{key} = {value}" for key, value in changes.items()), *lines]))
    return folder


def test_a_person_may_change_it(tmp_path: Path) -> None:
    """Readers, shapes, shares and reasons."""
    folder = written(tmp_path, readers='["A", "B", "C"]', shapes='["polygon"]', train="0.5", test="0.5", other='"Else"')

    found = read_protocol(folder)

    assert found.readers == ("A", "B", "C")
    assert found.shapes == (Shape.POLYGON,)
    assert found.split.shares == {Part.TRAIN: 0.5, Part.VALIDATION: 0.0, Part.TEST: 0.5}
    assert found.reasons["other"] == "Else"


def test_the_papers_reasons_come_first_and_in_its_order() -> None:
    """As Fig. 1 counts them."""
    assert list(REASONS)[:4] == ["interval", "no_view", "poor_quality", "renal_cortex"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("colour", '"red"', "colour"),
        ("readers", '["R1", "R1"]', "readers"),
        ("readers", '["DCNN"]', "readers"),
        ("readers", "[]", "readers"),
        ("sessions", "0", "sessions"),
        ("seed", '"seven"', "seed"),
        ("shapes", '["circle"]', "circle"),
        ("unit", '"image"', "unit"),
        ("train", "0.9", "sum to 1"),
        ("interval_days", "-1", "interval_days"),
        ("name", "[", "cannot be read"),
    ],
)
def test_a_wrong_value_is_a_sentence_that_names_it(tmp_path: Path, key: str, value: str, words: str) -> None:
    """With the file."""
    with pytest.raises(Misconfigured, match=words) as refused:
        read_protocol(written(tmp_path, **{key: value}))
    assert "study.toml" in str(refused.value)


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    """Without a protocol, or without its database, or with one of another version."""
    with pytest.raises(Misconfigured, match="is no study"):
        open_study(tmp_path)
    with pytest.raises(Misconfigured, match="is no study"):
        open_study(written(tmp_path))
    study = made_study(tmp_path / "it", 0)
    study.close()
    with sqlite3.connect(tmp_path / "it" / "study.sqlite") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(Misconfigured, match="schema 99"):
        open_study(tmp_path / "it")


def test_shares_that_are_none_are_refused() -> None:
    """Negative ones, too."""
    with pytest.raises(Misconfigured, match="sum to 1"):
        Split(1.5, -0.5, 0.0)


def test_a_session_that_is_complete_is_neither_locked_nor_open(tmp_path: Path) -> None:
    """Whatever the clock says afterwards."""
    from study_made import NOW, read_session

    study = made_study(tmp_path / "it", 2, interval_days=0)
    for number in (1, 2):
        read_session(study, "R1", number)
    state = study.sessions("R1", NOW.replace(year=2020))[1]

    assert state.is_complete
    assert (state.locked_until, state.waits_for, state.is_open) == (None, None, False)
