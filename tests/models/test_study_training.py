"""A reader study to learn from: what counts of it, how much is enough, what test subjects are for, what comes out."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from outlined import picture_study, subjects_of

pytest.importorskip("keras")

import keras

from hri_node.errors import Refused
from hri_node.read.picture import read_picture
from hri_node.records import Frame
from hri_node.segment.manifest import read_manifest
from hri_node.segment.runtime import verify
from hri_node.settings import SHIPPED_MODEL_DIR
from hri_node.study.project.records import Part, Shape
from hri_node.study.project.store import open_study
from models.icnet import finetune as module
from models.icnet import study_frames, study_gain, study_lesson
from models.icnet.architecture import Design, build_icnet
from models.icnet.data import UNKNOWN_KIND, UNSURE_BIT, Phantoms
from models.icnet.evaluate import PROJECT
from models.icnet.finetune import Request, finetune
from models.icnet.recipe import FINETUNE, read_tuning
from models.icnet.study_frames import enough_of
from models.icnet.study_gain import Found
from models.icnet.study_marks import read_study
from models.icnet.train import main
from models.icnet.tune import Best, learner_of, tune

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a version is exported through TensorFlow"
)


def test_too_little_is_told_in_one_sentence(tmp_path: Path) -> None:
    """How many subjects of each part there are, and how many are needed; what is not finished does not count."""
    study = picture_study(tmp_path / "it", Shape.SQUARE, unread=9)
    counts = {part: sum(name <= "S0008" for name in subjects_of(study, part)) for part in Part}
    study.close()

    said = f"train {counts[Part.TRAIN]} of 10, validation {counts[Part.VALIDATION]} of 3, test {counts[Part.TEST]} of 3"
    with pytest.raises(Refused, match=said):
        enough_of(tmp_path / "it", whole=False)


def test_squares_are_no_whole_organs(squared: Path, outlined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are outlines that cover too little to be any."""
    with pytest.raises(Refused, match="too few subjects with outlines of both organs"):
        enough_of(squared, whole=True)
    monkeypatch.setattr(study_frames, "ORGAN_MM2", 1e6)
    with pytest.raises(Refused, match="these are regions"):
        enough_of(outlined, whole=True)


