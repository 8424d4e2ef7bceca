"""Which image of a subject is read: judged images come in, the chosen one is in the study, the others are counted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import instance_file, region, simple_picture
from study_made import NOW, a_protocol

from hri_node.commands.study_found import Found, Ignored, Person, files_of, from_files
from hri_node.commands.study_keep import Keeper, Unit
from hri_node.commands.study_look import Judge, Judged, Usable
from hri_node.deidentify.profile import Picture
from hri_node.study.project.fates import Fate
from hri_node.study.project.key import create_key
from hri_node.study.project.store import Study, create_study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study without images, beside its key."""
    protocol = a_protocol()
    create_key(tmp_path / "trial.key.csv", protocol.study_id)
    return create_study(tmp_path / "it", protocol)


def keeper_of(study: Study) -> Keeper:
    """A keeper, as a new import has it."""
    from hri_node.study.project.key import open_key

    return Keeper(study, open_key(study.protocol.key_path(study.folder), study.protocol.study_id))


def judged(name: str, view: float, level: int = 0, fate: Fate = Fate.NOT_CHOSEN) -> Judged:
    """An image of patient P with a view of some worth, and pixels of one level; none, where it cannot be used."""
    found = Found(Path(f"{name}.png"), name, Person("P"), place=("", "", 0, 0, name), label=name)
    picture = Picture(np.full((40, 50), level or len(name), np.uint8), (0.3, 0.3), (0, 0, 39, 49))
    if fate is not Fate.NOT_CHOSEN:
        return Judged(found, fate)
    return Judged(found, fate, f"digest {name}", Usable(1, picture, "argument", "Maker", view))


def put(study: Study, *images: Judged) -> str:
    """Take images of one patient in; the subject."""
    found = tuple(each.found for each in images)
    return keeper_of(study).put(Unit(found[0].patient, found), images, NOW)


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that begin as pictures do: no instance is made of them."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "bb", "ccc", "dddd"):
        (tmp_path / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n")


def level_of(study: Study, subject: str) -> int:
    """Grey level of a subject's image."""
    from hri_node.read.labels import read_labels

    return int(read_labels(study.image(subject).path).max())


def test_the_best_view_is_chosen_and_the_first_of_equals(study: Study) -> None:
    """The others are counted as not chosen."""
    subject = put(
        study, judged("a", 0.5), judged("bb", 0.9), judged("ccc", 0.9), judged("dddd", 0, fate=Fate.NOT_BMODE)
    )

    assert level_of(study, subject) == 2
    flow = study.flow()
    assert (flow.images, flow.chosen, flow.not_chosen, flow.unusable) == (4, 1, 2, {"not_bmode": 1})


def test_an_image_that_comes_later_changes_no_choice(study: Study) -> None:
    """However good it is."""
    subject = put(study, judged("a", 0.1))

    assert put(study, judged("bb", 0.9)) == subject
    assert level_of(study, subject) == 1
    assert (study.flow().chosen, study.flow().not_chosen) == (1, 1)


def test_a_subject_without_an_image_is_excluded_until_one_comes(study: Study) -> None:
    """Its number stays; what the node decided, the node takes back."""
    subject = put(study, judged("a", 0, fate=Fate.NO_CALIBRATION))
    assert [(each.subject, each.reason) for each in study.exclusions()] == [(subject, "no_view")]
    assert "No size of pixels" in study.exclusions()[0].note

    assert put(study, judged("bb", 0.4)) == subject
    assert study.exclusions() == []
    assert study.included() == [subject]


def test_what_a_person_excluded_stays_excluded(study: Study) -> None:
    """Whatever images come later."""
    subject = put(study, judged("a", 0.5))
    study.exclude(subject, "withdrawn", "someone", NOW)
    put(study, judged("bb", 0.9))

    assert study.included() == []


def test_the_same_pixels_are_read_once(study: Study) -> None:
    """Of two images of one patient, and of two patients."""
    twice = judged("a", 0.5), replace(judged("bb", 0.9), digest="digest a")
    put(study, *twice)
    other = replace(judged("ccc", 0.5), digest="digest a")
    stranger = replace(other, found=replace(other.found, person=Person("Q")))
    put(study, stranger)

    assert study.flow().unusable == {"duplicate": 2}
    assert study.flow().included == 1


def test_a_cine_gives_one_frame(tmp_path: Path) -> None:
    """The middle one, where nobody looks at views."""
    path = instance_file(tmp_path, frames=5)
    (found,) = from_files([path], Ignored(), lambda: None)

    usable = Judge(None).look(found).usable

    assert usable is not None
    assert usable.frame_number == 3
    assert usable.picture.pixels.shape == (480, 640)


def test_pixels_off_the_headers_region_are_black(tmp_path: Path) -> None:
    """A region that holds most of the sector bounds it; one that holds little of it does not count."""
    size = (480, 640)
    whole = np.asarray(simple_picture(*size).pixels)
    for bottom, is_cut in ((400, True), (60, False)):
        tissue = region(size, (0.3, 0.3), (0, 0, bottom, 639))
        path = instance_file(tmp_path, pixels=whole, regions=(tissue,))
        (found,) = from_files([path], Ignored(), lambda: None)
        usable = Judge(None).look(found).usable

        assert usable is not None
        assert usable.picture.pixels[bottom + 1 :].any() != is_cut


def test_what_is_no_image_is_left_out(tmp_path: Path) -> None:
    """Hidden files are not looked at; others that are no pictures are counted apart."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / ".hidden.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "text.txt").write_text("no image")
    (folder / "empty.dcm").touch()
    instance_file(folder)
    ignored = Ignored()

    found = list(from_files(files_of([folder, folder / "instance.dcm"]), ignored, lambda: None))

    assert [each.path for each in found] == [folder / "instance.dcm"]
    assert ignored.count == 2
