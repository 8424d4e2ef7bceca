"""`hri-node study`: from files to an export, at the command line; what is counted, and what is refused."""

import csv
import json
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import part10, simple_picture, ultrasound_instance
from networks import halves
from PIL import Image
from study_made import LIVER_LEVEL, NOW, SIZE, a_mark, made_study, read_session

from hri_node.cli import run
from hri_node.read.labels import read_labels
from hri_node.records import Algorithm
from hri_node.segment.runtime import Segmenter
from hri_node.study.project.lock import alone
from hri_node.study.project.records import Organ, Shape
from hri_node.study.project.store import Study, open_study
from hri_node.study.readings import read_readings

NAMES = ("Geheim^Anna", "Verborgen^Bert", "Diskret^Cleo")


@pytest.fixture(autouse=True)
def twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is not the network."""
    segmenter = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "openvino", halves)
    monkeypatch.setattr("hri_node.segment.runtime.load", lambda *_: segmenter)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Images of three patients, two of the first, in a folder that the commands run in."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for number, name in enumerate(NAMES):
        write(tmp_path / "in" / f"{name}.dcm", number, name)
    write(tmp_path / "in" / "again.dcm", 0, NAMES[0], seed=9, attributes={"InstanceNumber": 2})
    return tmp_path


def write(path: Path, number: int, name: str, seed: int | None = None, **options: object) -> None:
    """An image of a patient with a nested name, a private one, and the name in the picture's corner."""
    pixels = simple_picture(seed=number if seed is None else seed).pixels.copy()
    pixels[:12, :90] = 255
    attributes = {"PatientName": name, "PatientID": f"GEHEIM-{number}"} | dict(options.pop("attributes", {}))  # type: ignore[call-overload]
    ds = ultrasound_instance(pixels=pixels, attributes=attributes, **options)
    ds.private_block(0x0029, "VENDOR", create=True).add_new(1, "LO", name)
    path.write_bytes(part10(ds))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", "study", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def made(monkeypatch: pytest.MonkeyPatch, *options: str) -> Study:
    """A study of the images."""
    assert call(monkeypatch, "new", "it", "--name", "Trial", "--readers", "R1,R2", "--seed", "3", *options) == 0
    assert call(monkeypatch, "import", "it", "--from-folder", "in") == 0
    return open_study(Path("it"))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path: str) -> list[dict[str, str]]:
    """Rows of a table."""
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_that_names_a_patient_is_in_the_study(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Neither in a file, nor in a file's name, nor in the database; UIDs, dates and paths included."""
    made(monkeypatch)
    secrets = [b"GEHEIM", b"20250102", b"ACC001", str(folder).encode(), b"19700101", "Überweiser".encode()]
    secrets += [part.encode() for name in NAMES for part in name.split("^")]
    uids = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")
    secrets += [line[uid].encode() for line in key_rows() for uid in uids]

    everything = contents(Path("it"))

    assert len(secrets) == 6 + 6 + 9
    assert all(secrets)
    assert [(name, word) for name, data in everything.items() for word in secrets if word in data] == []
    assert [name for name in everything for word in secrets if word in name.encode()] == []


def key_rows() -> list[dict[str, str]]:
    """Lines of the key."""
    return list(csv.DictReader(Path("it.key.csv").read_text().splitlines()[1:]))


def test_the_pixels_are_the_scanners_own_inside_the_sector_and_black_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The corner where the name was is black, in the PNG and in the instance."""
    image = made(monkeypatch).image("S0001")

    with Image.open(image.path) as picture:
        stored, told = np.asarray(picture), picture.info
    numbers = {line["subject"]: int(line["patient_id"][-1]) for line in key_rows()}
    source = simple_picture(seed=numbers["S0001"]).pixels
    assert not stored[:12, :90].any()
    assert (stored[stored > 0] == source[stored > 0]).all()
    assert np.count_nonzero(stored) > 0.2 * stored.size
    assert told == {}


def test_the_key_is_the_way_back_and_lies_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only its owner can read it; without it nothing can be revealed, and another study's does not help."""
    made(monkeypatch)
    assert stat.S_IMODE(Path("it.key.csv").stat().st_mode) == 0o600
    capsys.readouterr()
    assert call(monkeypatch, "reveal", "it", "S0002") == 0
    said = capsys.readouterr().out
    assert [name in said for name in NAMES].count(True) == 1

    Path("it.key.csv").rename("away.csv")
    assert call(monkeypatch, "reveal", "it", "S0002") == 2
    assert call(monkeypatch, "new", "other", "--name", "Other", "--readers", "R1") == 0
    assert call(monkeypatch, "reveal", "it", "S0002", "--key", "other.key.csv") == 2
    assert "not the key of this study" in capsys.readouterr().err
    assert call(monkeypatch, "reveal", "it", "S0002", "--key", "away.csv") == 0


def test_a_key_inside_the_study_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made."""
    assert call(monkeypatch, "new", "it", "--name", "T", "--readers", "R1", "--key", "it/key.csv") == 2
    assert not Path("it").exists()


def test_every_image_is_counted_once(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Unreadable, other modality, uncalibrated, doubled, not chosen or chosen; imported again, nothing changes."""
    write(folder / "in" / "bare.dcm", 5, "Bare", spacing_mm=None)
    write(folder / "in" / "double.dcm", 1, "Double", attributes={"PatientID": "X"})
    write(folder / "in" / "ct.dcm", 6, "Ct", attributes={"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "PatientID": "Y"})
    (folder / "in" / "copy.dcm").write_bytes((folder / "in" / "again.dcm").read_bytes())
    whole = (folder / "in" / "again.dcm").read_bytes()
    (folder / "in" / "cut.dcm").write_bytes(whole[:2000])
    (folder / "in" / "notes.txt").write_text("no image")
    study = made(monkeypatch)

    flow = study.flow()

    assert flow.images == 8  # neither the note nor the copy
    assert flow.images == sum(flow.unusable.values()) + flow.not_chosen + flow.chosen
    assert flow.unusable == {"unreadable": 1, "not_ultrasound": 1, "no_calibration": 1, "duplicate": 1}
    assert (flow.not_chosen, flow.chosen, flow.subjects) == (1, 3, 6)
    assert flow.subjects == sum(flow.excluded.values()) + flow.included
    assert flow.excluded == {"no_view": 3}
    assert call(monkeypatch, "import", "it", "--from-folder", "in") == 0
    assert open_study(Path("it")).flow() == flow


def test_exclusions_are_the_protocols_and_the_flow_stays_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reason that the protocol does not have is refused with those that it has."""
    study = made_study(Path("it"))
    assert call(monkeypatch, "exclude", "it", "S0001", "--reason", "renal_cortex", "--note", "many cysts") == 0
    assert call(monkeypatch, "exclude", "it", "S0001", "--reason", "renal_cortex") == 1
    assert call(monkeypatch, "exclude", "it", "S0002", "--reason", "ugly") == 2
    assert "renal_cortex: Severe cortical scarring" in capsys.readouterr().err

    flow = study.flow()

    assert (flow.subjects, flow.included, flow.excluded) == (3, 2, {"renal_cortex": 1})
    assert call(monkeypatch, "include", "it", "S0001") == 0
    assert study.flow().included == 3


def test_two_imports_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The second one says so, and changes nothing."""
    assert call(monkeypatch, "new", "it", "--name", "Trial", "--readers", "R1") == 0
    with alone(Path("it")):
        assert call(monkeypatch, "import", "it", "--from-folder", "in") == 1

    assert "another command is at work" in capsys.readouterr().err
    assert open_study(Path("it")).flow().images == 0


def test_links_are_shown_once_and_open_the_readers_door(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost one is replaced."""
    study = made_study(Path("it"))
    capsys.readouterr()
    assert call(monkeypatch, "assign", "it", "--url", "https://reader.example/") == 0
    links = [line.split(": ") for line in capsys.readouterr().out.splitlines() if "https://" in line]
    assert call(monkeypatch, "assign", "it") == 0
    assert "http" not in capsys.readouterr().out

    assert [name for name, _ in links] == ["R1", "R2"]
    for name, link in links:
        assert link.startswith("https://reader.example/reader/enter/")
        reader = study.reader_of(link.rpartition("/")[2])
        assert reader is not None
        assert reader.name == name
    assert call(monkeypatch, "assign", "it", "--reader", "R1") == 0
    assert study.reader_of(links[0][1].rpartition("/")[2]) is None
    assert call(monkeypatch, "assign", "it", "--reader", "R9") == 2


def test_the_status_tells_each_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table, and as JSON for programs."""
    made_study(Path("it"))
    assert call(monkeypatch, "assign", "it") == 0
    capsys.readouterr()
    assert call(monkeypatch, "status", "it", "--json") == 0

    state = json.loads(capsys.readouterr().out)

    assert [each["reader"] for each in state["readers"]] == ["R1", "R2"]
    assert [each["waits_for_session"] for each in state["readers"][0]["sessions"]] == [None, 1]
    assert state["flow"]["included"] == 3
    assert state["next"] == "R1 (session 1), R2 (session 1) can read (study serve)."
    assert call(monkeypatch, "status", "it") == 0


def test_the_network_is_a_rater(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its times, masks and reasons are kept; what was measured is not measured again."""
    study = made(monkeypatch)
    code = call(monkeypatch, "dcnn", "it")
    results = study.dcnn()
    first = [each.measured_at for each in results]

    assert code == (3 if any(each.result["hri"] is None for each in results) else 0)
    assert len(results) == 3
    assert all(each.result["hri"] or each.result["reasons"] for each in results)
    assert len([each for each in study.times() if each.rater == "dcnn"]) == 3
    assert {path.stem for path in Path("it/dcnn").glob("*.png")} == {"S0001", "S0002", "S0003"}
    assert call(monkeypatch, "dcnn", "it") == code
    assert [each.measured_at for each in study.dcnn()] == first
    assert [each.what for each in study.versions()][-1] == "twin"
    assert "of 3 images measured" in capsys.readouterr().out


def mark_all(study: Study) -> None:
    """Both readers read both sessions, with shapes of their own."""
    for subject in study.included():
        for reader in ("R1", "R2"):
            for organ, left in ((Organ.LIVER, 200.0), (Organ.CORTEX, 380.0)):
                points = ((left, 200.0), (left + 40, 200.0), (left + 40, 260.5), (left, 260.0))
                shape = {"shape": Shape.POLYGON, "points": points}
                study.put_mark(a_mark(subject, organ, reader=reader, **shape), NOW)
            study.finish(reader, 1, subject, NOW)


def test_the_export_is_what_the_agreement_reads_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, marks and label maps; byte for byte again."""
    study = made(monkeypatch)
    study.assign()
    mark_all(study)
    call(monkeypatch, "dcnn", "it")
    for name in ("one", "two"):
        assert call(monkeypatch, "export", "it", "--output", name) == 0

    assert contents(Path("one")) == contents(Path("two"))
    table = rows("one/readings.csv")
    assert {row["rater"] for row in table} >= {"R1", "R2"}
    assert all(abs(float(row["hri"]) - float(row["liver"]) / float(row["kidney"])) < 1e-5 for row in table)
    assert read_readings(Path("one/readings.csv"), skip_incomplete=True).series
    features = json.loads(Path("one/marks.geojson").read_text())["features"]
    assert len(features) == 3 * 2 * 2
    labels = read_labels(Path("one/labels/R1-1/S0001.png"))
    assert sorted(np.unique(labels)) == [0, 1, 2]
    assert np.count_nonzero(labels == 1) == features[0]["properties"]["pixels"]


@pytest.mark.parametrize("column", ["subject", "patient_id"])
def test_a_reference_file_is_taken_in_by_subject_or_patient(monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    """Grades in words are digits; what stands for nothing is nothing; a stranger is left out."""
    study = made(monkeypatch)
    keys = [line[column] for line in key_rows()]
    lines = [f"{column},age,Sex,grade", f"{keys[0]},31,M,normal", f"{keys[1]},NA,F,1", "nobody,40,F,2"]
    Path("ref.csv").write_text("\n".join(lines))
    assert call(monkeypatch, "reference", "it", "ref.csv") == 0

    known = {each.subject: each for each in study.demographics()}

    first, second = (known[line["subject"]] for line in key_rows()[:2])
    assert (first.grade, first.numbers, first.texts) == ("0", {"age": 31.0}, {"sex": "M"})
    assert (second.grade, second.numbers) == ("1", {})
    assert b"GEHEIM" not in b"".join(contents(Path("it")).values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age\n31", "without column subject"),
        ("subject,patient_name\nS0001,x", "may name people"),
        ("subject,Birth Date\nS0001,x", "may name people"),
        ("subject,MRN\nS0001,1", "may name people"),
        ("subject,age\nS0001,31\nS0002,old", "line 3: age is no number"),
        ('subject,age\nS0001,"31,5"', 'line 2: age is no number; one with "." as decimal mark needed'),
        ("subject,age\nS0001,31\nS0001,32", "line 3: this subject a second time, after line 2"),
        ("subject,grade\nS0001,fat", "line 2: grade must be a digit"),
        ("subject,age\nS0001", "line 2: 1 columns, 2 in the header"),
        ("subject;age\nS0001;31", "separated by"),
        ("subject\nS0001", "0 columns of values"),
        ("subject,town\n" + "\n".join(f"S{n:04d},town {n}" for n in range(1, 15)), "more than 12 different texts"),
    ],
)
def test_a_bad_reference_file_is_one_sentence_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    """With the file's name and the line."""
    study = made_study(Path("it"))
    Path("ref.csv").write_text(text)
    capsys.readouterr()

    assert call(monkeypatch, "reference", "it", "ref.csv") == 1
    said = capsys.readouterr().err
    assert words in " ".join(said.split())
    assert "ref.csv" in said
    assert all(not each.numbers and not each.texts for each in study.demographics())


def test_whose_reference_is_too_late_is_excluded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the days that the file gives, with the paper's first reason; the column has to be there."""
    study = made_study(Path("it"))
    Path("ref.csv").write_text("subject,interval_days\nS0001,31\nS0002,-32\nS0003,NA\n")
    Path("bare.csv").write_text("subject,age\nS0001,31\n")

    assert call(monkeypatch, "reference", "it", "bare.csv", "--interval-max", "31") == 1
    assert "needs a column interval_days" in " ".join(capsys.readouterr().err.split())
    assert [call(monkeypatch, "reference", "it", "ref.csv", "--interval-max", "31") for _ in range(2)] == [0, 0]
    assert [(each.subject, each.reason) for each in study.exclusions()] == [("S0002", "interval")]


def test_no_image_comes_once_readers_have_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """What they read stays what it was."""
    study = made(monkeypatch)
    study.assign()
    mark_all(study)
    write(folder / "in" / "late.dcm", 8, "Late")

    assert call(monkeypatch, "import", "it", "--from-folder", "in") == 1
    assert "readers have begun" in capsys.readouterr().err


def test_pictures_need_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a patient of its own, by its name."""
    Path("pictures").mkdir()
    for seed in range(3):
        Image.fromarray(simple_picture(seed=20 + seed).pixels).save(f"pictures/Geheim {seed}.png")
    assert call(monkeypatch, "new", "it", "--name", "T", "--readers", "R1", "--choose", "first") == 0
    assert call(monkeypatch, "import", "it", "--from-folder", "pictures/Geheim 0.png") == 0
    assert open_study(Path("it")).flow().unusable == {"no_calibration": 1}

    assert call(monkeypatch, "new", "two", "--name", "T", "--readers", "R1", "--choose", "first") == 0
    options = ("--from-folder", "pictures/Geheim 0.png", "pictures/Geheim 1.png", "--mm-per-px", "0.3")
    assert call(monkeypatch, "import", "two", *options) == 0

    images = open_study(Path("two")).images()
    assert [image.spacing_mm for image in images] == [(0.3, 0.3)] * 2
    assert not any("Geheim" in name for name in contents(Path("two")))


@pytest.mark.parametrize(
    "options",
    [
        ("--readers", "R1,R1"),
        ("--readers", "dcnn"),
        ("--readers", "R/1"),
        ("--readers", ""),
        ("--shapes", "circle"),
        ("--split", "0.5,0.5"),
        ("--split", "0.5,0.6,0.1"),
        ("--name", ""),
        ("--key", "nowhere/at/all.csv"),
    ],
)
def test_a_wrong_decision_is_a_sentence_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, str]
) -> None:
    """Neither folder nor key is made."""
    known = {"--name": "Trial", "--readers": "R1"} | {options[0]: options[1]}

    assert call(monkeypatch, "new", "it", *[word for pair in known.items() for word in pair]) == 2
    assert "hri-node:" in capsys.readouterr().err
    assert not Path("it").exists()
    assert not Path("it.key.csv").exists()


def test_the_split_is_by_patient_exact_and_of_the_seed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Two studies of one patient are in one part, where each study is a subject."""
    for number in range(10, 17):
        write(folder / "in" / f"{number}.dcm", number, "N")
    study = made(monkeypatch, "--split", "0.5,0.2,0.3", "--per", "study")

    parts = study.parts()

    patients: dict[str, set[str]] = {}
    for subject, patient in study.subjects().items():
        patients.setdefault(patient, set()).add(parts[subject])
    assert len(patients) == 10
    assert all(len(each) == 1 for each in patients.values())
    counts = [
        sum(part == name for name in map(next, map(iter, patients.values())))
        for part in ("train", "validation", "test")
    ]
    assert counts == [5, 2, 3]


def test_the_sheets_show_every_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sheet for three."""
    made_study(Path("it"))
    assert call(monkeypatch, "look", "it", "--output", "sheets") == 0

    sheet = read_labels(Path("sheets/sheet-001.png"))
    assert sheet.max() == 255
    assert (sheet == LIVER_LEVEL + 3).sum() >= SIZE[0] * SIZE[1] // 2


def test_a_study_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """When every session is complete and the network has measured, the report is next."""
    study = made_study(Path("it"), sessions=1)
    for reader in ("R1", "R2"):
        study.new_link(reader, NOW)
        read_session(study, reader, 1)
    call(monkeypatch, "dcnn", "it")
    capsys.readouterr()
    assert call(monkeypatch, "status", "it", "--json") == 0

    assert json.loads(capsys.readouterr().out)["next"] == "everything is read (study report)."
