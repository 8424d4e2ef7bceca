"""The events of an association that we requested come in; where pynetdicom chokes on one, the association ends."""

from typing import Any, cast

import structlog
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider

log = structlog.get_logger()


class EndingProvider(DULServiceProvider):
    """The thread that reads the connection of an association, and ends the association where it ends itself.

    pynetdicom's state machine raises on what no peer should send now, or in this way. Its thread would die of it;
    connection and association would stay until their time-outs, or for ever.

    Parameters
    ----------
    association
        Whose thread this is; it has not begun.
    """

    def __init__(self, association: Association) -> None:
        old = association.dul
        super().__init__(association)
        self._idle_timer, self.artim_timer = old._idle_timer, old.artim_timer  # noqa: SLF001 - they have the time-outs

    def run_reactor(self) -> None:
        """Serve the association to its end."""
        try:
            super().run_reactor()
        except Exception as error:  # noqa: BLE001 - outer ring of this thread; pynetdicom's text may quote the peer
            log.warning("association_unacceptable", reason=f"the protocol is broken: {type(error).__name__}")
            self._let_go()
        finally:
            connection = self.socket.socket if self.socket else None
            if connection:  # pynetdicom leaves one to the garbage collector where the association never came about
                connection.close()

    def _let_go(self) -> None:
        """End the association, and let go whoever waits for an answer."""
        self.assoc.is_aborted, self.assoc.is_established = True, False
        self.assoc._kill = self._kill_thread = True  # noqa: SLF001 - as pynetdicom does where a PDU cannot be decoded
        self.to_user_queue.put(cast("Any", None))  # both are read as: nothing came
        self.assoc.dimse.msg_queue.put((None, None))
