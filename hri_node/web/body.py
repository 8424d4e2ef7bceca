"""The messages of an ASGI server come in; the pieces of a body go out, as long as its sender keeps sending."""

import time
from collections.abc import AsyncIterator
from typing import Final

import anyio
from starlette.types import Receive

SLOWEST_SENDER_BYTES_PER_S: Final = 1000
"""A sender that is slower in the mean keeps a place that others need."""


class Gone(Exception):  # noqa: N818 - it says what the sender is
    """The sender hung up."""


class Silent(Exception):  # noqa: N818 - it says what the sender is
    """The sender sends nothing, or too slowly."""


async def pieces(receive: Receive, idle_timeout_s: float) -> AsyncIterator[bytes]:
    """Pieces of a body. The next one is asked for when the former is dealt with: a slow disk slows the sender.

    Parameters
    ----------
    receive
        Of the ASGI server, which keeps little more than a piece.
    idle_timeout_s
        Longest silence; and how long a sender may be slow before its mean counts.

    Raises
    ------
    Gone
        When the sender hung up.
    Silent
        When it did not go on.
    """
    waited_s = 0.0
    received = 0
    while True:
        patience_s = min(idle_timeout_s, idle_timeout_s + received / SLOWEST_SENDER_BYTES_PER_S - waited_s)
        began = time.monotonic()
        try:
            with anyio.fail_after(max(patience_s, 0.0)):
                message = await receive()
        except TimeoutError as error:
            raise Silent from error
        waited_s += time.monotonic() - began
        if message["type"] != "http.request":
            raise Gone
        if body := message.get("body", b""):
            received += len(body)
            yield body
        if not message.get("more_body", False):
            return
