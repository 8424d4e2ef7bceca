"""The bytes of a DICOM file come in; a peer has stored them, undecoded and unchanged, when the call returns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_file_meta_info
from pynetdicom import _config, build_context
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when it is imported

from hri_node.errors import PeerRefused, PeerUnavailable, Unreadable
from hri_node.records import Peer
from hri_node.send.association import associated
from hri_node.send.destination import Proof, Sent
from hri_node.send.line import Line
from hri_node.send.outcomes import failure
from hri_node.send.proof import REPORT_WAIT_S, Prover

TIMEOUT_S: Final = 30.0

SLOWEST_LINK_BYTES_PER_S: Final = 250_000
"""2 Mbit/s. pynetdicom starts the wait for the answer before the first byte of the dataset has left."""

_config.STORE_SEND_CHUNKED_DATASET = True  # files are sent as they are, never decoded and encoded again


@dataclass(frozen=True, slots=True)
class Identity:
    """What a DICOM file says it is (PS3.10 7.1)."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Identity of a file; only its File Meta Information is read.

        Raises
        ------
        Unreadable
            When it is no DICOM file.
        """
        try:
            meta = read_file_meta_info(path)
            uids = (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID)
        except (InvalidDicomError, AttributeError, EOFError, ValueError, NotImplementedError, OSError) as error:
            raise Unreadable(f"{path.name} is not a DICOM file") from error
        return cls(*(str(uid) for uid in uids))

    def context(self) -> PresentationContext:
        """The one presentation context in which the file can be sent as it is."""
        return build_context(self.sop_class_uid, self.transfer_syntax_uid)


def store_file(association: Association, path: Path, identity: Identity, peer: Peer, timeout_s: float) -> None:
    """Store one file over an open association.

    Parameters
    ----------
    association
        With `peer`.
    path, identity
        The file.
    peer
        For the sentence of an error.
    timeout_s
        Longest wait for the answer, once the file has been sent.

    Raises
    ------
    PeerRefused
        When the peer accepts no such instance, or not this one.
    PeerUnavailable
        When it gives no answer, aborts, or has no room at present.
    """
    if not association.is_established:
        raise PeerUnavailable(f"{peer.name} gave the association up")
    wanted = (identity.sop_class_uid, [identity.transfer_syntax_uid])
    agreed = [(context.abstract_syntax, context.transfer_syntax) for context in association.accepted_contexts]
    if wanted not in agreed:
        raise PeerRefused(f"{peer.name} does not accept SOP class {wanted[0]} in transfer syntax {wanted[1][0]}")
    association.dimse_timeout = timeout_s + path.stat().st_size / SLOWEST_LINK_BYTES_PER_S
    try:
        answer = association.send_c_store(path)
    except RuntimeError as error:  # it ended between the look above and now
        raise PeerUnavailable(f"{peer.name} gave the association up") from error
    if "Status" not in answer:
        association.abort()  # it is of no further use; where the peer aborted, pynetdicom may not have noticed yet
    _check(peer, answer.get("Status"))


def _check(peer: Peer, status: int | None) -> None:
    """Raise what a status means."""
    if status is None:
        raise PeerUnavailable(f"{peer.name} gave no answer")
    error = failure(peer.name, status)
    if error:
        raise error


class DicomExchange:
    """One association with a destination.

    Parameters
    ----------
    line
        To the peer.
    prover
        Whoever asks what the peer has.
    """

    def __init__(self, line: Line, prover: Prover) -> None:
        self._line = line
        self._prover = prover

    def store(self, path: Path) -> None:
        """Store one object.

        Parameters
        ----------
        path
            A DICOM file (PS3.10).

        Raises
        ------
        PeerRefused
            When the peer said no to this object, and would say no again.
        PeerUnavailable
            When it gave up half-way or has no room at present.
        Unreadable
            When it is no DICOM file.
        """
        store_file(self._line.association, path, Identity.of(path), self._line.peer, self._line.timeout_s)

    def refused(self, sop_classes: Sequence[tuple[str, str]]) -> list[str]:
        """SOP Class UIDs of those that the peer would not take, of what the exchange was opened for.

        Parameters
        ----------
        sop_classes
            SOP Class and transfer syntax UID.
        """
        agreed = {str(context.abstract_syntax) for context in self._line.association.accepted_contexts}
        return [sop_class for sop_class, _ in dict.fromkeys(sop_classes) if sop_class not in agreed]

    def prove(self, sent: Sequence[Sent], transaction_uid: str, *, overdue: bool) -> Proof:
        """What the peer has of these objects.

        Parameters
        ----------
        sent
            Objects it said to have stored.
        transaction_uid
            Names the request for storage commitment, if one is made.
        overdue
            True where a commitment was asked for before and did not come in time.

        Raises
        ------
        PeerRefused
            When the peer has no such service, or does not serve us.
        PeerUnavailable
            When it gave no answer, or cannot tell at present.
        """
        self._line.association.dimse_timeout = self._line.timeout_s
        return self._prover.prove(self._line, sent, transaction_uid, is_overdue=overdue)


class DicomDestination:
    """A peer that objects are stored at, by C-STORE.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    proof
        How it is proven that the peer has them: ``auto``, ``commitment``, ``query`` or ``none``.
    timeout_s
        Longest wait for the connection, and for each answer.
    report_wait_s
        How long the report on a commitment is awaited over the same association.
    """

    def __init__(
        self, peer: Peer, proof: str = "auto", timeout_s: float = TIMEOUT_S, report_wait_s: float = REPORT_WAIT_S
    ) -> None:
        self._peer = peer
        self._timeout_s = timeout_s
        self._prover = Prover(peer, proof, report_wait_s)

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._peer.name

    @contextmanager
    def exchange(self, sop_classes: Sequence[tuple[str, str]]) -> Iterator[DicomExchange]:
        """One association for several objects.

        Parameters
        ----------
        sop_classes
            SOP Class and transfer syntax UID of all that will be stored, at most 120 different ones; none where it is
            to be proven only.

        Raises
        ------
        PeerRefused
            When the peer rejects the association for good, or every presentation context.
        PeerUnavailable
            When it cannot be reached, gives no answer, aborts, or is full at present.
        """
        contexts = [build_context(*pair) for pair in dict.fromkeys(sop_classes)] or [build_context(Verification)]
        with Line(self._peer, [*contexts, *self._prover.contexts()], self._timeout_s) as line:
            yield DicomExchange(line, self._prover)

    def echo(self) -> None:
        """Raise unless the peer answers a C-ECHO.

        Raises
        ------
        PeerRefused
            When it does not want to talk to us.
        PeerUnavailable
            When it cannot be reached.
        """
        with associated(self._peer, [build_context(Verification)], self._timeout_s) as association:
            _check(self._peer, association.send_c_echo().get("Status"))
