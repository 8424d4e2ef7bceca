"""How a hospital wants instances to be fetched comes in; what to propose to the PACS goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pynetdicom import build_context, build_role
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made when it is imported
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from hri_node.send.query import Missing


@dataclass(frozen=True, slots=True)
class Habits:
    """How instances are fetched from a peer.

    Attributes
    ----------
    retrieve
        auto: by C-GET where the peer offers it to us, else by C-MOVE.
    move_to
        AE title of our listener, as the peer knows it.
    transfer_syntaxes
        That an instance may come in, the preferred ones first.
    timeout_s
        Longest wait for the connection, and for a sign of life.
    usual_classes
        SOP Classes of instances whose class the peer does not tell: it is an optional key (PS3.4 C.6.1.1.5).
    """

    retrieve: Literal["auto", "get", "move"]
    move_to: str
    transfer_syntaxes: Sequence[str]
    timeout_s: float
    usual_classes: Sequence[str]

    def classes_of(self, missing: Sequence[Missing]) -> list[str]:
        """SOP Classes that these instances have, or may have.

        Parameters
        ----------
        missing
            By series.
        """
        told = {found.sop_class_uid for series in missing for found in series.instances}
        return sorted((told - {""}) | (set(self.usual_classes) if "" in told else set()))


def contexts_of(habits: Habits, classes: Sequence[str]) -> list[PresentationContext]:
    """Presentation contexts to propose; one for each encoding: the peer then need not convert what it has.

    Parameters
    ----------
    habits
        How instances are fetched.
    classes
        SOP Classes of the instances.
    """
    models = {
        "get": [StudyRootQueryRetrieveInformationModelGet],
        "move": [StudyRootQueryRetrieveInformationModelMove],
        "auto": [StudyRootQueryRetrieveInformationModelGet, StudyRootQueryRetrieveInformationModelMove],
    }[habits.retrieve]
    storing = [] if habits.retrieve == "move" else [(uid, s) for uid in classes for s in habits.transfer_syntaxes]
    return [*map(build_context, models), *(build_context(uid, syntax) for uid, syntax in storing)]


def roles_of(habits: Habits, classes: Sequence[str]) -> tuple[SCP_SCU_RoleSelectionNegotiation, ...]:
    """Roles to propose: with C-GET it is us who are stored at (PS3.7 D.3.3.4).

    Parameters
    ----------
    habits
        How instances are fetched.
    classes
        SOP Classes of the instances.
    """
    return () if habits.retrieve == "move" else tuple(build_role(uid, scp_role=True) for uid in classes)
