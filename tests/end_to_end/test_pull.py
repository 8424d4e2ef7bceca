"""`hri-node pull` from Orthanc: by C-GET, C-MOVE and WADO-RS, two patients, three studies of which one is not US."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests
from archives import a_cohort
from builders import part10
from pydicom import FileDataset
from running import Orthanc, RunningNode, eventually
from sqlalchemy import select

from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.tables import InstanceRow
from hri_node.receive.part10 import take_apart

pytestmark = pytest.mark.peers

JANUARY = ("pull", "--from", "pacs", "--date", "20260101-20260131", "--json")
DELIVERED_WITHIN_S = 90

SETTINGS = """
data_dir = "{folder}"
spool_reserve_mib = 1
[[destinations]]
name = "pacs"
"""
BY_GET = 'host = "127.0.0.1"\nport = {port}\ncalled = "ORTHANC"\nretrieve = "get"\n'
BY_WADO = 'protocol = "dicomweb"\nurl = "{url}/dicom-web"\n'


@pytest.fixture(scope="module")
def cohort() -> list[FileDataset]:
    """What Orthanc has."""
    return a_cohort()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory, cohort: Sequence[FileDataset]) -> Iterator[Orthanc]:
    """An Orthanc with the cohort, and no LimitFindResults."""
    running = Orthanc(tmp_path_factory.mktemp("pull") / "orthanc")
    for instance in cohort:
        requests.post(f"{running.url}/instances", data=part10(instance), timeout=10).raise_for_status()
    yield running
    running.stop()


def pull(config: Path) -> dict[str, object]:
    """What the command says of a pull that succeeded."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HRI_")}
    command = [sys.executable, "-m", "hri_node", *JANUARY, "--config", str(config)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def datasets(ledger: Ledger, folder: Path) -> dict[str, bytes]:
    """Encoded dataset of each instance that the ledger has, by SOP Instance UID."""
    with ledger.transaction(reading=True) as session:
        rows = session.execute(select(InstanceRow)).scalars().all()
    files = {row.sop_instance_uid: (folder / "spool" / row.spool_key).read_bytes() for row in rows}
    return {uid: encoded[take_apart(encoded).offset :] for uid, encoded in files.items()}


def ultrasound(cohort: Sequence[FileDataset]) -> dict[str, bytes]:
    """Encoded dataset of each instance that should come."""
    files = {ds.SOPInstanceUID: part10(ds) for ds in cohort if ds.Modality == "US"}
    return {uid: encoded[take_apart(encoded).offset :] for uid, encoded in files.items()}


@pytest.mark.parametrize("way", [BY_GET, BY_WADO], ids=["c-get", "wado-rs"])
def test_a_cohort_comes_into_a_bare_folder_once(
    way: str, orthanc: Orthanc, cohort: Sequence[FileDataset], tmp_path: Path
) -> None:
    """No node runs; each dataset is the one that Orthanc was given, JPEG 2000 included. Run again, nothing comes."""
    config = tmp_path / "hri-node.toml"
    towards = way.format(port=orthanc.dicom_port, url=orthanc.url)
    config.write_text(SETTINGS.format(folder=tmp_path) + towards)

    first, second = pull(config), pull(config)

    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    assert datasets(ledger, tmp_path) == ultrasound(cohort)
    ledger.close()
    assert (first["found"], first["fetched"], first["instances"]) == (2, 2, 5)
    assert (second["found"], second["already_here"], second["instances"]) == (2, 2, 0)


def test_a_cohort_comes_to_a_running_node_by_c_move_and_is_reported(
    orthanc: Orthanc, cohort: Sequence[FileDataset], tmp_path: Path
) -> None:
    """Orthanc stores at our listener; the reports of both studies arrive at the same Orthanc."""
    before = orthanc.counts()["SR"]
    node = RunningNode(tmp_path / "node", {"pacs": orthanc.dicom_port})
    node.config.write_text(node.config.read_text() + 'retrieve = "move"\n')
    known = {"AET": "HRI_NODE", "Host": "127.0.0.1", "Port": node.port}
    requests.put(f"{orthanc.url}/modalities/node", json=known, timeout=10).raise_for_status()

    first, second = pull(node.config), pull(node.config)
    eventually(lambda: orthanc.counts()["SR"] == before + 2, DELIVERED_WITHIN_S, "the arrival of two reports")

    assert datasets(node.ledger, node.folder) == ultrasound(cohort)
    assert (first["fetched"], first["instances"], second["already_here"]) == (2, 5, 2)
    node.stop()
