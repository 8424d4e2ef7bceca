"""Tests of `hri_node.ledger.history`: whose earlier indices are told, and whose are not."""

from dataclasses import replace
from typing import Any

import pytest
from ledger_rows import NOW, an_instance

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.studies import StudyReport
from hri_node.records import PriorIndex

BORN = {"patient_birth_date": "19700101", "issuer_of_patient_id": "HOSPITAL"}


def add(ledger: Ledger, number: int, hri: float | None = None, **fields: Any) -> int:  # noqa: ANN401 - fields of Instance
    """Add a study of one instance, reported where it has an index; return its id."""
    instance = replace(an_instance(f"1.2.{number}.1", f"1.2.{number}", f"a{number}"), **(BORN | fields))
    ledger.add_instance(instance, None, 30.0)
    if hri is not None:
        assert ledger.record_report(number, StudyReport(NOW, "inputs", (), hri, "icnet 1.0.0"), NOW)
    return number


def test_priors_are_the_latest_earlier_indices_the_oldest_first(ledger: Ledger) -> None:
    """Of three earlier studies and one later one, the two latest earlier ones are told in order of time."""
    add(ledger, 1, 1.1, study_date="20240101")
    add(ledger, 2, 1.3, study_date="20250101", study_time="1200")
    add(ledger, 3, 1.2, study_date="20250101", study_time="0800")
    add(ledger, 4, 1.9, study_date="20270101")
    present = add(ledger, 5, study_date="20260101")

    priors = ledger.priors(present, count_max=2)

    assert priors == (
        PriorIndex("1.2.3", "20250101", "0800", 1.2, "icnet 1.0.0"),
        PriorIndex("1.2.2", "20250101", "1200", 1.3, "icnet 1.0.0"),
    )


@pytest.mark.parametrize(
    "other",
    [
        {"patient_id": "P2"},
        {"issuer_of_patient_id": "ELSEWHERE"},
        {"patient_birth_date": "19700102"},
        {"study_date": ""},
    ],
)
def test_nobody_gets_somebody_elses_index(ledger: Ledger, other: dict[str, str]) -> None:
    """Another ID, issuer or birth date is another patient; an undated study is nobody's past."""
    add(ledger, 1, 1.1, **({"study_date": "20240101"} | other))
    present = add(ledger, 2, study_date="20260101")

    assert ledger.priors(present) == ()


@pytest.mark.parametrize(("name", "count"), [("TEST^ONE", 1), ("TEST^TWO", 0)])
def test_without_birth_date_the_name_must_agree(ledger: Ledger, name: str, count: int) -> None:
    """Where no birth date came, ID and name together tell a patient."""
    add(ledger, 1, 1.1, study_date="20240101", patient_birth_date="", patient_name=name)
    present = add(ledger, 2, study_date="20260101", patient_birth_date="")

    assert len(ledger.priors(present)) == count


def test_a_patient_without_id_has_no_history(ledger: Ledger) -> None:
    """An empty Patient ID is everybody's."""
    add(ledger, 1, 1.1, study_date="20240101", patient_id="")
    present = add(ledger, 2, study_date="20260101", patient_id="")

    assert ledger.priors(present) == ()
