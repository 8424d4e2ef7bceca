"""Faults of a report that OHIF must not be shown: they are noticed by the same looks as in the other tests."""

from collections.abc import Callable
from io import BytesIO

import pytest
from builders import part10
from ohif import APPEARS_S
from playwright.sync_api import TimeoutError as NotSeen
from pydicom import Dataset, FileDataset, dcmread
from pydicom.uid import generate_uid
from running import Orthanc, eventually
from screens import is_outlined
from viewed_studies import Study
from viewing import OhifOf, store

pytestmark = pytest.mark.peers

LABELS_S = 4.0
"""Longer than any label of a good report takes to appear."""


def altered(study: Study, alter: Callable[[Dataset], None]) -> tuple[str, list[bytes]]:
    """Return a copy of a study (its UID and instances) with its report altered."""
    source, report = dcmread(study.images[0].path), dcmread(BytesIO(study.result("sr")))
    alter(report)
    levels = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    new = {uid: generate_uid() for uid in {str(ds[level].value) for ds in (source, report) for level in levels}}
    for ds in (source, report):
        ds.PatientID = "PHANTOM-altered"
        _rename(ds, new)
        _rename(ds.file_meta, new)
    return new[study.uid], [part10(source), part10(report)]


def _rename(ds: FileDataset | Dataset, new: dict[str, str]) -> None:
    """Replace UIDs wherever they stand."""
    for element in ds.iterall():
        if element.VR == "UI" and str(element.value) in new:
            element.value = new[str(element.value)]


def _coordinates(ds: Dataset) -> list[Dataset]:
    """Return every content item that holds coordinates, at any depth."""
    children = ds.get("ContentSequence") or ()
    found = [item for item in children if item.ValueType == "SCOORD"]
    return found + [each for item in children for each in _coordinates(item)]


def without_coordinates(report: Dataset) -> None:
    """Take the index's coordinates away."""
    for group in report.ContentSequence[-1].ContentSequence:
        for item in group.ContentSequence:
            if item.ValueType == "NUM" and "ContentSequence" in item:
                del item.ContentSequence


def moved(report: Dataset) -> None:
    """Move every region 30 pixels down."""
    for item in _coordinates(report):
        data = [float(value) for value in item.GraphicData]
        item.GraphicData = [value + 30 * (index % 2) for index, value in enumerate(data)]


def test_a_group_without_coordinates_shows_nothing(
    ohif: OhifOf, archive: Orthanc, stored: Callable[[str], Study]
) -> None:
    """OHIF 3.13 leaves the whole viewport black and says no word: why every group of the report has coordinates."""
    study_uid, instances = altered(stored("mono"), without_coordinates)
    store(archive, *instances)

    with ohif(study_uid, "noticed without coordinates") as viewer:
        viewer.show("SR")
        eventually(lambda: not viewer.image().any(), APPEARS_S, "a black viewport")
        with pytest.raises(NotSeen):
            viewer.page.wait_for_selector("svg.svg-layer text", timeout=1000 * LABELS_S)


def test_a_region_elsewhere_is_noticed(ohif: OhifOf, archive: Orthanc, stored: Callable[[str], Study]) -> None:
    """Polygons 30 pixels below the measured regions are not taken for them."""
    study = stored("mono")
    study_uid, instances = altered(study, moved)
    store(archive, *instances)
    window = study.images[0].result.liver["window"]

    with ohif(study_uid, "noticed elsewhere") as viewer:
        viewer.show("SR", asks=True)
        eventually(viewer.labels, APPEARS_S, "a label on the image")
        screen, place = viewer.screen(), viewer.place(study.images[0].frame.pixels.shape)

    assert not is_outlined(screen, place, window)
    assert is_outlined(screen, place, window | {"row": window["row"] + 30})
