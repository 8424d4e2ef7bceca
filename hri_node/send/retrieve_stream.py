"""The messages of an association that we requested come in; datasets of C-STORE requests go straight into the node."""

import queue
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, cast

import structlog
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.dimse_primitives import C_STORE

from hri_node.errors import HriError, Refused, Unavailable
from hri_node.send.query import Announced, Arrival

LOOK_S: Final = 0.2
"""How often whoever waits for a message looks whether he should stop."""

CANCEL_S: Final = 2.0
"""How long a peer may take to end after a C-CANCEL."""

COMMAND_LENGTH_MAX: Final = 64 * 1024
"""Bytes; a command has a few hundred (PS3.7 9.3)."""

IDENTIFIER_LENGTH_MAX: Final = 4 * 1024 * 1024
"""Bytes that are kept of the identifier of a response: the list of failed instances, of which we make no use."""

log = structlog.get_logger()


class Inflow(DIMSEServiceProvider):
    """The messages of one association; a dataset that a peer stores is never held in memory as a whole.

    Parameters
    ----------
    association
        The one that they come over.
    begin
        Begins the arrival of an announced instance.
    signs
        A number that grows as long as something happens elsewhere: the wait for a message then goes on.
    stop
        Set when the retrieval is to end.
    """

    def __init__(
        self,
        association: Association,
        begin: Callable[[Announced], Arrival],
        signs: Callable[[], int],
        stop: threading.Event,
    ) -> None:
        super().__init__(association)
        self._begin = begin
        self._signs = signs
        self._stop = stop
        self._received = self._seen = 0
        self._halted_since: float | None = None
        self.cancel: Callable[[], None] = lambda: None

    def receive_primitive(self, primitive: Any) -> None:  # noqa: ANN401 - pynetdicom's signature
        """Take a P-DATA indication in.

        Parameters
        ----------
        primitive
            Fragments of one message.
        """
        if self.message is None:
            self.message = DIMSEMessage()
            self.message.data_set = Inflowing(self.message, self._announced)
        self._received += 1
        if self.message.encoded_command_set.tell() > COMMAND_LENGTH_MAX:
            log.warning("command_too_long")
            if self.dul.socket:
                self.dul.socket.close()
            return
        super().receive_primitive(primitive)

    def _announced(self, message: DIMSEMessage) -> Arrival:
        """Arrival of the instance that a C-STORE request carries."""
        command = message.command_set
        context = self.assoc._accepted_cx[cast("int", message.context_id)]  # noqa: SLF001 - as pynetdicom looks it up
        syntax = str(context.transfer_syntax[0]) if context.transfer_syntax else ""
        uids = str(command.AffectedSOPClassUID), str(command.AffectedSOPInstanceUID)
        return self._begin(Announced(*uids, syntax))

    def get_msg(self, block: bool = False) -> tuple[Any, Any]:  # noqa: FBT001, FBT002 - pynetdicom's signature
        """Context ID and next message, or twice None where none came.

        Parameters
        ----------
        block
            Wait, up to the DIMSE time-out since the last sign of life: a long instance may take longer as a whole.
        """
        if not block:  # the look for a peer's requests, of which we serve none; it must not take what we wait for
            return None, None
        received, since = self._received, time.monotonic()
        while not self._is_over():
            try:
                return self._checked(*self.msg_queue.get(timeout=LOOK_S))
            except queue.Empty:
                if time.monotonic() - since > (self.dimse_timeout or 0):
                    if self._received == received and not self._has_grown():
                        break
                    received, since = self._received, time.monotonic()
        return None, None

    @staticmethod
    def _checked(context_id: Any, message: Any) -> tuple[Any, Any]:  # noqa: ANN401 - as pynetdicom has them
        """The message; nothing in place of a C-STORE that lacks something, or is a response, which nobody asked for."""
        if isinstance(message, C_STORE) and not message.is_valid_request:
            log.warning("c_store_malformed")
            return None, None
        return context_id, message

    def _has_grown(self) -> bool:
        """Whether something happened elsewhere since the last look."""
        before, self._seen = self._seen, self._signs()
        return self._seen > before

    def halt(self) -> None:
        """Ask the peer to end; what it sends in the next moments is still taken."""
        if self._halted_since is None:
            self._halted_since = time.monotonic()
            self.cancel()

    def _is_over(self) -> bool:
        """Whether somebody wanted to end, and the peer had its time."""
        if self._stop.is_set():
            self.halt()
        return self._halted_since is not None and time.monotonic() - self._halted_since > CANCEL_S

    def forget(self) -> None:
        """Drop an instance that stopped half-way, once the association has ended."""
        message = self.message
        if message and isinstance(message.data_set, Inflowing):
            message.data_set.forget()


class Inflowing(BytesIO):
    """The dataset of one message: that of a C-STORE request flows into the node, any other is kept here.

    Parameters
    ----------
    message
        The message that is being received; what it is shows when its command is complete.
    begin
        Begins the arrival of the instance in it.
    """

    def __init__(self, message: DIMSEMessage, begin: Callable[[DIMSEMessage], Arrival]) -> None:
        super().__init__()
        self._message = message
        self._begin = begin
        self._arrival: Arrival | None = None
        self._fault: HriError | None = None
        self._lock = threading.Lock()

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Add bytes.

        Parameters
        ----------
        data
            A fragment.
        """
        if not isinstance(self._message, C_STORE_RQ):
            return super().write(data) if self.tell() <= IDENTIFIER_LENGTH_MAX else len(data)
        with self._lock:
            if self._fault is None:
                self._pass_on(data)
        return len(data)

    def _pass_on(self, data: bytes) -> None:
        """Write into the node; what fails is told when the peer waits for its answer."""
        try:
            if self._arrival is None:
                self._arrival = self._begin(self._message).__enter__()
            self._arrival.write(data)
        except HriError as fault:
            self._drop(fault)
        except Exception:  # outer ring: pynetdicom's thread would end, and the peer would never be answered
            log.exception("arrival_failed")
            self._drop(Unavailable("an unexpected error on arrival"))

    def keep(self) -> None:
        """Make the instance safe.

        Raises
        ------
        Refused
            When it is no instance, not the one that was announced, or too large.
        Unavailable
            When spool or ledger cannot take it.
        """
        with self._lock:
            if self._fault:
                raise self._fault
            if self._arrival is None:
                raise Refused("the C-STORE request carries no dataset")
            arrival, self._arrival = self._arrival, None
        with arrival:
            arrival.keep()

    def forget(self) -> None:
        """Drop what was written."""
        with self._lock:
            self._drop(Unavailable("the association ended before the instance did"))

    def _drop(self, fault: HriError) -> None:
        self._fault = self._fault or fault
        if self._arrival:
            self._arrival.__exit__(None, None, None)
            self._arrival = None


def keep(request: C_STORE) -> None:
    """Make the instance of a C-STORE request safe, which came over an `Inflow`.

    Parameters
    ----------
    request
        As the event carries it.

    Raises
    ------
    Refused
        When it is no instance, not the one that was announced, or too large.
    Unavailable
        When spool or ledger cannot take it.
    """
    dataset = request.DataSet
    if not isinstance(dataset, Inflowing):
        raise Refused("the C-STORE request carries no dataset")
    dataset.keep()
