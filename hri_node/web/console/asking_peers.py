"""A form that names a scanner or destination comes in; it is asked whether it answers, and what it said goes out."""

from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from hri_node.errors import HriError
from hri_node.ledger.states import SetupKind
from hri_node.web.console.asked import fields_of, visitor_of
from hri_node.web.peer_deeds import PeerDeeds

AT_ONCE: Final = 4
"""Peers that are asked at once; whoever wants to ask another one waits, and nobody else does."""


class Tests:
    """Asks peers, in threads of its own: one that is silent holds nothing up.

    Parameters
    ----------
    deeds
        What people may do.
    """

    def __init__(self, deeds: PeerDeeds) -> None:
        self._deeds = deeds
        self._limiter = CapacityLimiter(AT_ONCE)

    async def sentence(self, request: Request, kind: SetupKind) -> str:
        """What a peer answered.

        Parameters
        ----------
        request
            With its ``name``.
        kind
            Whether that is of a scanner or of a destination.
        """
        name = (await fields_of(request)).get("name", "")
        work = partial(self._deeds.test, visitor_of(request), kind, name)
        try:
            verdict = await to_thread.run_sync(work, limiter=self._limiter)
        except HriError as error:
            return f"Not done: {error}."
        return f"{verdict.words}." if verdict.answers else f"No answer: {verdict.words}."
