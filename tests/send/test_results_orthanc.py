"""Every kind of result goes to Orthanc by both protocols, and Orthanc is found to have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from running import Orthanc
from studies import EVERYTHING, several, write_objects

from hri_node.records import Peer
from hri_node.send.destination import Destination, Holding, Sent
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.dicomweb_session import WebPeer
from hri_node.send.scu import DicomDestination

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An Orthanc that the tests share."""
    running = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield running
    running.stop()


def destination(orthanc: Orthanc, protocol: str) -> Destination:
    """Orthanc by one of its services."""
    if protocol == "dicomweb":
        return DicomWebDestination(WebPeer("orthanc", f"{orthanc.url}/dicom-web"), "query", timeout_s=10.0)
    return DicomDestination(Peer("orthanc", "127.0.0.1", orthanc.dicom_port, "ORTHANC", "HRI_NODE"), "query")


@pytest.mark.parametrize("protocol", ["dicom", "dicomweb"])
def test_every_kind_is_stored_and_proven(orthanc: Orthanc, tmp_path: Path, protocol: str) -> None:
    """Report, SEG, picture, presentation state and page: each is proposed by its own class, stored, and found."""
    grey, colour = tmp_path / "grey", tmp_path / "colour"
    grey.mkdir()
    colour.mkdir()
    files = [
        *write_objects(grey, several(grey), EVERYTHING).objects.values(),
        *write_objects(colour, several(colour, photometric="RGB"), EVERYTHING).of("pr"),
    ]
    made = [dcmread(path, stop_before_pixels=True) for path in files]
    sent = [Sent(ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID, ds.SeriesInstanceUID) for ds in made]

    with destination(orthanc, protocol).exchange([
        (ds.SOPClassUID, ds.file_meta.TransferSyntaxUID) for ds in made
    ]) as to:
        for path in files:
            to.store(path)
        proof = to.prove(sent, "2.25.1", overdue=False)

    assert len({ds.SOPClassUID for ds in made}) == 6
    assert proof.holdings == {ds.SOPInstanceUID: Holding.PRESENT for ds in made}
