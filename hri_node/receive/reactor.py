"""The PDUs of an association come in; what they carry is served in this thread, the protocol around is pynetdicom's."""

import struct
import time
from collections.abc import Callable
from typing import Any, Final, cast

import structlog
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu_primitives import P_DATA

from hri_node.errors import Unreadable
from hri_node.receive.command import P_DATA_TF, data_pdu, fragments
from hri_node.receive.messages import Messages
from hri_node.receive.stream import CONNECTION_CLOSED, PDU_HEADER_LENGTH, QUIET_S, AssociationStream

READY: Final = "Sta6"
"""PS3.8 Table 9-3: association established and ready for data transfer."""

INVALID_PDU: Final = "Evt19"
"""PS3.8 Table 9-10; it aborts the association."""

PDV_HEADER: Final = struct.Struct(">LBB")
"""Length, presentation context ID, message control header (PS3.8 9.3.5.1, E.2)."""

log = structlog.get_logger()


class Reactor(DULServiceProvider):
    """The thread of an association that reads its connection.

    pynetdicom hands what it read through three queues and two threads, copies it six times and sleeps in between;
    here data PDUs are served where they are read, while everything else goes pynetdicom's way.

    Parameters
    ----------
    association
        Whose thread this is.
    stream
        Its connection.
    messages
        Takes what data PDUs carry.
    pause_s
        How long the peer has to wait before its next message is read, in seconds.

    Attributes
    ----------
    ends_at
        Monotonic time when the association has had its time.
    on_end
        What is called when the association has ended, however it did.
    """

    def __init__(
        self,
        association: Association,
        stream: AssociationStream,
        messages: Messages,
        pause_s: Callable[[], float],
    ) -> None:
        old = association.dul
        super().__init__(association)
        self._idle_timer, self.artim_timer = old._idle_timer, old.artim_timer  # noqa: SLF001 - they have the time-outs
        self.event_queue, self.socket = old.event_queue, stream
        self._stream = stream
        self._messages = messages
        messages.send = self._send_command
        self._pause_s = pause_s
        self._run_loop_delay = 0.0  # whoever waits, waits for the connection
        self._is_busy = False
        self.ends_at = float("inf")
        self.on_end: list[Callable[[], None]] = []

    def run_reactor(self) -> None:
        """Serve the association to its end."""
        try:
            super().run_reactor()
        except Exception as error:  # noqa: BLE001 - outer ring of this thread; pynetdicom's text may quote the peer
            log.warning("association_unacceptable", reason=f"the protocol is broken: {type(error).__name__}")
            self._hang_up()
        finally:
            for tell in self.on_end:
                tell()

    def _hang_up(self) -> None:
        """End an association whose state machine has come to its end, both of its threads and its connection.

        pynetdicom raises on what no peer should send now, or in this way, and would leave the rest as it is.
        """
        self.assoc.is_aborted, self.assoc.is_established = True, False
        self.assoc._kill = self._kill_thread = True  # noqa: SLF001 - as pynetdicom does where a PDU cannot be decoded
        self.to_user_queue.put(cast("Any", None))  # read as: nothing came
        if self._stream.socket:
            self._stream.close()

    def idle_timer_expired(self) -> bool:
        """Whether nothing happened for too long; our own work is no silence."""
        return not self._is_busy and super().idle_timer_expired()

    def _is_transport_event(self) -> bool:
        """Whether something came; nothing is read of a peer that has to wait, or had its time."""
        if self.state_machine.current_state != READY:
            return super()._is_transport_event()
        if time.monotonic() > self.ends_at:
            self._refuse("listener.association_timeout_s is over")
            return True
        pause_s = self._pause_s() if self._messages.is_between else 0.0
        if pause_s > 0:
            self._stream.rest(min(pause_s, QUIET_S))
            return True
        return super()._is_transport_event()

    def _read_pdu_data(self) -> None:
        """Read what comes, PDU after PDU, until the peer is quiet or something else is to be done.

        pynetdicom would have one PDU read, look after its queues and sleep; it does so in between messages.
        """
        if self.state_machine.current_state != READY:
            super()._read_pdu_data()
            return
        self._read_pdu()
        while self._may_go_on() and self._stream.ready:
            self._read_pdu()

    def _may_go_on(self) -> bool:
        """Whether nothing but the next PDU of data is waited for."""
        if self._kill_thread or not self.event_queue.empty() or time.monotonic() > self.ends_at:
            return False
        return not (self._messages.is_between and self._pause_s() > 0)

    def _read_pdu(self) -> None:
        """Read one PDU; data are served before this returns."""
        self._is_busy = True
        try:
            header = self._stream.recv(PDU_HEADER_LENGTH)
            if len(header) < PDU_HEADER_LENGTH or header[0] != P_DATA_TF:
                self._stream.put_back(header)
                super()._read_pdu_data()
            else:
                self._serve(self._stream.fetch(int.from_bytes(header[2:], "big")))
        except OSError:
            self.event_queue.put(CONNECTION_CLOSED)
        except Unreadable as error:
            self._refuse(str(error))
        finally:
            self._idle_timer.restart()
            self._is_busy = False

    def _serve(self, pdu: memoryview) -> None:
        """Take the values of a data PDU one by one."""
        position = 0
        while position < len(pdu):
            start = position + PDV_HEADER.size
            if start > len(pdu):
                raise Unreadable("a data PDU ends in the middle of a value")
            length, context_id, control = PDV_HEADER.unpack_from(pdu, position)
            position = start + length - 2
            if length < 2 or position > len(pdu):  # noqa: PLR2004 - context ID and control header count
                raise Unreadable("a value is longer or shorter than its PDU has it")
            self._messages.take(context_id, control, pdu[start:position])

    def _send_command(self, context_id: int, command: bytes) -> None:
        """Send a message at once, or behind what other threads are sending: messages are not mixed (PS3.8 Annex E)."""
        parts = fragments(command, self.assoc.requestor.maximum_length or 0)
        if self.to_provider_queue.empty():
            self._stream.send(b"".join(data_pdu(context_id, control, content) for control, content in parts))
            return
        for control, content in parts:
            primitive = P_DATA()
            primitive.presentation_data_value_list.append((context_id, bytes([control]) + content))
            self.to_provider_queue.put(primitive)

    def _refuse(self, reason: str) -> None:
        """Abort."""
        log.warning("association_unacceptable", reason=reason)
        self.event_queue.put(INVALID_PDU)
