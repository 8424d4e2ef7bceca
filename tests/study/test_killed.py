"""An import that is killed again and again: the study is whole each time, and the same in the end."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from builders import part10, simple_picture, ultrasound_instance

from hri_node.commands.study_new import Decisions, new_study
from hri_node.study.project.key import open_key
from hri_node.study.project.store import Study, open_study

PATIENTS = 10

LONGEST_S = 60


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study without images, and a folder `in` of patients beside it; every third has a second image."""
    (tmp_path / "in").mkdir()
    for number in range(PATIENTS):
        for which in range(2 if number % 3 == 0 else 1):
            pixels = simple_picture(rows=240, columns=320, seed=100 * which + number).pixels
            ds = ultrasound_instance(pixels=pixels, spacing_mm=(0.6, 0.6), attributes={"PatientID": f"P{number}"})
            (tmp_path / "in" / f"{number}-{which}.dcm").write_bytes(part10(ds))
    new_study(tmp_path / "it", Decisions("Trial", "R1", seed=1, choose="first"))
    return tmp_path / "it"


def importing(study: Path) -> "subprocess.Popen[bytes]":
    """The command, in a process group of its own."""
    words = ["-m", "hri_node", "study", "import", str(study), "--from-folder", str(study.parent / "in")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HRI_")}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=study.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def check(study: Study) -> None:
    """Every row has its files, whole; every number adds up; every subject is in the key, once."""
    for image in study.images():
        assert hashlib.sha256(image.path.read_bytes()).hexdigest() == image.sha256
        assert image.path.with_suffix(".json").is_file()
        assert (study.folder / "dicom" / f"{image.subject}.dcm").is_file()
    flow = study.flow()
    assert flow.images == sum(flow.unusable.values()) + flow.not_chosen + flow.chosen
    assert flow.chosen == flow.included == flow.subjects
    known = open_key(study.protocol.key_path(study.folder), study.protocol.study_id).rows()
    assert set(study.subjects()) <= {row.subject for row in known}
    assert max(Counter(row.patient_id for row in known).values(), default=1) == 1


def test_an_import_that_is_killed_goes_on_where_it_ended(study: Path) -> None:
    """Killed after the first picture, and after the seventh; at last every image is counted once."""
    for count in (1, 7):
        process = importing(study)
        until = time.monotonic() + LONGEST_S
        while len(list((study / "images").glob("*.png"))) < count and time.monotonic() < until:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        check(open_study(study))

    assert importing(study).wait(LONGEST_S) == 0

    whole = open_study(study)
    check(whole)
    assert whole.flow().chosen == PATIENTS
    assert whole.flow().images == len(list((study.parent / "in").iterdir()))
    assert sorted(path.stem for path in (study / "images").glob("*.png")) == whole.included()
    assert [path.name for path in (study / "images").iterdir() if path.name.startswith(".")] == []
