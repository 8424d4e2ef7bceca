"""A study or its export is read: subjects, their marks and parts, or one sentence about what is wrong."""

import json
from pathlib import Path

import pytest
from builders import simple_picture
from outlined import HAND_PX, picture_study
from scipy.ndimage import binary_dilation, binary_erosion

from hri_node.commands.study_export import export
from hri_node.errors import Refused
from hri_node.study.project.records import Organ, Shape
from models.icnet.consensus import LABELS, consensus_of
from models.icnet.data import UNSURE_BIT
from models.icnet.study_marks import is_study, read_study


def test_a_study_and_its_export_say_the_same(outlined: Path, tmp_path: Path) -> None:
    """Subjects, parts, marks, spacing and the readers' index; the export needs the images beside it."""
    export(outlined, tmp_path / "out")
    assert is_study(tmp_path / "out")
    with pytest.raises(Refused, match="has no folder images"):
        read_study(tmp_path / "out")
    (tmp_path / "out" / "images").symlink_to(outlined / "images")

    ours, theirs = read_study(outlined), read_study(tmp_path / "out")

    assert len(ours) == 17
    for one, other in zip(ours, theirs, strict=True):
        assert (one.name, one.part, one.spacing_mm) == (other.name, other.part, other.spacing_mm)
        assert [mark.points for mark in one.marks] == [mark.points for mark in other.marks]
        assert one.index == pytest.approx(other.index, abs=1e-4)


@pytest.mark.parametrize("name", ["marks.geojson", "readings.csv", "split.csv"])
def test_a_spoilt_export_is_told_in_one_sentence(outlined: Path, tmp_path: Path, name: str) -> None:
    """Whatever file it is."""
    export(outlined, tmp_path)
    (tmp_path / "images").symlink_to(outlined / "images")
    (tmp_path / name).write_text('{"features": [{}]}')

    with pytest.raises(Refused, match=r"^[^\n]+$"):
        read_study(tmp_path)


def test_a_subject_of_an_export_names_no_path(outlined: Path, tmp_path: Path) -> None:
    """A file from elsewhere cannot lead out of the folder of images."""
    export(outlined, tmp_path)
    (tmp_path / "images").symlink_to(outlined / "images")
    said = json.loads((tmp_path / "marks.geojson").read_text())
    said["features"][0]["properties"]["subject"] = "../key"
    (tmp_path / "marks.geojson").write_text(json.dumps(said))
    split = tmp_path / "split.csv"
    split.write_text(f"{split.read_text()}../key,train\n")

    with pytest.raises(Refused, match="no subject"):
        read_study(tmp_path)


def test_readers_agree_within_the_reach_of_their_hands(outlined: Path) -> None:
    """The consensus holds all but the border of the organ, and what does not count lies along borders alone."""
    subject, made = read_study(outlined)[0], simple_picture()
    said = consensus_of(subject.marks, made.pixels.shape, subject.spacing_mm, whole=True)
    reach = int(4 * HAND_PX)

    for organ, name in ((Organ.LIVER, "liver"), (Organ.CORTEX, "kidney")):
        truth = made.masks[name]
        assert (said.labels[binary_erosion(truth, iterations=reach)] == LABELS[organ]).all()
        assert not (said.labels == LABELS[organ])[~binary_dilation(truth, iterations=reach)].any()
    assert 0 < (said.labels == UNSURE_BIT).mean() < 0.1


def test_a_patient_in_two_parts_is_refused(tmp_path: Path) -> None:
    """Whatever changed the split."""
    study = picture_study(tmp_path / "it", Shape.SQUARE, 5)
    with study.engine.begin() as connection:
        connection.exec_driver_sql("update subject set patient = 'the same'")
    study.close()

    with pytest.raises(Refused, match="another one of the same patient is not"):
        read_study(tmp_path / "it")
