"""A status comes in while the sender still sends; an answer goes out that it gets to read, and the connection ends."""

import asyncio
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

LINGER_S: Final = 2.0
"""How long a sender may go on after the answer. Closing at once would reset the connection, and most senders would
report that instead of the answer (RFC 9112 9.6)."""


class EarlyAnswer(Response):
    """An answer to a request whose body is not, or not wholly, read: what still comes is thrown away for a while."""

    def __init__(self, content: bytes, status: int, media_type: str | None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(content, status, {"connection": "close", **named}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, then wait for the sender to end or to hang up."""
        del scope
        start: Message = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(LINGER_S):
                message = await receive()
                while message["type"] == "http.request" and message.get("more_body", False):
                    message = await receive()
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})
