"""The key: who may read it, what survives a torn line, what its hashes tell."""

from pathlib import Path

import pytest

from hri_node.errors import Misconfigured
from hri_node.study.project.key import KeyRow, create_key, open_key


def a_row(subject: str, **changes: str) -> KeyRow:
    """A line."""
    known = {"patient_id": "P1", "issuer_of_patient_id": "", "patient_name": "Muster, Anna", "study_date": "20260101"}
    uids = {"study_instance_uid": "1.2", "series_instance_uid": "1.2.3", "sop_instance_uid": "1.2.3.4"}
    rest = {"frame_number": "1", "file": "a b.dcm", "unit": "00"}
    return KeyRow(subject=subject, **(known | uids | rest | changes))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Also names with commas; the last of two lines about a subject counts; a line break is none."""
    key = create_key(tmp_path / "key.csv", "id")
    key.add(a_row("S0001"))
    key.add(a_row("S0002", patient_name="Two\nlines"))
    key.add(a_row("S0001", patient_id="P9"))

    found = open_key(tmp_path / "key.csv", "id").rows()

    assert found == [a_row("S0001", patient_id="P9"), a_row("S0002", patient_name="Two lines")]


def test_a_torn_line_is_none_and_is_written_over(tmp_path: Path) -> None:
    """As a power cut leaves it."""
    path = tmp_path / "key.csv"
    key = create_key(path, "id")
    key.add(a_row("S0001"))
    with path.open("a") as file:
        file.write("S0002,P2,torn")

    assert key.rows() == [a_row("S0001")]
    key.add(a_row("S0002"))
    assert key.rows() == [a_row("S0001"), a_row("S0002")]


def test_hashes_are_of_this_key_alone(tmp_path: Path) -> None:
    """The same each time, another with another key; what lies apart is not run together."""
    one, other = (create_key(tmp_path / f"{name}.csv", "id") for name in ("one", "other"))

    assert one.hashed("patient", "a", "b") == open_key(tmp_path / "one.csv", "id").hashed("patient", "a", "b")
    assert one.hashed("patient", "a", "b") != other.hashed("patient", "a", "b")
    assert one.hashed("patient", "a", "b") != one.hashed("patient", "ab")
    assert one.new_uid("1.2.3") == one.new_uid("1.2.3") != other.new_uid("1.2.3")
    assert one.new_uid("1.2.3").startswith("2.25.")
    assert len(one.new_uid("1.2.3")) <= 64


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With what to do about it."""
    create_key(tmp_path / "key.csv", "id")
    (tmp_path / "key.csv").chmod(mode)

    with pytest.raises(Misconfigured, match="chmod 600"):
        open_key(tmp_path / "key.csv", "id")


def test_another_file_is_no_key(tmp_path: Path) -> None:
    """Neither another study's, nor none, nor any text; and a key is never written over."""
    create_key(tmp_path / "key.csv", "id")
    (tmp_path / "text").write_text("id secret words\n")
    (tmp_path / "text").chmod(0o600)

    for name, study in (("key.csv", "other"), ("absent", "id"), ("text", "id")):
        with pytest.raises(Misconfigured):
            open_key(tmp_path / name, study)
    with pytest.raises(Misconfigured, match="exists already"):
        create_key(tmp_path / "key.csv", "id")
