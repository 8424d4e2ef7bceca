"""The audit trail: each event makes its message of PS3.15 A.5.3, valid by A.5.1, and names no patient unasked."""

import base64
import socket
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from audit_schema import complaints
from pydicom.sr.codedict import codes as known
from twins import NOW

from hri_node.audit import codes
from hri_node.audit.auditor import Auditor
from hri_node.audit.codes import Coded
from hri_node.audit.parties import WITHHELD, Transfer
from hri_node.ledger.states import Addition
from hri_node.receive.hooks import Parties, Witness
from hri_node.receive.intake import Receipt
from hri_node.records import Instance, Origin

SCANNER = Parties("US_1", "HRI_NODE", "10.0.0.5")
PACS = Parties("HRI_NODE", "PACS", "pacs.example")
STUDY = "1.2.840.113619.2.1"
ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
SR = "1.2.840.10008.5.1.4.1.1.88.34"
PATIENT = "PID-4711"
TRANSFER = Transfer(STUDY, {SR: 1, "1.2.840.10008.5.1.4.1.1.66.4": 3}, PATIENT)


class Kept:
    """A pump that keeps what it gets."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def put(self, message: str) -> None:
        """Keep a message."""
        self.messages.append(message)

    def close(self) -> None:
        """Nothing waits."""


def told(tell: Callable[[Auditor], Any], **options: bool) -> list[Element]:
    """The messages that come of it."""
    kept = Kept()
    tell(Auditor("HRI_NODE", [kept], clock=lambda: NOW, **options))
    return [fromstring(message) for message in kept.messages]  # noqa: S314 - our own


def receipt(sop_class_uid: str = ULTRASOUND, addition: Addition = Addition.NEW, study: str = STUDY) -> Receipt:
    """Of one instance that the scanner stored."""
    origin = Origin(SCANNER.calling, SCANNER.called, SCANNER.address, "c-store", "a1")
    fields = dict.fromkeys(Instance.__slots__, "") | {
        "sop_class_uid": sop_class_uid,
        "study_instance_uid": study,
        "patient_id": PATIENT,
        "patient_name": "Doe^Jane",
        "origin": origin,
    }
    return Receipt(Instance(**fields), addition, None)


def arrives(*receipts: Receipt) -> Callable[[Auditor], None]:
    """What an association does."""

    def tell(auditor: Auditor) -> None:
        for each in receipts:
            auditor.received(each)
        studies = dict.fromkeys(each.instance.study_instance_uid for each in receipts)
        auditor.ended(SCANNER, list(studies), len(receipts))

    return tell


EVENTS: dict[str, tuple[Callable[[Auditor], Any], str, str, str]] = {
    "start": (lambda a: a.started("listen"), "110100", "E", "110120"),
    "stop": (lambda a: a.stopped("listen"), "110100", "E", "110121"),
    "rejected": (lambda a: a.rejected(SCANNER, "not allowed"), "110113", "E", "110126"),
    "handshake": (lambda a: a.rejected(Parties("", "", "10.0.0.5"), "no TLS"), "110113", "E", "110126"),
    "received": (arrives(receipt()), "110104", "C", ""),
    "again": (arrives(receipt(addition=Addition.SAME)), "110104", "R", ""),
    "exporting": (lambda a: a.exporting(PACS, TRANSFER), "110102", "E", ""),
    "exported": (lambda a: a.exported(PACS, TRANSFER), "110104", "R", ""),
    "not exported": (lambda a: a.exported(PACS, TRANSFER, "PACS refused"), "110104", "R", ""),
    "queried": (
        lambda a: a.queried(PACS, "1.2.840.10008.5.1.4.1.2.2.1", b"\x08\0", "1.2.840.10008.1.2"),
        "110112",
        "E",
        "",
    ),
    "QIDO-RS": (lambda a: a.queried(PACS, "", b"StudyDate=20240101"), "110112", "E", ""),
    "looked": (lambda a: a.looked("anna", "10.1.1.1", TRANSFER), "110103", "R", ""),
    "took": (lambda a: a.took("anna", "10.1.1.1", TRANSFER), "110104", "R", ""),
    "deleted": (lambda a: a.deleted(TRANSFER.study_instance_uid, TRANSFER.patient_id), "110105", "D", ""),
    "retry": (lambda a: a.operated("jobs retry", ["deliver-1", "deliver-2"]), "110113", "E", "110132"),
    "pause": (lambda a: a.operated("destination pause", ["pacs"], is_setting=True), "110113", "E", "110131"),
    "person": (
        lambda a: a.operated("user add admin", ["anna"], kind=codes.USER_SECURITY_ATTRIBUTES_CHANGED),
        "110113",
        "E",
        "110137",
    ),
    "console": (
        lambda a: a.acted("anna", "10.0.0.7", "user role admin", ["otto"], codes.SECURITY_ROLES_CHANGED),
        "110113",
        "E",
        "110136",
    ),
    "login": (lambda a: a.logged_in("anna", "10.0.0.7"), "110114", "E", "110122"),
    "no login": (lambda a: a.logged_in("", "10.0.0.7", "unknown name"), "110114", "E", "110122"),
    "logout": (lambda a: a.logged_out("anna", "10.0.0.7"), "110114", "E", "110123"),
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("patient_ids", [False, True])
def test_every_message_is_valid_and_names_its_event(name: str, patient_ids: bool) -> None:  # noqa: FBT001
    """By the schema of A.5.1 and the tables of A.5.3."""
    tell, event, action, kind = EVENTS[name]

    (message,) = told(tell, patient_ids=patient_ids)

    assert complaints(message) == []
    identification = message[0]
    assert identification.find("EventID").get("csd-code") == event
    assert identification.get("EventActionCode") == action
    found = identification.find("EventTypeCode")
    assert ("" if found is None else found.get("csd-code")) == kind


def test_a_person_is_named_with_where_they_sit() -> None:
    """PS3.15 A.5.3.12: who is authenticated, and the process that does it."""
    (message,) = told(lambda a: a.logged_in("anna", "10.0.0.7"))

    person, process = message.iter("ActiveParticipant")
    assert (person.get("UserID"), person.get("UserIsRequestor")) == ("anna", "true")
    assert (person.get("NetworkAccessPointID"), person.get("NetworkAccessPointTypeCode")) == ("10.0.0.7", "2")
    assert process.get("UserIsRequestor") == "false"


def test_a_login_that_fails_is_a_failure() -> None:
    """With the reason, and nobody's name where nobody is known."""
    (message,) = told(lambda a: a.logged_in("", "10.0.0.7", "unknown name"))

    assert message[0].get("EventOutcomeIndicator") == "4"
    assert message[0].find("EventOutcomeDescription").text == "unknown name"
    assert next(message.iter("ActiveParticipant")).get("UserID") == "unknown"


