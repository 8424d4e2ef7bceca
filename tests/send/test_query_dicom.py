"""C-FIND against a PACS of pynetdicom's: what matches, and archives that filter, tell or give too little."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from archives import Holdings, a_cohort, archive_of, habits
from dimse import peer_at
from pydicom import Dataset
from pynetdicom.events import Event

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.query import Dates, FoundStudy, Wanted
from hri_node.send.query_identifier import identifier_of
from hri_node.send.retrieve import DicomArchive

JANUARY = Dates(date(2026, 1, 1), date(2026, 1, 31))
BOTH = [FoundStudy("1.2.1", "20260101"), FoundStudy("1.2.2", "20260102")]


def found(holdings: Holdings, dates: Dates = JANUARY, patient: str = "") -> list[FoundStudy]:
    """US studies that are found."""
    with archive_of(holdings, "find") as pacs:
        return DicomArchive(pacs.peer, habits()).studies(Wanted(dates, patient, "US"))


def test_studies_of_dates_and_modality_are_found() -> None:
    """The CT study is not, although it is of the same patient and day."""
    assert found(Holdings()) == BOTH
    assert found(Holdings(), Dates(date(2026, 1, 2), date(2026, 1, 2))) == BOTH[1:]


def test_years_are_asked_for_by_months() -> None:
    """No list is too long for anybody."""
    holdings = Holdings()

    assert found(holdings, Dates(date(2025, 1, 1), date(2026, 12, 31))) == BOTH
    assert len(holdings.requests) == 24


def test_studies_of_a_patient_are_found() -> None:
    """Patient ID is a matching key."""
    assert found(Holdings(), patient="P1") == BOTH[:1]


@pytest.mark.parametrize("tells", [True, False])
def test_an_archive_that_does_not_filter_by_modality_is_looked_through(tells: bool) -> None:  # noqa: FBT001
    """By what it tells of a study; where it tells nothing, by the study's series."""
    assert found(Holdings(ignores_modality=True, tells_modality=tells)) == BOTH


@pytest.mark.parametrize("status", [0xA700, 0xFE00])
def test_a_list_that_reached_its_limit_is_asked_for_in_parts(status: int) -> None:
    """Until each part fits."""
    holdings = Holdings(limit=1, limit_status=status)

    assert found(holdings) == BOTH
    assert len(holdings.requests) > 3


def test_a_day_with_more_than_the_limit_is_a_refusal() -> None:
    """Half a day cannot be asked for; the sentence says what helps."""
    with pytest.raises(PeerRefused, match="more studies on 2026-01-02 than it gives; name the patient"):
        found(Holdings(limit=1, ignores_modality=True))


def test_a_long_list_may_have_been_cut_in_silence() -> None:
    """An archive that gives 100 answers and says success is asked again, in parts."""
    (one, *_), many = a_cohort(), []
    for number in range(120):
        many.append(deepcopy(one))
        many[-1].StudyInstanceUID, many[-1].StudyDate = f"1.2.{number}", f"202601{number % 3 + 10}"

    assert len(found(Holdings(many, limit=100, limit_status=0x0000))) == 120


@pytest.mark.parametrize(("status", "error"), [(0xA900, PeerRefused), (0xC123, PeerRefused), (0x0110, PeerUnavailable)])
def test_a_failure_is_told_in_words(status: int, error: type[Exception]) -> None:
    """With its status."""
    with pytest.raises(error, match=f"pacs answered C-FIND with 0x{status:04X}, "):
        found(Holdings(status=status))


def test_an_archive_that_gives_up_is_an_outage() -> None:
    """It aborts in the middle of its answers."""

    class Aborting(Holdings):
        """Gives one answer."""

        def find(self, event: Event) -> Any:  # noqa: ANN401 - a generator
            """Answer C-FIND."""
            yield from list(super().find(event))[:1]
            event.assoc.abort()

    with pytest.raises(PeerUnavailable, match="gave no answer to C-FIND"):
        found(Aborting())


def test_an_answer_without_a_uid_is_passed_over() -> None:
    """Nothing could be fetched by it."""
    nameless = Holdings()
    nameless.instances[0].StudyInstanceUID = nameless.instances[1].StudyInstanceUID = ""

    assert FoundStudy("", "20260101") not in found(nameless)


def test_an_archive_without_c_find_refuses() -> None:
    """In words."""
    with archive_of(Holdings(), "move") as pacs, pytest.raises(PeerRefused, match="accepts none"):
        DicomArchive(pacs.peer, habits()).studies(Wanted(JANUARY, "", "US"))


def test_nobody_there_is_an_outage() -> None:
    """A closed port."""
    with pytest.raises(PeerUnavailable):
        DicomArchive(peer_at(1), habits(timeout_s=0.5)).studies(Wanted(JANUARY, "", "US"))


def test_instances_of_the_modalitys_series_are_listed() -> None:
    """The SR series of the same study is not."""
    holdings = Holdings()
    with archive_of(holdings, "find") as pacs:
        listed = DicomArchive(pacs.peer, habits()).instances("1.2.1", "US")

    expected = {i.SOPInstanceUID for i in holdings.instances if i.StudyInstanceUID == "1.2.1" and i.Modality == "US"}
    assert {one.sop_instance_uid for one in listed} == expected
    assert {one.series_instance_uid for one in listed} == {"1.2.1.1", "1.2.1.2"}


def test_a_list_of_instances_that_was_cut_is_an_outage() -> None:
    """A study must not seem complete because the archive did not tell all of it."""
    with archive_of(Holdings(limit=1), "find") as pacs, pytest.raises(PeerUnavailable, match="does not give all"):
        DicomArchive(pacs.peer, habits()).instances("1.2.2", "US")


def test_a_patient_id_beyond_ascii_names_its_character_set() -> None:
    """PS3.5 6.1.2.3."""
    identifier = identifier_of("STUDY", {"PatientID": "Ä1"})

    assert isinstance(identifier, Dataset)
    assert identifier.SpecificCharacterSet == "ISO_IR 192"
