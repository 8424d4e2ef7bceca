"""The header of an instance comes in; whether a STOW-RS request may store it, and which one it is, goes out."""

from dataclasses import dataclass
from typing import Final

from pydicom import Dataset

from hri_node.errors import Mismatched, Refused
from hri_node.receive.contexts import STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES
from hri_node.receive.stow_answer import Reference
from hri_node.receive.values import uid_of

SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
TRANSFER_SYNTAX_NOT_SUPPORTED: Final = 0xC122
"""PS3.18 Table I.2-2; the other reasons are those of a C-STORE."""


@dataclass(slots=True)
class Wanted:
    """What an instance of a request must be; once its header was looked at, which one it is."""

    study_instance_uid: str | None
    reference: Reference | None = None
    reason: int | None = None

    def check(self, header: Dataset, transfer_syntax_uid: str) -> None:
        """Note which instance it is, and refuse what a C-STORE would have no presentation context for.

        Parameters
        ----------
        header, transfer_syntax_uid
            Of what came.

        Raises
        ------
        Refused
            When its SOP Class or transfer syntax is none of ours.
        Mismatched
            When it is of another study than the request names.
        """
        self.reference = Reference(uid_of(header, "SOPClassUID"), uid_of(header, "SOPInstanceUID"))
        if self.reference.sop_class_uid not in STORAGE_SOP_CLASSES:
            self.reason = SOP_CLASS_NOT_SUPPORTED
            raise Refused(f"SOP class {self.reference.sop_class_uid} is not supported")
        if transfer_syntax_uid not in TRANSFER_SYNTAXES:
            self.reason = TRANSFER_SYNTAX_NOT_SUPPORTED
            raise Refused(f"transfer syntax {transfer_syntax_uid} is not supported")
        if self.study_instance_uid not in {None, uid_of(header, "StudyInstanceUID")}:  # PS3.18 Table 10.5.3-1
            raise Mismatched("StudyInstanceUID differs from the one in the address of the request")
