"""Pieces of work of several threads come in; those that wait at the same time are done together, in one transaction."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hri_node.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(eq=False)
class _Ticket(Generic[Item, Result]):
    """One thread's work and what came of it."""

    item: Item
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Whether some thread has seen to it."""
        return bool(self.results) or self.error is not None


class Gathering(Generic[Item, Result]):
    """Group commit: a transaction costs a wait for the disk, however many rows it has.

    The first thread works for all that are waiting; one that comes meanwhile waits for the next round. Nobody waits
    for others to come.

    Parameters
    ----------
    work
        Does all the items in one transaction, or none; results in their order, committed when it returns.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._work = work
        self._door = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Ticket[Item, Result]] = []

    def share(self, item: Item) -> Result:
        """Result of one item, once the transaction that did it is committed.

        Parameters
        ----------
        item
            What is to be done.

        Raises
        ------
        Unavailable
            When the transaction could not be done, for all who shared it.
        Exception
            What `work` raised for this item.
        """
        ticket = _Ticket[Item, Result](item)
        with self._door:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.is_done:
                self._work_for_all()
        if ticket.error:
            raise ticket.error
        return ticket.results[0]

    def _work_for_all(self) -> None:
        """One transaction for everybody who waits at this moment."""
        with self._door:
            tickets, self._waiting = self._waiting, []
        try:
            self._do(tickets)
        except Unavailable as error:
            for ticket in tickets:
                ticket.error = Unavailable(str(error))
        except Exception:  # noqa: BLE001 - not swallowed: one item did it, and its own thread shall hear of it
            for ticket in tickets:
                self._do_alone(ticket)

    def _do(self, tickets: Sequence[_Ticket[Item, Result]]) -> None:
        """Do some, in one transaction."""
        results = self._work([ticket.item for ticket in tickets])
        for ticket, result in zip(tickets, results, strict=True):
            ticket.results.append(result)

    def _do_alone(self, ticket: _Ticket[Item, Result]) -> None:
        """Do one; its error is its own."""
        try:
            self._do([ticket])
        except Exception as error:  # noqa: BLE001 - raised again by the thread whose item it is
            ticket.error = error
