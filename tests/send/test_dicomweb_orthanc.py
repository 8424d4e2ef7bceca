"""Orthanc as a DICOMweb destination: what it has stored is proven, and what it has lost is noticed."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import requests
from builders import instance_file
from pydicom import dcmread
from running import Orthanc

from hri_node.errors import PeerRefused
from hri_node.send.destination import Holding, Sent
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.dicomweb_session import WebPeer

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An Orthanc that the tests share."""
    running = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield running
    running.stop()


def destination(orthanc: Orthanc, root: str = "/dicom-web") -> DicomWebDestination:
    """Orthanc's DICOMweb service."""
    return DicomWebDestination(WebPeer("orthanc", orthanc.url + root), "query", timeout_s=10.0)


def sent(path: Path) -> Sent:
    """Identity of a file."""
    ds = dcmread(path, stop_before_pixels=True)
    return Sent(ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID, ds.SeriesInstanceUID)


def orthanc_id(orthanc: Orthanc, uid: str) -> str:
    """What Orthanc calls an instance."""
    query = {"Level": "Instance", "Query": {"SOPInstanceUID": uid}}
    (found,) = requests.post(f"{orthanc.url}/tools/find", json=query, timeout=10).json()
    return str(found)


def test_what_is_stored_is_proven(orthanc: Orthanc, tmp_path: Path) -> None:
    """Byte by byte the dataset that left, found by a query; twice is once."""
    path = instance_file(tmp_path)
    with destination(orthanc).exchange([]) as exchange:
        exchange.store(path)
        exchange.store(path)
        proof = exchange.prove([sent(path)], "", overdue=False)

    uid = sent(path).sop_instance_uid
    kept = dcmread(BytesIO(orthanc.file(orthanc_id(orthanc, uid))))
    assert (proof.how, proof.holdings) == ("verified", {uid: Holding.PRESENT})
    assert kept == dcmread(path)


def test_what_it_lost_is_noticed(orthanc: Orthanc, tmp_path: Path) -> None:
    """One of two instances of a study is deleted, then the whole study."""
    first = instance_file(tmp_path)
    one = sent(first)
    (tmp_path / "second").mkdir()
    second = instance_file(tmp_path / "second", study_uid=one.study_instance_uid, series_uid=one.series_instance_uid)
    two = sent(second)
    with destination(orthanc).exchange([]) as exchange:
        exchange.store(first)
        exchange.store(second)
        requests.delete(f"{orthanc.url}/instances/{orthanc_id(orthanc, two.sop_instance_uid)}", timeout=10)
        after_one = exchange.prove([one, two], "", overdue=False).holdings
        requests.delete(f"{orthanc.url}/instances/{orthanc_id(orthanc, one.sop_instance_uid)}", timeout=10)
        after_both = exchange.prove([one, two], "", overdue=False).holdings

    assert after_one == {one.sop_instance_uid: Holding.PRESENT, two.sop_instance_uid: Holding.ABSENT}
    assert after_both == {one.sop_instance_uid: Holding.ABSENT, two.sop_instance_uid: Holding.ABSENT}


def test_what_is_no_instance_is_refused(orthanc: Orthanc, tmp_path: Path) -> None:
    """A file cut in its header: Orthanc names it as failed, and would again."""
    path = instance_file(tmp_path)
    path.write_bytes(path.read_bytes()[:400])
    with destination(orthanc).exchange([]) as exchange, pytest.raises(PeerRefused):
        exchange.store(path)


def test_echo(orthanc: Orthanc) -> None:
    """It answers; at a wrong address it is no such service."""
    destination(orthanc).echo()

    with pytest.raises(PeerRefused, match="no such service"):
        destination(orthanc, "/dicom").echo()
