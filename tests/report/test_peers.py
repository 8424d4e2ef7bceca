"""What other people's programs say of the objects: dicom3tools' validators and DCMTK's report reader."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image

from hri_node.records import MeasuredImage
from hri_node.report.build import report_objects

pytestmark = pytest.mark.peers

FAILURES = {"failed": ("no_kidney",), "failed_twice": ("no_liver", "no_kidney")}


def run(program: str, package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a peer, or skip the test with a sentence where it is missing."""
    if not shutil.which(program):
        pytest.skip(f"{program} is missing: install Debian's {package}")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, errors="replace")


def written(folder: Path, images: list[MeasuredImage], **context: str) -> dict[str, Path]:
    """Write every object of `images` and return the files by kind and number."""
    files = {}
    for number, found in enumerate(report_objects(images, ALGORITHM, replace(CONTEXT, **context))):
        files[f"{found.kind}{number}"] = folder / f"{found.kind}{number}.dcm"
        files[f"{found.kind}{number}"].write_bytes(found.data)
    return files


def study(folder: Path, kind: str) -> list[MeasuredImage]:
    """Return the images of a study of one kind of source, or of one that failed."""
    if kind in FAILURES:
        return [failed_image(folder, *FAILURES[kind])]
    cautions = ("roi_shrunk", "hri_unstable")
    images = [measured_image(folder, number=1, **KINDS[kind]), failed_image(folder, "no_kidney", number=2)]
    return [*images, measured_image(folder, number=3, result_warnings=cautions, **KINDS[kind])]


def errors(file: Path) -> list[str]:
    """Return what dciodvfy calls an error."""
    return [line for line in run("dciodvfy", "dicom3tools", str(file)).stderr.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("kind", [*KINDS, *FAILURES])
def test_dciodvfy_finds_no_error(tmp_path: Path, kind: str) -> None:
    """Report, SEG and picture of every kind of source are valid instances of their IODs."""
    files = written(tmp_path, study(tmp_path, kind))

    assert {name: errors(file) for name, file in files.items()} == {name: [] for name in files}


def test_dciodvfy_finds_no_error_in_strict_seg(tmp_path: Path) -> None:
    """The strict SEG profile is valid too."""
    assert errors(written(tmp_path, [measured_image(tmp_path)], seg_profile="strict")["seg1"]) == []


def test_dciodvfy_finds_no_error_in_a_revision(tmp_path: Path) -> None:
    """A report that names its predecessor is valid."""
    assert errors(written(tmp_path, [measured_image(tmp_path)], supersedes=("2.25.77", "2.25.78"))["sr0"]) == []


@pytest.mark.parametrize("kind", [*KINDS, *FAILURES])
def test_dsrdump_reads_the_report(tmp_path: Path, kind: str) -> None:
    """DCMTK reads every report and finds the index, or its failure, in it."""
    report = written(tmp_path, study(tmp_path, kind))["sr0"]

    read = run("dsrdump", "dcmtk", str(report))

    assert (read.returncode, "E:" in read.stderr) == (0, False)
    found = r"empty \(114006,DCM" if kind in FAILURES else r'"\d\.\d+" \(\{ratio\},UCUM'
    assert re.search(rf'"Hepatorenal index"\)={found}', read.stdout)


def test_dcentvfy_finds_one_patient_and_study(tmp_path: Path) -> None:
    """Sources and results agree about patient and study.

    The one warning is about Accession Number: dcentvfy files it with the series in an SR and with the study elsewhere.
    """
    images = study(tmp_path, "mono")
    files = [*written(tmp_path, images).values(), *(image.path for image in images)]

    said = run("dcentvfy", "dicom3tools", *map(str, files)).stderr.splitlines()

    assert [line for line in said if "AccessionNumber" not in line] == []
