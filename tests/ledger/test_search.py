"""Studies are found by whatever people know of them, the newest first, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_rows import NOW, an_instance
from sqlalchemy import select, update

from hri_node.ledger import search
from hri_node.ledger.instances import InstanceOutcome
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.search_query import Delivered, StudyQuery
from hri_node.ledger.states import DeliveryState, InstanceState, StudyState
from hri_node.ledger.studies import StudyReport
from hri_node.ledger.tables import DeliveryRow, InstanceRow, StudyRow
from hri_node.records import Origin, ResultObject
from hri_node.spool import SpoolEntry

PEOPLE = (
    ("Müller^Jörg", "0042", "A100", "US1", "20260101"),
    ("Smith-Jones^Anna", "MRN-7", "A101", "US2", "20260102"),
    ("O'Brien^Seán", "0043", "A102", "US1", "20260103"),
    ("", "P9", "", "US1", ""),
    ("Müller^Anna", "0044", "B200", "us1", "20260201"),
)
"""Name, Patient ID, Accession Number, AE title, Study Date."""


@pytest.fixture(params=["few", "many"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to look: by the index of what few fulfil, and from the newest on."""
    if request.param == "many":
        monkeypatch.setattr(search, "FEW", -1)


@pytest.fixture
def studies(ledger: Ledger) -> Ledger:
    """A ledger with five studies of one image each, received one after the other."""
    for number, (name, patient_id, accession, sender, date) in enumerate(PEOPLE, start=1):
        instance = replace(
            an_instance(f"1.2.{number}.1", f"1.2.{number}"),
            patient_name=name,
            patient_id=patient_id,
            accession_number=accession,
            study_date=date,
            origin=Origin(sender, "HRI_NODE", "127.0.0.1", "c-store"),
            received_at=NOW + timedelta(minutes=number),
        )
        ledger.add_instance(instance, None, 30.0)
    return ledger


def found(ledger: Ledger, limit: int = 50, **query: object) -> list[int]:
    """Ids of the studies that fit."""
    return [each.study.id for each in ledger.find_studies(StudyQuery(**query), limit).studies]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("müller", [5, 1]),
        ("MULL", [5, 1]),
        ("jones", [2]),
        ("smith-jon", [2]),
        ("anna mul", [5]),
        ("o'brien", [3]),
        ("obrien sean", [3]),
        ("ller", []),
        ("0042", [1]),
        ("42", [1]),
        ("mrn7", [2]),
        ("mrn-7", [2]),
        ("a10", [3, 2, 1]),
        ("a10 anna", [2]),
        ("1.2.3", [3]),
        ("1.2.3.1", [3]),
        ("1.2.77", []),
        ("%", []),
        ("anna %", []),
        ("\0", []),
    ],
)
def test_what_is_typed_finds_names_ids_accessions_and_uids(studies: Ledger, text: str, ids: list[int]) -> None:
    """Each word must begin something; signs alone find nothing, rather than everything."""
    assert found(studies, text=text) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"patient": "a1"}, []),
        ({"patient": "mull"}, [5, 1]),
        ({"accession": "a1"}, [3, 2, 1]),
        ({"accession": "anna"}, []),
        ({"sender": "US1"}, [4, 3, 1]),
        ({"sender": "US"}, []),
        ({"sender": "us1"}, [5]),
        ({"first_date": "20260102", "last_date": "20260103"}, [3, 2]),
        ({"first_date": "20260103"}, [5, 3]),
        ({"last_date": "20260101"}, [1]),
        ({"text": "mull", "sender": "US1"}, [1]),
        ({"state": StudyState.OPEN}, [5, 4, 3, 2, 1]),
        ({"state": StudyState.FAILED}, []),
        ({"before": 3}, [2, 1]),
        ({"text": "mull", "before": 5}, [1]),
    ],
)
def test_each_field_is_asked_alone_and_together(studies: Ledger, query: dict[str, object], ids: list[int]) -> None:
    """AE titles whole, dates from and to, both included."""
    assert found(studies, **query) == ids


def test_names_are_not_found_by_whoever_may_not_know_them(studies: Ledger) -> None:
    """Else a name could be guessed letter by letter."""
    assert found(studies, text="mull", by_name=False) == found(studies, patient="mull", by_name=False) == []
    assert found(studies, text="0042", by_name=False) == [1]


