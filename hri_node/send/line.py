"""A peer and what to propose come in; an association goes out, and another one where the peer hung up."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from hri_node.records import Peer
from hri_node.send.association import Terms, associated
from hri_node.send.commitment import Reports


class Line:
    """An association that can be renewed: some peers hang up when they are asked for what they do not serve.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    contexts
        What to propose first.
    timeout_s
        Longest wait for the connection, and for each answer.

    Attributes
    ----------
    reports
        Results of storage commitment that come over it.

    Raises
    ------
    PeerRefused
        At the beginning of its context, or of `renew`, when the peer rejects the association for good.
    PeerUnavailable
        When it cannot be reached, gives no answer, aborts, or is full at present.
    """

    def __init__(self, peer: Peer, contexts: Sequence[PresentationContext], timeout_s: float) -> None:
        self.peer = peer
        self.timeout_s = timeout_s
        self._contexts = contexts
        self.reports = Reports()
        self._stack = ExitStack()
        self._association: Association | None = None

    def __enter__(self) -> Self:
        """Open the association."""
        self.renew(self._contexts)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the association."""
        self._stack.close()

    @property
    def association(self) -> Association:
        """The present association."""
        assert self._association, "the line has not been opened"
        return self._association

    @property
    def is_cut(self) -> bool:
        """Whether the association has ended."""
        return not self.association.is_established

    def renew(self, contexts: Sequence[PresentationContext]) -> None:
        """Give up the association, if there is one, and open another.

        Parameters
        ----------
        contexts
            What to propose.
        """
        self._stack.close()
        opened = associated(self.peer, contexts, self.timeout_s, Terms(handlers=self.reports.handlers))
        self._association = self._stack.enter_context(opened)