def test_an_auditor_is_a_witness() -> None:
    """What the doors of the node tell is what the trail hears."""
    witness: Witness = Auditor("HRI_NODE")

    witness.admitted(SCANNER)
    witness.received(receipt())
    witness.ended(SCANNER, [STUDY], 1)


def test_an_association_is_one_message_a_study_with_its_classes() -> None:
    """Two studies make two: no message may speak of two patients (PS3.15 A.5.3.7)."""
    other = "1.2.3.4"

    first, second = told(arrives(receipt(), receipt(), receipt(SR), receipt(study=other)))

    counts = {each.get("UID"): each.get("NumberOfInstances") for each in first.iter("SOPClass")}
    assert counts == {ULTRASOUND: "2", SR: "1"}
    assert second.find("ParticipantObjectIdentification").get("ParticipantObjectID") == other


def test_source_and_destination_say_who_and_where() -> None:
    """The roles of A.5.3.7, AE titles and addresses as A.5.2 has them."""
    (message,) = told(arrives(receipt()))

    source, destination = message.findall("ActiveParticipant")
    assert source.find("RoleIDCode").get("csd-code") == "110153"
    assert (source.get("UserID"), source.get("AlternativeUserID")) == ("US_1", "AETITLES=US_1")
    assert (source.get("NetworkAccessPointID"), source.get("NetworkAccessPointTypeCode")) == ("10.0.0.5", "2")
    assert destination.find("RoleIDCode").get("csd-code") == "110152"
    assert destination.get("NetworkAccessPointID") == socket.gethostname()


