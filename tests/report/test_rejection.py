"""Tests of `hri_node.report.rejection`: a note that archives, validators and readers of other makers understand."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, measured_image
from pydicom import Dataset, dcmread
from pydicom.uid import KeyObjectSelectionDocumentStorage
from validators import UNAVOIDABLE, converted, dciodvfy, unexplained

from hri_node.records import ResultObject
from hri_node.report.build import report_objects
from hri_node.report.rejection import DESCRIPTION, rejection_note

MADE_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def results(tmp_path: Path) -> list[Path]:
    """SR, SEG and picture of an image, in files."""
    paths = []
    for made in report_objects([measured_image(tmp_path)], ALGORITHM, CONTEXT):
        paths.append(tmp_path / f"{made.kind}.dcm")
        paths[-1].write_bytes(made.data)
    return paths


def the_note(paths: list[Path], about: str = "pacs") -> ResultObject:
    """A note on these objects."""
    return rejection_note(paths, about, MADE_AT, "hri-node project")


def read(note: ResultObject) -> Dataset:
    """The note's dataset."""
    return dcmread(io.BytesIO(note.data))


def test_a_note_rejects_every_object_of_the_same_patient_and_study(results: list[Path]) -> None:
    """By the title that lets nobody see them; evidence and content name the same instances."""
    ds, sources = read(the_note(results)), [dcmread(path) for path in results]

    title = ds.ConceptNameCodeSequence[0]
    assert (ds.SOPClassUID, ds.Modality) == (KeyObjectSelectionDocumentStorage, "KO")
    assert (title.CodeValue, title.CodingSchemeDesignator) == ("113037", "DCM")
    uids = {str(each.SOPInstanceUID) for each in sources}
    content = [item.ReferencedSOPSequence[0] for item in ds.ContentSequence if "ReferencedSOPSequence" in item]
    assert {str(item.ReferencedSOPInstanceUID) for item in content} == uids
    (study,) = ds.CurrentRequestedProcedureEvidenceSequence
    evidence = {
        str(e.ReferencedSOPInstanceUID) for s in study.ReferencedSeriesSequence for e in s.ReferencedSOPSequence
    }
    assert evidence == uids
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate", "AccessionNumber"):
        assert ds[keyword].value == sources[0][keyword].value


def test_the_same_note_is_made_again_and_another_destinations_is_another(results: list[Path]) -> None:
    """A node that is killed between two notes stores none twice."""
    first = the_note(results)

    assert the_note(results[::-1]) == first
    assert the_note(results, "archive").sop_instance_uid != first.sop_instance_uid
    assert the_note(results[:2]).sop_instance_uid != first.sop_instance_uid


@pytest.mark.peers
def test_validator_and_reader_of_other_makers_understand_it(results: list[Path], tmp_path: Path) -> None:
    """dicom3tools finds nothing, DCMTK reads the sentence."""
    path = tmp_path / "note.dcm"
    path.write_bytes(the_note(results).data)

    assert unexplained({"note": dciodvfy(path)}, UNAVOIDABLE) == {}
    assert DESCRIPTION in converted("dsr2html", path)
