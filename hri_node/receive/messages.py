"""The presentation data values of an association come in; a C-STORE is served as it comes, the rest is pynetdicom's."""

from collections.abc import Callable
from typing import Final, Protocol

from pynetdicom.association import Association
from pynetdicom.pdu_primitives import P_DATA

from hri_node.errors import Unreadable
from hri_node.receive.command import COMMAND_BIT, LAST_BIT, StoreRequest, store_request
from hri_node.receive.contexts import STORAGE_SOP_CLASSES

COMMAND_LENGTH_MAX: Final = 65_536
"""A longer command set is an attack or a bug."""

PASSED_LENGTH_MAX: Final = 4 * 1024 * 1024
"""What a message of another service may be long, which lies in memory as a whole."""

_STORAGE: Final = frozenset(STORAGE_SOP_CLASSES)


class StorePort(Protocol):
    """Who serves C-STORE."""

    def begin(self, request: StoreRequest, transfer_syntax_uid: str) -> None:
        """Take a request."""

    def write(self, data: memoryview) -> None:
        """Take the next part of its dataset."""

    def end(self) -> bytes:
        """Answer it."""


class Messages:
    """Puts the fragments of commands and datasets together (PS3.8 Annex E); one message at a time.

    Parameters
    ----------
    association
        Whose presentation contexts count; the messages of other services are handed to it.
    storing
        Serves C-STORE.
    """

    def __init__(self, association: Association, storing: StorePort) -> None:
        self._association = association
        self._storing = storing
        self.send: Callable[[int, bytes], None]  # a command set in a presentation context; whoever reads sets it
        self._command = bytearray()
        self._context_id = 0
        self._is_storing = False
        self._is_passing = False
        self._passed = 0

    @property
    def is_between(self) -> bool:
        """Whether no message is half-way."""
        return not (self._command or self._is_storing or self._is_passing)

    def take(self, context_id: int, control: int, value: memoryview) -> None:
        """Take the next value.

        Parameters
        ----------
        context_id, control
            Presentation context and message control header.
        value
            A fragment, which is changed once this returned.

        Raises
        ------
        Unreadable
            When it cannot belong here: the association is to be aborted.
        """
        if not self.is_between and context_id != self._context_id:
            raise Unreadable(f"a fragment of context {context_id} lies between those of context {self._context_id}")
        if context_id not in self._association._accepted_cx:  # noqa: SLF001 - what it offers instead sorts them anew
            raise Unreadable(f"presentation context {context_id} was not accepted")
        self._context_id = context_id
        if control & COMMAND_BIT:
            self._take_command(value, is_last=bool(control & LAST_BIT))
        else:
            self._take_data(value, is_last=bool(control & LAST_BIT))

    def _take_command(self, value: memoryview, *, is_last: bool) -> None:
        if self._is_storing or self._is_passing:
            raise Unreadable("a command comes before the dataset of the one before has ended")
        self._command += value
        if len(self._command) > COMMAND_LENGTH_MAX:
            raise Unreadable(f"a command set is longer than {COMMAND_LENGTH_MAX} bytes")
        if not is_last:
            return
        command, self._command = bytes(self._command), bytearray()
        context = self._association._accepted_cx[self._context_id]  # noqa: SLF001
        request = store_request(command)
        if request is None or context.abstract_syntax not in _STORAGE:
            self._passed = 0
            self._is_passing = not self._pass(COMMAND_BIT | LAST_BIT, command)
            return
        self._storing.begin(request, str(context.transfer_syntax[0]))
        self._is_storing = request.has_dataset
        if not request.has_dataset:
            self._answer()

    def _take_data(self, value: memoryview, *, is_last: bool) -> None:
        if self._is_storing:
            self._storing.write(value)
            if is_last:
                self._is_storing = False
                self._answer()
        elif self._is_passing:
            self._passed += len(value)
            if self._passed > PASSED_LENGTH_MAX:
                raise Unreadable(f"a dataset other than of C-STORE is longer than {PASSED_LENGTH_MAX} bytes")
            self._pass(LAST_BIT if is_last else 0, value)
            self._is_passing = not is_last
        else:
            raise Unreadable("a dataset comes without its command")

    def _answer(self) -> None:
        """Send the response to a C-STORE."""
        self.send(self._context_id, self._storing.end())

    def _pass(self, control: int, value: bytes | memoryview) -> bool:
        """Hand a fragment to pynetdicom; whether that was a whole message."""
        primitive = P_DATA()
        primitive.presentation_data_value_list.append((self._context_id, bytes([control]) + value))
        provider = self._association.dimse
        try:
            provider.receive_primitive(primitive)
        except Exception as error:  # pynetdicom raises whatever its parsers do on a damaged command
            raise Unreadable(f"a message cannot be read: {type(error).__name__}") from error
        return provider.message is None
