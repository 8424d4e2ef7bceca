"""The main job with real peers: DCMTK's storescu as scanner, Redis, and Orthanc as PACS."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
import requests
from pydicom import Dataset, dcmread
from reports import items
from running import Orthanc, RunningNode, eventually, require, scanner_sends

from hri_node.masks import from_png
from hri_node.phantom.write import write_study
from hri_node.report import codes

VIEWS = 3
DELIVERED_WITHIN_S = 120

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, Orthanc]]:
    """A node and an Orthanc, after a scanner pushed one study and its results arrived."""
    folder = tmp_path_factory.mktemp("main-job")
    orthanc = Orthanc(folder / "orthanc")
    node = RunningNode(folder / "node", {"pacs": orthanc.dicom_port})
    scanner_sends(node.port, write_study(folder / "study", VIEWS, seed=7))
    everything = {"SR": 1, "SEG": VIEWS, "OT": VIEWS}
    eventually(lambda: orthanc.counts() == everything, DELIVERED_WITHIN_S, f"the arrival of {everything}")
    yield node, orthanc
    node.stop()
    orthanc.stop()


def ledger_results(node: RunningNode) -> dict[str, tuple[float, bytes]]:
    """HRI and PNG of masks of each instance, as the ledger has them."""
    return {
        row.sop_instance_uid: (found.result.hri, (node.folder / "spool" / found.masks_key).read_bytes())
        for row, found in node.ledger.reportable(1)
    }


def test_the_pacs_holds_report_segmentation_and_picture(reported: tuple[RunningNode, Orthanc]) -> None:
    """One SR for the study, one SEG and one picture per measured image, all in the scanner's own study."""
    node, orthanc = reported

    made = [dcmread(BytesIO(orthanc.file(name))) for kind in ("SR", "SEG", "OT") for name in orthanc.instances(kind)]

    assert {ds.StudyInstanceUID for ds in made} == {node.ledger.study(1).study_instance_uid}
    assert len({ds.SOPInstanceUID for ds in made}) == 1 + 2 * VIEWS


def cited_image(group: Sequence[Dataset]) -> str:
    """SOP Instance UID of the image that a group's region was drawn on."""
    (scoord,) = items(group[0], "SCOORD")
    return str(items(scoord, "IMAGE")[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID)


def test_the_report_holds_the_ledgers_indices(reported: tuple[RunningNode, Orthanc]) -> None:
    """HRI of every image, read back by highdicom from what Orthanc gives out, equals the ledger's."""
    node, orthanc = reported
    report = hd.sr.srread(BytesIO(orthanc.file(orthanc.instances("SR")[0])))

    groups = report.content.get_image_measurement_groups()
    values = {
        group.source_images[0].referenced_sop_instance_uid: measurement.value
        for group in groups
        if group.tracking_identifier == "Hepatorenal index"
        for measurement in group.get_measurements(name=codes.HEPATORENAL_INDEX)
    }

    assert values == {uid: hri for uid, (hri, _) in ledger_results(node).items()}


def test_the_report_holds_the_ledgers_regions(reported: tuple[RunningNode, Orthanc]) -> None:
    """Each ROI's outline is the window that the ledger has, in the corners of its pixels."""
    node, orthanc = reported
    report = hd.sr.srread(BytesIO(orthanc.file(orthanc.instances("SR")[0])))

    polygons = {
        (cited_image(group), group.tracking_identifier): group.roi.value
        for group in report.content.get_planar_roi_measurement_groups()
    }

    for row, found in node.ledger.reportable(1):
        for name, region in (("Liver ROI", found.result.liver), ("Right renal cortex ROI", found.result.renal_cortex)):
            window = region["window"]
            corners = np.asarray(polygons[row.sop_instance_uid, name])
            assert corners.min(axis=0).tolist() == [window["column"], window["row"]]
            size = np.ptp(corners, axis=0).tolist()
            assert size == [window["columns"], window["rows"]]


def test_the_segmentations_hold_the_ledgers_masks(reported: tuple[RunningNode, Orthanc]) -> None:
    """Each of the four segments, pixel for pixel."""
    node, orthanc = reported
    results = ledger_results(node)

    for name in orthanc.instances("SEG"):
        seg = hd.seg.segread(BytesIO(orthanc.file(name)))
        uid = seg.get_source_image_uids()[0][2]
        masks = from_png(results[uid][1])
        pixels = seg.pixel_array.astype(bool)
        for segment, expected in zip(
            pixels, (masks.liver, masks.kidney, masks.liver_roi, masks.cortex_roi), strict=True
        ):
            np.testing.assert_array_equal(segment, expected)


def test_validators_find_no_error(reported: tuple[RunningNode, Orthanc], tmp_path: Path) -> None:
    """Dciodvfy on everything that Orthanc gives out, dsrdump on the report."""
    require("dciodvfy", "dsrdump")
    _, orthanc = reported
    complaints = []

    for kind in ("SR", "SEG", "OT"):
        for name in orthanc.instances(kind):
            file = tmp_path / f"{name}.dcm"
            file.write_bytes(orthanc.file(name))
            said = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False).stderr
            complaints += [line for line in said.splitlines() if line.startswith("Error")]
    report = tmp_path / f"{orthanc.instances('SR')[0]}.dcm"
    read = subprocess.run(["dsrdump", str(report)], capture_output=True, text=True, check=False)

    assert complaints == []
    assert read.returncode == 0
    assert read.stdout.count('"Hepatorenal index"') >= VIEWS


def test_orthanc_gives_the_results_out_by_dicomweb(reported: tuple[RunningNode, Orthanc]) -> None:
    """A viewer finds SR, SEG and picture in the study."""
    node, orthanc = reported
    study = node.ledger.study(1).study_instance_uid

    answer = requests.get(f"{orthanc.url}/dicom-web/studies/{study}/series", timeout=10).json()

    modalities = {series["00080060"]["Value"][0] for series in answer}
    assert {"SR", "SEG", "OT"} <= modalities


def test_the_same_study_again_changes_nothing(reported: tuple[RunningNode, Orthanc]) -> None:
    """A scanner that repeats itself is answered with success, and the PACS sees nothing new."""
    node, orthanc = reported
    before = orthanc.counts()

    scanner_sends(node.port, sorted((node.folder.parent / "study").rglob("*.dcm")))
    status = json.loads(node.run("status", "--json").stdout)

    assert orthanc.counts() == before
    assert status["studies_24h"] == {"reported": 1}


def test_status_and_check_speak_of_a_healthy_node(reported: tuple[RunningNode, Orthanc]) -> None:
    """Nothing waits, nothing failed, and every part answers."""
    node, _ = reported

    status = json.loads(node.run("status", "--json").stdout)
    check = node.run("check")

    assert all(load["failed"] == load["waiting"] == 0 for load in status["queues"].values())
    assert check.returncode == 0, check.stdout


def test_no_log_names_the_patient(reported: tuple[RunningNode, Orthanc]) -> None:
    """Neither the patient's name nor the number or accession appears in anything the node wrote to its log."""
    node, _ = reported
    study = node.ledger.study(1)

    log = (node.folder / "log").read_text()

    assert study.study_instance_uid in log
    for value in (study.patient_name, study.patient_id, study.accession_number):
        assert value and value not in log  # noqa: PT018 - an empty value would be in every text
