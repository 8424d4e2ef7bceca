"""What people do at the console and at the command line comes in; audit messages about it go out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from hri_node.audit import codes
from hri_node.audit.codes import Coded
from hri_node.audit.message import Message, Participant, Subject
from hri_node.audit.parties import Transfer, person, user


class PersonTrail(ABC):
    """The part of an audit trail that is about people. No method waits, and none raises."""

    def operated(
        self, action: str, names: Sequence[str], *, is_setting: bool = False, kind: Coded | None = None
    ) -> None:
        """A person did what is not everyday use, at the command line (PS3.15 A.5.3.11).

        Parameters
        ----------
        action
            Such as ``jobs discard`` or ``destination pause``.
        names
            Of what it was done to: jobs, destinations.
        is_setting
            True where it changes how the node works from now on.
        kind
            Type of the alert, where it is neither of these two.
        """
        chosen = codes.SOFTWARE_CONFIGURATION if is_setting else codes.USE_OF_RESTRICTED_FUNCTION
        self._alert_of(user(), action, names, kind or chosen)

    def acted(self, who: str, address: str, action: str, names: Sequence[str], kind: Coded) -> None:
        """A person did what is not everyday use, at the console or by the API (PS3.15 A.5.3.11).

        Parameters
        ----------
        who, address
            Name of the person or token, and the IP address they called from.
        action, names
            As `operated` has it.
        kind
            Type of the alert.
        """
        self._alert_of(person(who, address), action, names, kind)

    def looked(self, who: str, address: str, study: Transfer) -> None:
        """A person was shown a study (PS3.15 A.5.3.6).

        Parameters
        ----------
        who, address
            As `acted` has it.
        study
            Which one, and what of it.
        """
        participants = [person(who, address), self._we(is_requestor=False)]
        self._write(Message(codes.INSTANCES_ACCESSED, "R", participants, self._subjects(study)))

    def took(self, who: str, address: str, study: Transfer) -> None:
        """A person downloaded objects of a study (PS3.15 A.5.3.7).

        Parameters
        ----------
        who, address
            As `acted` has it.
        study
            Which one, and what of it.
        """
        taker = replace(person(who, address), role=codes.DESTINATION_ROLE)
        participants = [self._we(codes.SOURCE_ROLE, is_requestor=False), taker]
        self._write(Message(codes.INSTANCES_TRANSFERRED, "R", participants, self._subjects(study)))

    def logged_in(self, who: str, address: str, trouble: str = "") -> None:
        """A person logged in, or tried to (PS3.15 A.5.3.12).

        Parameters
        ----------
        who
            Their name; empty where nobody is called what was typed, which may have been a password.
        address
            IP address they called from.
        trouble
            Why they may not, in words; empty: they may.
        """
        self._authentication(codes.LOGIN, who, address, trouble)

    def logged_out(self, who: str, address: str) -> None:
        """A person logged out (PS3.15 A.5.3.12).

        Parameters
        ----------
        who, address
            As `logged_in` has it.
        """
        self._authentication(codes.LOGOUT, who, address, "")

    def _authentication(self, kind: Coded, who: str, address: str, trouble: str) -> None:
        participants = [person(who, address), self._we(is_requestor=False)]
        self._write(Message(codes.USER_AUTHENTICATION, "E", participants, kind=kind, trouble=trouble))

    def _alert_of(self, who: Participant, action: str, names: Sequence[str], kind: Coded) -> None:
        is_person = kind in {codes.SECURITY_ROLES_CHANGED, codes.USER_SECURITY_ATTRIBUTES_CHANGED}
        role = codes.SECURITY_RESOURCE if is_person else codes.JOB
        what = [alert(name, role, action) for name in names]
        self._write(Message(codes.SECURITY_ALERT, "E", [who, self._we(is_requestor=False)], what, kind))

    @abstractmethod
    def _we(self, role: Coded | None = None, *, is_requestor: bool) -> Participant:
        """The process that writes the message."""

    @abstractmethod
    def _subjects(self, transfer: Transfer) -> list[Subject]:
        """Study and patient."""

    @abstractmethod
    def _write(self, message: Message) -> None:
        """Hand a message to every outlet."""


def alert(name: str, role: str, description: str) -> Subject:
    """What a security alert is about, and what there is to say.

    Parameters
    ----------
    name
        Of a node, a job, a person.
    role
        ParticipantObjectTypeCodeRole.
    description
        In words.
    """
    details = {"Alert Description": description}
    return Subject(name or "unknown", codes.NODE_ID, codes.SYSTEM_OBJECT, role, details=details)
