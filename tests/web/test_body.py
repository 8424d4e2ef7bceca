"""Bodies that arrive: every piece in its order, and a sender that stops is noticed."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message

from hri_node.web.body import Gone, Silent, pieces


def piece(body: bytes, *, more: bool = True) -> Message:
    """A message of the server."""
    return {"type": "http.request", "body": body, "more_body": more}


async def collected(messages: Sequence[Message], idle_timeout_s: float = 5.0, pause_s: float = 0.0) -> list[bytes]:
    """Pieces of these messages, with a pause before each; after the last, silence."""
    waiting = list(messages)

    async def receive() -> Message:
        """The next message, in its time."""
        await asyncio.sleep(pause_s if waiting else 60.0)
        return waiting.pop(0)

    return [each async for each in pieces(receive, idle_timeout_s)]


def test_pieces_come_in_their_order() -> None:
    """Empty ones do not count, and the last one ends the body."""
    messages = [piece(b"a"), piece(b""), piece(b"b"), piece(b"c", more=False), piece(b"d")]

    assert asyncio.run(collected(messages)) == [b"a", b"b", b"c"]


def test_a_sender_that_hangs_up_is_gone() -> None:
    """Half a body is none."""
    with pytest.raises(Gone):
        asyncio.run(collected([piece(b"a"), {"type": "http.disconnect"}]))


def test_a_sender_that_falls_silent_is_given_up() -> None:
    """After the time-out of the settings."""
    with pytest.raises(Silent):
        asyncio.run(collected([piece(b"a")], idle_timeout_s=0.05))


def test_a_sender_that_drips_is_given_up() -> None:
    """Never silent for long, and yet it would keep its place for ever."""
    with pytest.raises(Silent):
        asyncio.run(collected([piece(b"a")] * 1000, idle_timeout_s=0.1, pause_s=0.01))


def test_a_sender_that_goes_on_may_take_its_time() -> None:
    """Longer than the time-out in all, but with enough bytes in the mean."""
    messages = [*[piece(bytes(1000))] * 10, piece(b"", more=False)]

    assert len(asyncio.run(collected(messages, idle_timeout_s=0.1, pause_s=0.02))) == 10
