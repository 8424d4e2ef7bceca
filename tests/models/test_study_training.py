"""A reader study to learn from: what counts of it, how much is enough, what test subjects are for, what comes out."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from builders import simple_picture
from outlined import HAND_PX, outlined_study, subjects_of
from scipy.ndimage import binary_dilation, binary_erosion

pytest.importorskip("keras")

import keras

from hri_node.commands.study_export import export
from hri_node.errors import Refused
from hri_node.segment.manifest import read_manifest
from hri_node.segment.runtime import verify
from hri_node.settings import SHIPPED_MODEL_DIR
from hri_node.study.project.protocol import Split
from hri_node.study.project.records import Organ, Part, Shape
from hri_node.study.project.store import Study, open_study
from models.icnet import finetune as module
from models.icnet import study_frames, study_gain, study_lesson
from models.icnet.architecture import Design, build_icnet
from models.icnet.consensus import LABELS, consensus_of
from models.icnet.data import UNKNOWN_KIND, UNSURE_BIT, Phantoms
from models.icnet.evaluate import PROJECT
from models.icnet.finetune import Request, finetune
from models.icnet.recipe import FINETUNE, read_tuning
from models.icnet.study_frames import enough_of
from models.icnet.study_gain import Found
from models.icnet.study_marks import is_study, read_study
from models.icnet.train import main
from models.icnet.tune import Best, learner_of, tune

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a version is exported through TensorFlow"
)

SPLIT = Split(0.6, 0.2, 0.2)
SUBJECTS = 17


def study_of(folder: Path, shape: Shape, subjects: int = SUBJECTS, unread: int = 0) -> Study:
    """A study of one picture, the organs of which two readers know."""
    made = simple_picture()
    labels = (1 * made.masks["liver"] + 2 * made.masks["kidney"]).astype(np.uint8)
    return outlined_study(folder, [(made.pixels, labels, (0.5, 0.5))] * subjects, SPLIT, shape, unread=unread)


@pytest.fixture(scope="module")
def outlined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose readers went round whole organs."""
    folder = tmp_path_factory.mktemp("outlined") / "it"
    study_of(folder, Shape.FREEHAND).close()
    return folder


@pytest.fixture(scope="module")
def squared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose readers placed squares."""
    folder = tmp_path_factory.mktemp("squared") / "it"
    study_of(folder, Shape.SQUARE).close()
    return folder


def test_a_study_and_its_export_say_the_same(outlined: Path, tmp_path: Path) -> None:
    """Subjects, parts, marks, spacing and the readers' index; the export needs the images beside it."""
    export(outlined, tmp_path / "out")
    assert is_study(tmp_path / "out")
    with pytest.raises(Refused, match="has no folder images"):
        read_study(tmp_path / "out")
    (tmp_path / "out" / "images").symlink_to(outlined / "images")

    ours, theirs = read_study(outlined), read_study(tmp_path / "out")

    assert len(ours) == SUBJECTS
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


def test_too_little_is_told_in_one_sentence(tmp_path: Path) -> None:
    """How many subjects of each part there are, and how many are needed; what is not finished does not count."""
    study = study_of(tmp_path / "it", Shape.SQUARE, unread=9)
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
    read = study_frames.read_picture
    monkeypatch.setattr(study_frames, "read_picture", lambda path: (seen.append(path.stem), read(path))[1])

    lesson = study_lesson.study_lesson(outlined, whole=True)

    study = open_study(outlined)
    assert set(seen) == {*subjects_of(study, Part.TRAIN), *subjects_of(study, Part.VALIDATION)}
    study.close()
    assert len(lesson.learned) == len(lesson.subjects[Part.TRAIN])


def test_a_patient_in_two_parts_is_refused(tmp_path: Path) -> None:
    """Whatever changed the split."""
    study = study_of(tmp_path / "it", Shape.SQUARE, 5)
    with study.engine.begin() as connection:
        connection.exec_driver_sql("update subject set patient = 'the same'")
    study.close()

    with pytest.raises(Refused, match="another one of the same patient is not"):
        read_study(tmp_path / "it")


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

    best = lesson.best(served, tuning.steps)
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
    for name, fake in {"mixture": None, "held_out": {}, "read_ir": None}.items():
        monkeypatch.setattr(module, name, lambda *_, fake=fake: fake)
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
    assert "Learned from 11 subjects of a reader study" in capsys.readouterr().out
    shutil.rmtree(work)


def test_the_command_tells_what_is_wrong(squared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one sentence."""
    with pytest.raises(typer.Exit) as stop:
        main(tmp_path / "work", finetune=squared, whole_organs=True)

    assert stop.value.exit_code == 2
    assert "outlines of both organs" in capsys.readouterr().err.strip().splitlines()[-1]