def test_a_second_association_with_the_same_study_counts_what_it_brought() -> None:
    """Its classes were told with the first one, which ended while both were open: the number stays."""

    def tell(auditor: Auditor) -> None:
        auditor.ended(SCANNER, [STUDY], 7)

    (message,) = told(tell)

    assert [dict(each.attrib) for each in message.iter("SOPClass")] == [{"NumberOfInstances": "7"}]
    assert complaints(message) == []


@pytest.mark.parametrize(("patient_ids", "identifier"), [(False, WITHHELD), (True, PATIENT)])
@pytest.mark.parametrize("name", ["received", "exporting", "exported"])
def test_the_patient_is_named_where_the_settings_ask_for_it(name: str, patient_ids: bool, identifier: str) -> None:  # noqa: FBT001
    """By ID only, and never by name."""
    (message,) = told(EVENTS[name][0], patient_ids=patient_ids)

    patient = message.findall("ParticipantObjectIdentification")[-1]
    assert patient.get("ParticipantObjectTypeCodeRole") == "1"
    assert patient.get("ParticipantObjectID") == identifier
    assert patient.find("ParticipantObjectName").text == WITHHELD


@pytest.mark.parametrize(("patient_ids", "kept"), [(False, WITHHELD.encode()), (True, b"PatientID=PID-4711")])
def test_a_question_is_kept_where_patients_are_named(patient_ids: bool, kept: bytes) -> None:  # noqa: FBT001
    """It may ask for one."""
    (message,) = told(lambda a: a.queried(PACS, "", b"PatientID=PID-4711"), patient_ids=patient_ids)

    assert base64.b64decode(next(message.iter("ParticipantObjectQuery")).text) == kept


def test_a_failure_says_why() -> None:
    """Outcome 4 and words; a rejection's also as Alert Description (A.5.3.11)."""
    (refused,) = told(EVENTS["not exported"][0])
    (rejected,) = told(EVENTS["rejected"][0])

    assert refused[0].get("EventOutcomeIndicator") == "4"
    assert refused[0].find("EventOutcomeDescription").text == "PACS refused"
    detail = next(rejected.iter("ParticipantObjectDetail"))
    assert (detail.get("type"), base64.b64decode(detail.get("value"))) == ("Alert Description", b"not allowed")


def test_hostile_titles_make_no_broken_xml() -> None:
    """What a stranger calls itself is data."""
    hostile = Parties('"/><x>\x01', "\x00", "10.0.0.9")

    (message,) = told(lambda a: a.rejected(hostile, "<>&\"'\ud800\n"))

    assert complaints(message) == []


def test_every_code_is_the_standards() -> None:
    """Values and meanings of PS3.16, as pydicom has them."""
    ours = [code for code in vars(codes).values() if isinstance(code, Coded) and code.scheme == "DCM"]
    theirs = {code.value: code.meaning for name in known.DCM.dir() for code in [getattr(known.DCM, name)]}

    assert len(ours) == 25
    assert [code for code in ours if theirs.get(code.value) != code.meaning] == []


def test_without_outlets_nothing_is_remembered() -> None:
    """A node without audit trail pays nothing for it."""
    auditor = Auditor("HRI_NODE")

    auditor.received(receipt())

    assert auditor._arrivals == {}
