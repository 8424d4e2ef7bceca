"""The conscience itself: it sees what is lost and what is doubled, and its instances are what they seem."""

from io import BytesIO

import pytest
from end_to_end.faults.checks import Findings, Held, check_pacs
from end_to_end.faults.corpus import Corpus, Kind, Sample, dataset_sha256
from end_to_end.faults.scanners import Account
from pydicom import dcmread

from hri_node.ledger.states import InstanceState
from hri_node.ledger.tables import InstanceRow

VIEW = Sample("1.1", "1", 1, Kind.VIEW)


def held(uid: str, modality: str, replaces: str = "") -> Held:
    """An object about the view."""
    return Held(uid, modality, "1", frozenset({"1.1"}), frozenset({replaces} - {""}))


WELL = (held("2", "SEG"), held("3", "OT"), held("4", "SR"))


def found(*objects: Held, state: InstanceState = InstanceState.MEASURED) -> Findings:
    """What is said of a PACS that holds these about one measured view."""
    account, findings = Account(), Findings()
    account.note(VIEW, "Success", "content")
    row = InstanceRow(sop_instance_uid="1.1", state=state, reason="", detail="")
    check_pacs(account, [row], list(objects), findings)
    return findings


def test_one_of_each_is_well() -> None:
    """A SEG, a picture and a report, or a report and the one that replaced it."""
    assert found(*WELL).all == []
    assert found(*WELL, held("5", "SR", replaces="4")).all == []
    assert found(*WELL, held("5", "SR", replaces="4")).reports == 1


@pytest.mark.parametrize("gone", range(len(WELL)))
def test_what_is_missing_is_lost(gone: int) -> None:
    """Each of the three."""
    assert len(found(*WELL[:gone], *WELL[gone + 1 :]).lost) == 1


@pytest.mark.parametrize("more", [held("9", "SEG"), held("9", "OT"), held("9", "SR"), WELL[0]])
def test_one_too_many_is_doubled(more: Held) -> None:
    """Another object about the same view, a report that replaces none, or the same object under two names."""
    assert found(*WELL, more).doubled


def test_a_view_that_was_given_up_is_lost() -> None:
    """Whatever the PACS holds about it."""
    assert found(*WELL, state=InstanceState.FAILED).lost


def test_instances_are_what_they_are_called() -> None:
    """UIDs stand in header and meta information; the same seed makes the same bytes, a variant other ones."""
    samples = Corpus(1).study(4)

    files = [Corpus(1).encode(sample) for sample in samples]
    datasets = [dcmread(BytesIO(file)) for file in files]

    assert [str(ds.SOPInstanceUID) for ds in datasets] == [sample.uid for sample in samples]
    assert all(ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID for ds in datasets)
    assert {str(ds.StudyInstanceUID) for ds in datasets} == {samples[0].study_uid}
    assert len({ds.SeriesInstanceUID for ds in datasets}) == 1
    changed = Corpus(1).encode(Sample(samples[0].uid, samples[0].study_uid, 1, Kind.VIEW, variant=3))
    assert dataset_sha256(changed) != dataset_sha256(files[0])
