"""C-FIND, C-GET and C-MOVE with DCMTK's dcmqrscp: another implementation, which does not tell SOP Classes."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from archives import MemoryNode, a_cohort, habits
from builders import part10
from dimse import PROGRAM_TIMEOUT_S, listening, memory_intake, needs, peer_at
from pydicom import FileDataset
from pydicom.uid import ExplicitVRLittleEndian
from running import answers, eventually
from twins import MemoryLedger

from hri_node.receive.part10 import take_apart
from hri_node.records import Peer
from hri_node.send.files import Tally, send_files
from hri_node.send.query import Dates, FoundStudy, Means, Wanted, series_of
from hri_node.send.retrieve import DicomArchive

pytestmark = pytest.mark.peers

WANTED = Wanted(Dates(date(2026, 1, 1), date(2026, 1, 31)), "", "US")
CONFIG = """
NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
ours = (HRI_NODE, localhost, {ours})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE {folder} RW (200, 1024mb) ANY
AETable END
"""


@contextmanager
def dcmqrscp(folder: Path, instances: Sequence[FileDataset], ours: int) -> Iterator[Peer]:
    """An archive of DCMTK's with these instances, which knows our listener's port."""
    needs("dcmqrscp")
    for name in ("archive", "files"):
        (folder / name).mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "config").write_text(CONFIG.format(port=port, ours=ours, folder=folder / "archive"))
    process = subprocess.Popen(["dcmqrscp", "-c", str(folder / "config")], stderr=subprocess.DEVNULL)
    peer = peer_at(port, called="ARCHIVE", calling="HRI_NODE")
    try:
        eventually(lambda: answers(peer), 30, "the start of dcmqrscp")
        files = [folder / "files" / str(number) for number in range(len(instances))]
        for file, instance in zip(files, instances, strict=True):
            file.write_bytes(part10(instance))
        assert send_files(files, peer, lambda _outcome: None) == Tally(len(files), 0)
        yield peer
    finally:
        process.terminate()
        process.wait(PROGRAM_TIMEOUT_S)


def uncompressed() -> list[FileDataset]:
    """The cohort without its JPEG 2000 image, which dcmqrscp does not take unless told to."""
    return [ds for ds in a_cohort() if ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian]


def pulled(archive: DicomArchive, means: Means) -> list[FoundStudy]:
    """Studies that were found; their instances have come."""
    studies = archive.studies(WANTED)
    for study in studies:
        found = archive.instances(study.study_instance_uid, "US")
        assert archive.fetch(series_of(found, set()), means) == ""
    return studies


def test_dcmqrscp_gives_its_instances_by_c_get(tmp_path: Path) -> None:
    """The datasets that it was given, US only."""
    cohort, node = uncompressed(), MemoryNode()
    with dcmqrscp(tmp_path, cohort, ours=1) as peer:
        studies = pulled(DicomArchive(peer, habits(retrieve="get")), node.means)

    files = {ds.SOPInstanceUID: part10(ds) for ds in cohort if ds.Modality == "US"}
    assert {study.study_instance_uid for study in studies} == {"1.2.1", "1.2.2"}
    assert node.datasets == {uid: encoded[take_apart(encoded).offset :] for uid, encoded in files.items()}


def test_dcmqrscp_stores_at_our_listener_by_c_move(tmp_path: Path) -> None:
    """The same instances, over an association of its own."""
    cohort, ledger = uncompressed(), MemoryLedger()
    node = MemoryNode(elsewhere=lambda: set(ledger.rows))
    with (
        listening(memory_intake(ledger=ledger)) as listener,
        dcmqrscp(tmp_path, cohort, ours=listener.port) as peer,
    ):
        pulled(DicomArchive(peer, habits(retrieve="move", move_to="HRI_NODE")), node.means)

    assert set(ledger.rows) == {ds.SOPInstanceUID for ds in cohort if ds.Modality == "US"}
    assert node.arrived == 4
