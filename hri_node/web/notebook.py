"""What a visitor did comes in; the ledger's acts and the audit trail have it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from hri_node.audit import codes
from hri_node.audit.parties import Transfer
from hri_node.audit.persons import PersonTrail
from hri_node.web.guard import Visitor


class Kind(Enum):
    """What an act changes; each a type of security alert (PS3.16 CID 403)."""

    USE = codes.USE_OF_RESTRICTED_FUNCTION
    SETTING = codes.SOFTWARE_CONFIGURATION
    NETWORK = codes.NETWORK_CONFIGURATION
    ROLE = codes.SECURITY_ROLES_CHANGED
    PERSON = codes.USER_SECURITY_ATTRIBUTES_CHANGED


class ActLedger(Protocol):
    """What is needed of the ledger."""

    def note_act(self, who: str, what: str, about: str, now: datetime) -> None:
        """Write down what a person did."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """Where everything that people do is written down, twice.

    Attributes
    ----------
    ledger
        For the admin's page.
    trail
        For the hospital's audit repository.
    clock
        Present time.
    """

    ledger: ActLedger
    trail: PersonTrail
    clock: Callable[[], datetime]

    def note(self, visitor: Visitor, what: str, names: Sequence[str], kind: Kind = Kind.USE) -> None:
        """Write down an act. It waits for the ledger: call it in the thread that did the work, after it was done.

        Parameters
        ----------
        visitor
            Who did it.
        what
            Such as ``jobs retry``; as the command line calls it, where that can do the same.
        names
            Of what it was done to: ids of jobs, names of destinations. Never a patient attribute.
        kind
            What it changes.
        """
        self.trail.acted(visitor.who, visitor.address, what, names, kind.value)
        self.ledger.note_act(visitor.who, what, ", ".join(names), self.clock())

    def looked(self, visitor: Visitor, study: Transfer) -> None:
        """Write down, for the audit repository alone, that somebody was shown a study.

        Parameters
        ----------
        visitor
            Who.
        study
            Which one, and what of it.
        """
        self.trail.looked(visitor.who, visitor.address, study)

    def took(self, visitor: Visitor, study: Transfer) -> None:
        """Write down, for the audit repository alone, that somebody downloaded objects of a study.

        Parameters
        ----------
        visitor
            Who.
        study
            Which one, and what of it.
        """
        self.trail.took(visitor.who, visitor.address, study)
