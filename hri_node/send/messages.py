"""The messages of an association that we requested come in; those that answer what was asked go out, within bounds."""

import threading
from typing import Any, Final

import structlog
from pynetdicom import dimse_primitives
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider

MESSAGE_LENGTH_MAX: Final = 16 * 1024 * 1024
"""Bytes of one message to us: identifiers of a query and reports of a commitment are a thousandth of it."""

ANSWERS_MAX: Final = 50_000
"""Answers to one request; a peer that goes on is not listened to."""

EMPTY: Final = (None, None)
"""What pynetdicom takes as: nothing came."""

log = structlog.get_logger()


class WholeMessages(DIMSEServiceProvider):
    """The messages of an association, each sent whole, and each answer the one to what was asked.

    pynetdicom answers N-EVENT-REPORT in a thread of its own; the answer could get between the command and the dataset
    of what is being sent, which the peer would read as nonsense. It takes whatever message comes next for the answer,
    of any length, and raises an AttributeError where it is one to something else.

    Parameters
    ----------
    assoc
        Whose messages these are.
    """

    def __init__(self, assoc: Association) -> None:
        super().__init__(assoc)
        self._sending = threading.Lock()
        self._asked: dimse_primitives.DIMSEPrimitive | None = None
        self._answers = 0
        self._length = 0

    def send_msg(self, primitive: Any, context_id: int) -> None:  # noqa: ANN401 - pynetdicom's signature
        """Send a message.

        Parameters
        ----------
        primitive, context_id
            As pynetdicom has them.
        """
        with self._sending:
            if primitive.MessageIDBeingRespondedTo is None:
                self._asked, self._answers = primitive, 0
            super().send_msg(primitive, context_id)

    def receive_primitive(self, primitive: Any) -> None:  # noqa: ANN401 - pynetdicom's signature
        """Take fragments of a message in; a connection over which too many come is closed.

        Parameters
        ----------
        primitive
            P-DATA indication.
        """
        self._length += sum(len(value) for _, value in primitive.presentation_data_value_list)
        if self._length > MESSAGE_LENGTH_MAX:
            self._hang_up(f"a message is longer than {MESSAGE_LENGTH_MAX} bytes")
            return
        super().receive_primitive(primitive)
        if self.message is None:  # it was the end of one
            self._length = 0

    def get_msg(self, block: bool = False) -> tuple[Any, Any]:  # noqa: FBT001, FBT002 - pynetdicom's signature
        """Context ID and next message; twice None where none came, or one that is no answer to what was asked.

        Parameters
        ----------
        block
            Wait for it.
        """
        if not block:  # pynetdicom's look for requests, of which we serve none: at times it took an answer, and lost it
            return EMPTY
        context_id, message = super().get_msg(block=True)
        if message is None:
            return EMPTY
        self._answers += 1
        if self._answers > ANSWERS_MAX:
            self._hang_up(f"a request has more than {ANSWERS_MAX} answers")
            return EMPTY
        asked = self._asked
        if asked is None or type(message) is not type(asked) or message.MessageIDBeingRespondedTo != asked.MessageID:
            log.warning("answer_to_another_question", message=type(message).__name__)
            return EMPTY
        return context_id, message

    def _hang_up(self, reason: str) -> None:
        """Close the connection; the association then ends by itself."""
        log.warning("peer_given_up", reason=reason)
        if stream := self.assoc.dul.socket:
            stream.close()