def test_test_subjects_are_not_touched(outlined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their images are not even read before the network has learned."""
    seen: list[str] = []

    def read(path: Path) -> Frame:
        seen.append(path.stem)
        return read_picture(path)

    monkeypatch.setattr(study_frames, "read_picture", read)

    lesson = study_lesson.study_lesson(outlined, whole=True)

    study = open_study(outlined)
    assert set(seen) == {*subjects_of(study, Part.TRAIN), *subjects_of(study, Part.VALIDATION)}
    study.close()
    assert len(lesson.learned) == len(lesson.subjects[Part.TRAIN])


def phantoms_of(lesson: study_lesson.StudyLesson) -> Phantoms:
    """Frames in place of phantoms."""
    pixels = np.stack([frame.pixels for frame in lesson.learned])
    return Phantoms(pixels, np.zeros_like(pixels), np.zeros(len(pixels), np.uint8))


def test_whole_organs_are_label_maps_and_regions_are_not(outlined: Path, squared: Path) -> None:
    """Of regions only the inside is certain; the view head learns from neither."""
    whole = study_lesson.study_lesson(outlined, whole=True)
    parts = study_lesson.study_lesson(squared, whole=False)

    material, partial = whole.material(phantoms_of(whole)), parts.material(phantoms_of(parts))

    assert material.labelled is not None
    assert (material.labelled.kinds == UNKNOWN_KIND).all()
    assert len(material.unlabelled) == 0
    assert partial.labelled is None
    assert partial.certain is not None
    assert partial.certain.shape == partial.unlabelled.shape
    assert set(np.unique(partial.certain)) == {0, 1, 2, UNSURE_BIT}


def test_validation_subjects_choose_the_weights(outlined: Path) -> None:
    """Loss is lowest with the weights that are taken, of those at the start and on the way."""
    lesson = study_lesson.study_lesson(outlined, whole=True)
    keras.utils.set_random_seed(1)
    served = build_icnet(Design((64, 64), 2, views=True), training=False)
    plain = replace(read_tuning().augmentation, geometry=0, light=0, convolutions=0)
    tuning = replace(read_tuning(), steps=4, batch=2, rate=1e-3, warm_up_steps=1, augmentation=plain)

    best = lesson.best(served, phantoms_of(lesson), tuning.steps)
    best.every = 2
    tune(served, lesson.material(phantoms_of(lesson)), tuning, best, eager=True)

    assert [step for step, _ in best.looks] == [0, 2, 4]
    assert best.loss_of(learner_of(served)) == pytest.approx(min(loss for _, loss in best.looks), rel=1e-5)


def test_nothing_is_made_where_nothing_was_won(outlined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights at the start are the best on the validation subjects: one sentence says so."""

    def nothing(*_arguments: object) -> None:
        best.looks.extend([(0, 0.1), (5, 0.2)])

    best = Best(lambda _learner: 0.0, 5)
    monkeypatch.setattr(study_lesson.StudyLesson, "best", lambda *_: best)
    monkeypatch.setattr(study_lesson.StudyLesson, "material", lambda *_: None)
    for name in ("mixture", "held_out", "read_ir"):
        monkeypatch.setattr(module, name, lambda *_: None)
    monkeypatch.setattr(module, "tune", nothing)

    with pytest.raises(Refused, match=r"no step made 1\.1\.0 better .*0\.1000 after 0, 0\.2000 after 5 steps"):
        finetune(Request(tmp_path, outlined, SHIPPED_MODEL_DIR, "own", whole_organs=True), read_tuning())
    assert not (tmp_path / "own").exists()


def test_weights_of_a_site_do_not_lie_in_the_project(outlined: Path) -> None:
    """Nor are options of the other kind of folder taken."""
    with pytest.raises(Refused, match="lies in the project"):
        finetune(Request(PROJECT / "build", outlined, SHIPPED_MODEL_DIR, "own"), read_tuning())


def test_options_of_the_other_kind_of_folder_are_refused(outlined: Path, tmp_path: Path) -> None:
    """A study has its own split; only a study has marks."""
    with pytest.raises(Refused, match="not --leave-out"):
        finetune(Request(tmp_path, outlined, SHIPPED_MODEL_DIR, "own", leave_out="S"), read_tuning())
    with pytest.raises(Refused, match="is no study"):
        finetune(Request(tmp_path, tmp_path, SHIPPED_MODEL_DIR, "own", whole_organs=True), read_tuning())


def test_the_index_is_compared_on_the_same_subjects(outlined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that measures fewer subjects is not compared on easier ones; a bias of 0.1 is told as such."""
    study = open_study(outlined)
    subjects = [each for each in read_study(outlined) if each.part is Part.TRAIN]
    study.close()
    subjects = [replace(each, index=1 + 0.1 * place) for place, each in enumerate(subjects)]
    found = [Found({}, {"liver": 0.5}, each.index + 0.1) for each in subjects if each.index]
    fewer = [Found({}, {"liver": 0.75}, None), *found[1:]]
    monkeypatch.setattr(study_gain, "load", lambda folder, _runtime: folder)
    by_name = {"a": found, "b": fewer}
    monkeypatch.setattr(study_gain, "_look", lambda _part, _subjects, folder, **_whole: by_name[folder.name])

    lines = "\n".join(study_gain.study_table((Path("a"), Path("b")), {Part.TEST: subjects}, {}, whole=False))

    count = len(subjects)
    assert f"| test | liver, marked tissue found | {count} | 0.500 | " in lines
    bias = "0.100 (0.100 to 0.100)"
    assert f"| test | a | {count} of {count} (100.0 %) | {count - 1} | {bias} | 0.100 to 0.100 |" in lines
    assert f"| test | b | {count - 1} of {count}" in lines


@pytest.mark.slow
def test_a_study_makes_a_version_of_its_own(
    outlined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command, from readers' outlines to a version that the node takes, with a card; or a sentence why not."""
    monkeypatch.setattr("models.icnet.export.HELD_OUT_VIEWS", 2)
    monkeypatch.setattr(Best, "step", property(lambda best: best.looks[-1][0]))
    recipe = FINETUNE.read_text()
    for key, value in {"steps": 2, "batch": 2, "views": "{ training = 1, paper = 1 }"}.items():
        recipe = re.sub(rf"^{key} = .*$", f"{key} = {value}", recipe, flags=re.MULTILINE)
    (tmp_path / "tiny.toml").write_text(recipe)
    work = tmp_path / "work"

    main(work, config=tmp_path / "tiny.toml", finetune=outlined, version="1.1.0+site", whole_organs=True)

    made, shipped = verify(work / "1.1.0+site"), verify(SHIPPED_MODEL_DIR)
    assert made.device_uid != shipped.device_uid
    assert read_manifest(work / "1.1.0+site").algorithm.version == "1.1.0+site"
    card = (work / "1.1.0+site" / "card.md").read_text()
    assert shipped.device_uid in card
    assert "| test | liver, Jaccard | 3 |" in card
    assert "| test | 1.1.0+site |" in card
    assert "Learned from 10 subjects of a reader study" in capsys.readouterr().out
    shutil.rmtree(work)


def test_the_command_tells_what_is_wrong(squared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one sentence."""
    with pytest.raises(typer.Exit) as stop:
        main(tmp_path / "work", finetune=squared, whole_organs=True)

    assert stop.value.exit_code == 2
    assert "outlines of both organs" in capsys.readouterr().err.strip().splitlines()[-1]
