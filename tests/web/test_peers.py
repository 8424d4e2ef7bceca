"""Other people's STOW-RS clients store at the node: dicomweb-client and Orthanc."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from builders import part10, ultrasound_instance
from dicomweb_client import DICOMwebClient
from pydicom import Dataset
from pydicom.uid import JPEGBaseline8Bit, generate_uid
from running import Orthanc
from web_node import Served, serving

from hri_node.ledger.tables import InstanceRow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web role that the tests share."""
    with serving(tmp_path_factory.mktemp("web")) as node:
        yield node


def known(node: Served) -> dict[str, InstanceRow]:
    """What the ledger has, by SOP Instance UID."""
    with node.node.ledger.transaction(reading=True) as session:
        return {row.sop_instance_uid: row for row in session.query(InstanceRow)}


def stored(answer: Dataset) -> set[str]:
    """SOP Instance UIDs that an answer calls stored."""
    return {item.ReferencedSOPInstanceUID for item in answer.get("ReferencedSOPSequence", [])}


@pytest.mark.parametrize("chunk_size", [10**6, 1000], ids=["with-length", "chunked"])
def test_dicomweb_client_stores(served: Served, chunk_size: int) -> None:
    """Two instances of one study, at once or in chunks; it understands the answer."""
    study = generate_uid()
    instances = [ultrasound_instance(study_uid=study, rows=64, columns=64) for _ in range(2)]
    client = DICOMwebClient(f"{served.url}/dicom-web", chunk_size=chunk_size)

    answer = client.store_instances(instances, study)

    uids = {str(ds.SOPInstanceUID) for ds in instances}
    assert stored(answer) == uids
    assert uids <= set(known(served))


def test_dicomweb_client_hears_of_a_refusal(served: Served) -> None:
    """An instance of another study than the address names."""
    client = DICOMwebClient(f"{served.url}/dicom-web")

    with pytest.raises(requests.HTTPError) as raised:
        client.store_instances([ultrasound_instance(rows=8, columns=8)], generate_uid())

    assert raised.value.response.status_code == 409
    assert raised.value.response.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA900]


@pytest.mark.peers
def test_orthanc_stores(served: Served, tmp_path: Path) -> None:
    """Its DICOMweb plug-in sends a study, compressed instances among it, and takes our answer for success."""
    study = generate_uid()
    options = {"study_uid": study, "rows": 64, "columns": 64}
    instances = [
        ultrasound_instance(**options),
        ultrasound_instance(**options, transfer_syntax=JPEGBaseline8Bit),
        ultrasound_instance(**options, frames=3),
    ]
    orthanc = Orthanc(tmp_path)
    try:
        made = [requests.post(f"{orthanc.url}/instances", data=part10(ds), timeout=10).json() for ds in instances]
        server = f"{orthanc.url}/dicom-web/servers/node"
        requests.put(server, json={"Url": f"{served.url}/dicom-web/"}, timeout=10).raise_for_status()
        answer = requests.post(f"{server}/stow", json={"Resources": [made[0]["ParentStudy"]]}, timeout=60)
    finally:
        orthanc.stop()

    rows = known(served)
    assert answer.ok, answer.text
    assert {str(ds.SOPInstanceUID) for ds in instances} <= set(rows)
    assert rows[instances[1].SOPInstanceUID].transfer_syntax_uid == JPEGBaseline8Bit
