"""Our errors come in, C-STORE statuses go out: one table, total over the error tree."""

from typing import Final

from hri_node.errors import (
    HriError,
    Misconfigured,
    Mismatched,
    PeerRefused,
    PeerUnavailable,
    Refused,
    SpoolFull,
    Unavailable,
    Unreadable,
)

SUCCESS: Final = 0x0000
"""PS3.4 B.2.3."""

OUT_OF_RESOURCES: Final = 0xA700
"""PS3.4 B.2.3, Refused: Out of Resources. A scanner keeps the instance and sends it again."""

MISMATCH: Final = 0xA900
"""PS3.4 B.2.3, Error: Data Set does not match SOP Class."""

CANNOT_UNDERSTAND: Final = 0xC000
"""PS3.4 B.2.3, Error: Cannot understand. Also for an instance that is too large: A7xx would ask for another try."""

PROCESSING_FAILURE: Final = 0x0110
"""PS3.7 C.5.15, Processing failure: the fault is ours."""

C_STORE_STATUSES: Final[dict[type[HriError], int]] = {
    HriError: PROCESSING_FAILURE,
    Refused: CANNOT_UNDERSTAND,
    Unreadable: CANNOT_UNDERSTAND,
    Mismatched: MISMATCH,
    PeerRefused: PROCESSING_FAILURE,
    Unavailable: OUT_OF_RESOURCES,
    SpoolFull: OUT_OF_RESOURCES,
    PeerUnavailable: OUT_OF_RESOURCES,
    Misconfigured: PROCESSING_FAILURE,
}
"""What a scanner is told. A test proves that no error of the tree is missing."""


def status_of(error: HriError) -> int:
    """C-STORE status that answers an error; a room's own refinement is answered like what it refines."""
    return next(C_STORE_STATUSES[kind] for kind in type(error).__mro__ if kind in C_STORE_STATUSES)
