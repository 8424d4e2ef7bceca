"""The whole way: a scanner sends a study, the node measures and reports it to Orthanc, and OHIF shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from ohif import APPEARS_S
from pydicom import dcmread
from running import Orthanc, RunningNode, eventually, scanner_sends
from viewing import OhifOf

from hri_node.measure.summary import representative, study_hri
from hri_node.phantom.write import write_study

pytestmark = pytest.mark.peers

VIEWS = 2
SEED = 11
DELIVERED_WITHIN_S = 120


@pytest.fixture
def reporting(archive: Orthanc, tmp_path: Path) -> Iterator[RunningNode]:
    """A node whose only destination is the archive; not started where there is no viewer to look in."""
    node = RunningNode(tmp_path / "node", {"pacs": archive.dicom_port})
    yield node
    node.stop()


def modalities(archive: Orthanc, study_uid: str) -> set[str]:
    """Return what the archive has of a study."""
    answer = requests.get(f"{archive.url}/dicom-web/studies/{study_uid}/series", timeout=10)
    return {series["00080060"]["Value"][0] for series in answer.json()} if answer.ok else set()


def test_a_radiologist_reads_what_the_ledger_has(
    reporting: RunningNode, archive: Orthanc, ohif: OhifOf, tmp_path: Path
) -> None:
    """The study's index and the values of the image nearest to it, sent by a scanner and delivered by the node."""
    files = write_study(tmp_path / "study", VIEWS, seed=SEED)
    study_uid = str(dcmread(files[0]).StudyInstanceUID)
    scanner_sends(archive.dicom_port, files)
    scanner_sends(reporting.port, files)
    wanted = {"US", "SR", "SEG", "OT"}
    eventually(lambda: modalities(archive, study_uid) == wanted, DELIVERED_WITHIN_S, "the arrival of every result")
    results = [found.result for _, found in reporting.ledger.reportable(1)]
    indices = [result.hri for result in results]
    shown = results[representative(indices)]

    with ohif(study_uid, "whole way") as viewer:
        viewer.show("SR", asks=True)
        eventually(viewer.labels, APPEARS_S, "a label on the image")
        lines = viewer.lines()

    indices_shown = {f"Hepatorenal index: {value:.2f} {{ratio}}" for value in (study_hri(indices), shown.hri)}
    means_shown = {f"Echogenicity: {part['mean']:.2f} [arb'U]" for part in (shown.liver, shown.renal_cortex)}
    assert indices_shown | means_shown <= lines
