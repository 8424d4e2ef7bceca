"""The web's way through: a study comes in by STOW-RS, its results leave by STOW-RS, and Orthanc has them, proven."""

import json
import os
import signal
import threading
from collections.abc import Iterator

import pytest
import requests
from builders import part10, ultrasound_instance
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from pydicom.uid import CTImageStorage
from running import Orthanc, RunningNode, eventually

from hri_node.ledger.states import Queue
from hri_node.ledger.tables import InstanceRow
from hri_node.phantom.write import write_study

VIEWS = 2
DELIVERED_WITHIN_S = 120

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, Orthanc]]:
    """A node and an Orthanc, after a study was stored by STOW-RS and its results arrived."""
    folder = tmp_path_factory.mktemp("stow")
    orthanc = Orthanc(folder / "orthanc")
    destination = [{"name": "web-pacs", "protocol": "dicomweb", "url": f"{orthanc.url}/dicom-web"}]
    node = RunningNode(folder / "node", {}, environment={"HRI_DESTINATIONS": json.dumps(destination)})
    eventually(lambda: is_ready(node), 60, "the node's readiness")
    client = DICOMwebClient(f"http://127.0.0.1:{node.web_port}/dicom-web")
    client.store_instances([dcmread(file) for file in write_study(folder / "study", VIEWS, seed=7)])
    everything = {"SR": 1, "SEG": VIEWS, "OT": VIEWS}
    eventually(lambda: orthanc.counts() == everything, DELIVERED_WITHIN_S, f"the arrival of {everything}")
    yield node, orthanc
    node.stop()
    orthanc.stop()


def is_ready(node: RunningNode) -> bool:
    """What the node says of itself."""
    try:
        return requests.get(f"http://127.0.0.1:{node.web_port}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def test_every_delivery_ends_verified(reported: tuple[RunningNode, Orthanc]) -> None:
    """By QIDO-RS: a DICOMweb service commits nothing."""
    node, _ = reported

    def states() -> set[str]:
        return {job.outcome for job in node.ledger.jobs(Queue.DELIVER)}

    eventually(lambda: states() == {"verified"}, 30, "the proof of every object")


def test_the_instances_came_by_stow(reported: tuple[RunningNode, Orthanc]) -> None:
    """The ledger knows how, and from where."""
    node, _ = reported

    origins = {(row.service, row.calling_ae_title, row.address) for row, _ in node.ledger.reportable(1)}

    assert origins == {("stow-rs", "STOW-RS", "127.0.0.1")}


def store_one(node: RunningNode) -> str | None:
    """SOP Instance UID of an instance that the node calls stored; None where it gave no such answer."""
    ds = ultrasound_instance(rows=8, columns=8, attributes={"SOPClassUID": CTImageStorage})  # kept, and not measured
    body = b"--b\r\n\r\n" + part10(ds) + b"\r\n--b--"
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}
    url = f"http://127.0.0.1:{node.web_port}/dicom-web/studies"
    try:
        is_stored = requests.post(url, data=body, headers=headers, timeout=10).status_code == 200
    except requests.RequestException:
        return None
    return str(ds.SOPInstanceUID) if is_stored else None


def test_a_killed_web_role_has_lost_nothing_it_called_stored(reported: tuple[RunningNode, Orthanc]) -> None:
    """SIGKILL in the middle of requests, three times; it comes back by itself."""
    node, _ = reported
    stored: list[str] = []

    for _ in range(3):
        killer = threading.Timer(0.3, lambda: os.kill(node.processes("hri_node web")[0], signal.SIGKILL))
        killer.start()
        while uid := store_one(node):
            stored.append(uid)
        killer.join()
        eventually(lambda: is_ready(node), 60, "the web role's return")

    rows = {row.sop_instance_uid: row for row in instances(node)}
    assert len(stored) > 3
    assert set(stored) <= set(rows)
    assert all((node.folder / "spool" / rows[uid].spool_key).is_file() for uid in stored)


def instances(node: RunningNode) -> list[InstanceRow]:
    """What the ledger has."""
    with node.ledger.transaction(reading=True) as session:
        return list(session.query(InstanceRow))


def test_no_log_names_the_patient(reported: tuple[RunningNode, Orthanc]) -> None:
    """Neither on the way in nor on the way out."""
    node, _ = reported
    study = node.ledger.study(1)

    log = (node.folder / "log").read_text()

    assert study.study_instance_uid in log
    for value in (study.patient_name, study.patient_id, study.accession_number):
        assert value not in log
