"""Who did what to which object comes in, an audit message in XML after PS3.15 A.5.1 goes out."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from hri_node.audit.codes import Coded, Outcome

APPLICATION_SERVER: Final = "4"
"""PS3.15 A.5.1.2.1, Audit Source Type Code."""

MACHINE_NAME: Final = "1"
IP_ADDRESS: Final = "2"
"""NetworkAccessPointTypeCode."""

UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 2.2: what no document may hold, however it is written."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A process or a person that took part (PS3.15 A.5.2.1 to A.5.2.3); `address` is an IP address or a host name."""

    user_id: str
    is_requestor: bool
    role: Coded | None = None
    ae_titles: str = ""
    address: str = ""

    def add_to(self, message: Element) -> None:
        """Write it."""
        element = SubElement(message, "ActiveParticipant")
        element.set("UserID", _clean(self.user_id))
        if self.ae_titles:
            element.set("AlternativeUserID", _clean(f"AETITLES={self.ae_titles}"))
        element.set("UserIsRequestor", str(self.is_requestor).lower())
        if self.address:
            is_number = ":" in self.address or self.address.replace(".", "").isdigit()
            element.set("NetworkAccessPointID", _clean(self.address))
            element.set("NetworkAccessPointTypeCode", IP_ADDRESS if is_number else MACHINE_NAME)
        if self.role:
            _add_code(element, "RoleIDCode", self.role)


@dataclass(frozen=True, slots=True)
class Subject:
    """An object that it was about: a study, a patient, a query, a node.

    Attributes
    ----------
    identifier, id_type
        What names it, and what kind of name that is.
    kind, role
        ParticipantObjectTypeCode and ParticipantObjectTypeCodeRole.
    name
        In words; not used where there is a query.
    query
        The identifier of a C-FIND, encoded; None for everything else.
    details
        Further facts by their type.
    sop_classes
        How many instances of each SOP Class; one whose name is empty counts instances of unknown class.
    """

    identifier: str
    id_type: Coded
    kind: str
    role: str = ""
    name: str = ""
    query: bytes | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    sop_classes: Mapping[str, int] = field(default_factory=dict)

    def add_to(self, message: Element) -> None:
        """Write it."""
        element = SubElement(message, "ParticipantObjectIdentification")
        element.set("ParticipantObjectID", _clean(self.identifier))
        element.set("ParticipantObjectTypeCode", self.kind)
        if self.role:
            element.set("ParticipantObjectTypeCodeRole", self.role)
        _add_code(element, "ParticipantObjectIDTypeCode", self.id_type)
        if self.query is None:
            SubElement(element, "ParticipantObjectName").text = _clean(self.name or self.identifier)
        else:
            SubElement(element, "ParticipantObjectQuery").text = base64.b64encode(self.query).decode()
        for name, value in self.details.items():
            encoded = base64.b64encode(value.encode(errors="replace")).decode()
            SubElement(element, "ParticipantObjectDetail", {"type": name, "value": encoded})
        if self.sop_classes:
            description = SubElement(element, "ParticipantObjectDescription")
            for uid, count in sorted(self.sop_classes.items()):
                named = {"UID": _clean(uid)} if uid else {}
                SubElement(description, "SOPClass", named | {"NumberOfInstances": str(count)})


@dataclass(frozen=True, slots=True)
class Message:
    """One audit message.

    Attributes
    ----------
    event, kind
        What happened; and of which type, where the event has types.
    action
        C, R, U, D or E: create, read, update, delete, execute.
    trouble
        How it failed, in words; empty: it did not.
    """

    event: Coded
    action: str
    participants: Sequence[Participant]
    subjects: Sequence[Subject] = ()
    kind: Coded | None = None
    trouble: str = ""

    def to_xml(self, source: str, at: datetime) -> str:
        """The message as one line of XML.

        Parameters
        ----------
        source
            AuditSourceID: who reports it.
        at
            When it happened, aware.
        """
        message = Element("AuditMessage")
        event = SubElement(message, "EventIdentification", {"EventActionCode": self.action})
        event.set("EventDateTime", at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        event.set("EventOutcomeIndicator", str((Outcome.MINOR_FAILURE if self.trouble else Outcome.SUCCESS).value))
        _add_code(event, "EventID", self.event)
        if self.kind:
            _add_code(event, "EventTypeCode", self.kind)
        if self.trouble:
            SubElement(event, "EventOutcomeDescription").text = _clean(self.trouble)
        for participant in self.participants:
            participant.add_to(message)
        identification = SubElement(message, "AuditSourceIdentification", {"AuditSourceID": _clean(source)})
        SubElement(identification, "AuditSourceTypeCode", {"csd-code": APPLICATION_SERVER})
        for subject in self.subjects:
            subject.add_to(message)
        return tostring(message, encoding="unicode").replace("\r", "").replace("\n", " ")


def _add_code(parent: Element, name: str, code: Coded) -> None:
    """CodedValueType."""
    SubElement(parent, name, {"csd-code": code.value, "codeSystemName": code.scheme, "originalText": code.meaning})


def _clean(text: str) -> str:
    """A text that XML can hold, without space around it."""
    return UNPRINTABLE.sub("\ufffd", text).strip()