def test_a_second_sender_of_a_study_finds_it_too(studies: Ledger) -> None:
    """Once, and the first one still does."""
    late = replace(an_instance("1.2.1.2", "1.2.1"), origin=Origin("CT", "HRI_NODE", "127.0.0.1", "c-store"))
    studies.add_instance(late, None, 30.0)
    studies.add_instance(replace(late, sop_instance_uid="1.2.1.3"), None, 30.0)

    assert found(studies, sender="CT") == [1]
    assert found(studies, sender="US1") == [4, 3, 1]


def test_an_instance_of_a_known_study_of_the_same_moment_adds_nothing_twice(studies: Ledger) -> None:
    """Two images may have come in one microsecond."""
    same = replace(an_instance("1.2.1.2", "1.2.1"), patient_name="Müller^Jörg", received_at=NOW + timedelta(minutes=1))
    studies.add_instance(same, None, 30.0)

    assert found(studies, text="jorg") == [1]


def test_pages_follow_each_other_without_gap_or_double(studies: Ledger) -> None:
    """Though a study comes in between."""
    first = studies.find_studies(StudyQuery(), 2)
    studies.add_instance(an_instance("1.2.9.1", "1.2.9"), None, 30.0)
    second = studies.find_studies(StudyQuery(before=first.next_before), 2)
    third = studies.find_studies(StudyQuery(before=second.next_before), 2)

    pages: Sequence[search.FoundPage] = (first, second, third)
    assert [[each.study.id for each in page.studies] for page in pages] == [[5, 4], [3, 2], [1]]
    assert third.next_before is None


def test_states_of_instances_and_deliveries_are_counted(studies: Ledger) -> None:
    """And searched for: what was measured, what was refused."""
    outcome = InstanceOutcome(InstanceState.MEASURED, "2.25.1", frame_number=1, hri=1.5)
    studies.record_outcome(1, outcome, NOW)
    made = ((ResultObject("sr", "1.9", "1", b""), SpoolEntry("results/a", 1, ""), ("pacs", "archive")),)
    study = studies.study(1)
    assert studies.record_report(1, StudyReport(study.last_received_at, "x", made, 1.5), NOW)
    with studies.transaction() as session:
        refused = update(DeliveryRow).where(DeliveryRow.destination == "archive")
        session.execute(refused.values(state=DeliveryState.REFUSED))

    (one,) = studies.find_studies(StudyQuery(state=StudyState.REPORTED)).studies
    assert (one.instances, one.deliveries) == ({"measured": 1}, {"waiting": 1, "refused": 1})
    assert found(studies, delivered=Delivered.FAILED) == found(studies, delivered=Delivered.WAITING) == [1]
    assert found(studies, is_measured=True) == found(studies, lowest=1.5, highest=1.5) == [1]
    assert found(studies, is_measured=False) == [5, 4, 3, 2]
    assert found(studies, lowest=1.6) == found(studies, highest=1.4) == []


def test_replaced_results_do_not_count(studies: Ledger) -> None:
    """What a later revision has none like is marked, and again not where it is made again."""
    for inputs, uid in (("x", "1.9"), ("y", "1.10"), ("x", "1.9")):
        made = ((ResultObject("sr", uid, "1", b""), SpoolEntry("results/a", 1, ""), ("pacs",)),)
        studies.retry(["report-1"], NOW)
        assert studies.record_report(1, StudyReport(studies.study(1).last_received_at, inputs, made, None), NOW)

    assert [row.replaced_at for row in studies.objects(1)] == [None, NOW]
    (one,) = studies.find_studies(StudyQuery(before=2)).studies
    assert one.deliveries == {"discarded": 1}


def test_a_uid_of_anything_leads_to_its_study(studies: Ledger) -> None:
    """Of the study, an image; of nothing we know, to none."""
    with studies.transaction(reading=True) as session:
        uids = session.execute(
            select(StudyRow.study_instance_uid, InstanceRow.sop_instance_uid).join(InstanceRow)
        ).all()

    assert {studies.study_id(uid) for uid in uids[2]} == {3}
    assert studies.study_id("9.9.9") is None
