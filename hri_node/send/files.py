"""Files and folders come in; every DICOM file in them is stored at a peer, and a tally goes out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from hri_node.errors import PeerRefused, PeerUnavailable, Unreadable
from hri_node.records import Peer
from hri_node.send.association import CONTEXTS_MAX, associated
from hri_node.send.scu import TIMEOUT_S, Identity, store_file

DIRECTORY: Final = "DICOMDIR"
"""PS3.10 8.6: lists a medium, and is not stored itself."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """Fate of one file: `words` is empty where it was accepted."""

    path: Path
    words: str

    @property
    def accepted(self) -> bool:
        """Whether the peer has it now."""
        return not self.words


@dataclass(frozen=True, slots=True)
class Tally:
    """How many files the peer accepted, and how many it did not get or want."""

    accepted: int
    refused: int


def files_under(paths: Sequence[Path]) -> list[Path]:
    """Files named, and files in folders named, in a fixed order; in folders, only what looks like DICOM.

    Parameters
    ----------
    paths
        Files and folders.
    """
    found: list[Path] = []
    for path in paths:
        found += sorted(filter(_is_dicom, path.rglob("*"))) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def _is_dicom(path: Path) -> bool:
    """Whether a file of a folder looks like an instance."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM" and path.name != DIRECTORY


def send_files(
    files: Sequence[Path], peer: Peer, progress: Callable[[FileOutcome], None], timeout_s: float = TIMEOUT_S
) -> Tally:
    """Store files at a peer, as they are, over as few associations as their contexts allow.

    Parameters
    ----------
    files
        As `files_under` found them.
    peer
        Who, where, and the AE titles to use.
    progress
        Called once per file, as soon as its fate is known.
    timeout_s
        Longest wait for the connection, and for each answer.

    Raises
    ------
    PeerRefused
        When the peer does not want to talk to us.
    PeerUnavailable
        When it cannot be reached, at the start or after it broke off.
    """
    accepted = 0
    for outcome in _outcomes(files, peer, timeout_s):
        progress(outcome)
        accepted += outcome.accepted
    return Tally(accepted, len(files) - accepted)


def _outcomes(files: Sequence[Path], peer: Peer, timeout_s: float) -> Iterator[FileOutcome]:
    """Fate of each file, in the order in which it is known."""
    readable: list[tuple[Path, Identity]] = []
    for path in files:
        try:
            readable.append((path, Identity.of(path)))
        except Unreadable as error:
            yield FileOutcome(path, str(error))
    for batch in _batches(readable):
        rest = iter(batch)
        while todo := list(rest):
            rest = iter(todo)
            yield from _over_one_association(rest, todo, peer, timeout_s)


def _over_one_association(
    rest: Iterator[tuple[Path, Identity]], todo: Sequence[tuple[Path, Identity]], peer: Peer, timeout_s: float
) -> Iterator[FileOutcome]:
    """Outcomes until the association ends; what it did not come to stays in `rest`."""
    contexts = {(i.sop_class_uid, i.transfer_syntax_uid): i.context() for _, i in todo}
    with associated(peer, list(contexts.values()), timeout_s) as association:
        for path, identity in rest:
            try:
                store_file(association, path, identity, peer, timeout_s)
            except (PeerRefused, PeerUnavailable) as error:
                yield FileOutcome(path, str(error))
            else:
                yield FileOutcome(path, "")
            if not association.is_established:
                return


def _batches(files: Sequence[tuple[Path, Identity]]) -> Iterator[list[tuple[Path, Identity]]]:
    """Files that fit into one association: at most 128 kinds of instance and encoding."""
    kinds = iter(dict.fromkeys((i.sop_class_uid, i.transfer_syntax_uid) for _, i in files))
    while some := set(islice(kinds, CONTEXTS_MAX)):
        yield [(path, i) for path, i in files if (i.sop_class_uid, i.transfer_syntax_uid) in some]
