"""What Orthanc gives back of the objects: stored over both ways, retrieved over WADO-RS, nothing is changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from running import Orthanc
from studies import WrittenStudy
from validators import peer

pytestmark = pytest.mark.peers

NAMES = ("rgb_frames", "poor", "latin", "strict", "failed", "everything", "everything_colour", "everything_failed")
"""Studies that differ in more than the pixels of their source."""


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """One Orthanc for all."""
    running = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield running
    running.kill()


@pytest.fixture
def empty(orthanc: Orthanc) -> Orthanc:
    """The same, with nothing in it: another study may bear the same UIDs."""
    for study in requests.get(f"{orthanc.url}/studies", timeout=10).json():
        requests.delete(f"{orthanc.url}/studies/{study}", timeout=10).raise_for_status()
    return orthanc


def over_dimse(orthanc: Orthanc, files: list[Path]) -> None:
    """DCMTK stores the files as they are."""
    done = peer("dcmtk", "storescu", "-R", "-aec", "ORTHANC", "127.0.0.1", str(orthanc.dicom_port), *files)
    assert done.returncode == 0, done.stderr


def over_web(orthanc: Orthanc, files: list[Path]) -> None:
    """dicomweb-client stores the files as they are."""
    DICOMwebClient(f"{orthanc.url}/dicom-web").store_instances([dcmread(file) for file in files])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("store", [over_dimse, over_web])
def test_objects_come_back_as_they_were(
    empty: Orthanc, study: Callable[[str], WrittenStudy], store: Callable[[Orthanc, list[Path]], None], name: str
) -> None:
    """Every object of every kind, retrieved over WADO-RS, is the dataset that was stored, element for element."""
    files = list(study(name).objects.values())
    made = {str(ds.SOPInstanceUID): ds for ds in map(dcmread, files)}

    store(empty, files)
    found = DICOMwebClient(f"{empty.url}/dicom-web").retrieve_study(next(iter(made.values())).StudyInstanceUID)

    assert {str(ds.SOPInstanceUID): ds for ds in found} == made
    assert len(made) == len(files)


def test_studies_are_listed_once(empty: Orthanc, study: Callable[[str], WrittenStudy]) -> None:
    """Sources and results are one study with one series per kind of result."""
    shown = study("everything")

    over_dimse(empty, [*shown.sources, *shown.objects.values()])

    (found,) = DICOMwebClient(f"{empty.url}/dicom-web").search_for_studies()
    series = DICOMwebClient(f"{empty.url}/dicom-web").search_for_series(found["0020000D"]["Value"][0])
    kinds = {name.rstrip("0123456789") for name in shown.objects}
    assert len(series) == len(kinds) + 1
