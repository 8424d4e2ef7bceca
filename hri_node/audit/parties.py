"""AE titles and addresses come in; the participants and subjects of audit messages go out."""

import getpass
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from hri_node.audit import codes
from hri_node.audit.codes import Coded
from hri_node.audit.message import Participant, Subject

WITHHELD: Final = "withheld"
"""In place of a Patient ID where `audit.patient_ids` is false: the messages must name one patient (PS3.15 A.5.3)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What went from one side to the other: instances of one study by SOP Class, and whose study it is."""

    study_instance_uid: str
    sop_classes: Mapping[str, int] = field(default_factory=dict)
    patient_id: str = ""

    def subjects(self, *, patient_ids: bool) -> list[Subject]:
        """Study and patient, who is named only where that is wanted.

        Parameters
        ----------
        patient_ids
            Whether it is.
        """
        study = Subject(
            self.study_instance_uid,
            codes.STUDY_INSTANCE_UID,
            codes.SYSTEM_OBJECT,
            codes.REPORT,
            sop_classes=self.sop_classes,
        )
        identifier = (self.patient_id if patient_ids else "") or WITHHELD
        return [study, Subject(identifier, codes.PATIENT_NUMBER, codes.PERSON, codes.PATIENT, name=WITHHELD)]


def ourselves(ae_title: str, role: Coded | None = None, *, is_requestor: bool) -> Participant:
    """The process that writes the message (PS3.15 A.5.2.1: its number).

    Parameters
    ----------
    ae_title
        The node's.
    role
        What it did.
    is_requestor
        Whether it began it.
    """
    return Participant(str(os.getpid()), is_requestor, role, ae_title, socket.gethostname())


def peer(ae_title: str, address: str, role: Coded | None = None, *, is_requestor: bool) -> Participant:
    """Somebody at the other end of a connection, by what is known of them.

    Parameters
    ----------
    ae_title, address
        Either may be empty.
    role
        What they did.
    is_requestor
        Whether they began it.
    """
    return Participant(ae_title or address or "unknown", is_requestor, role, ae_title, address)


def user(role: Coded | None = None) -> Participant:
    """Who runs this process, as the system names them.

    Parameters
    ----------
    role
        What they did.
    """
    name = str(os.getuid())
    with suppress(KeyError, OSError):  # a container's user may have no name
        name = getpass.getuser()
    return Participant(name, is_requestor=True, role=role, address=socket.gethostname())


def person(name: str, address: str) -> Participant:
    """Who sits at a browser, or calls the API.

    Parameters
    ----------
    name
        Of a person of the ledger, or a token; empty: nobody knows.
    address
        IP address they called from.
    """
    return Participant(name or "unknown", is_requestor=True, address=address)
