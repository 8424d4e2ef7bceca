"""The address of a node and cookies come in; pages of its console are open then, and ask as browsers' do (live.js)."""

import asyncio
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

BROWSER: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
}
"""What Chromium sends with a question of a script, besides what the script says."""

OPENED_WITHIN_S: Final = 2.0
FOR_EVER_S: Final = 3600.0

LIVE: Final = re.compile(r'<(?:section|div)\b(?=[^>]*\bid="([\w-]+)")(?=[^>]*\bdata-live="(\d+)")')


@dataclass
class Seen:
    """What all pages together were answered.

    Attributes
    ----------
    delays_s
        From a question to the end of its answer.
    statuses
        How often each came.
    bytes_read
        Of bodies.
    """

    delays_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes_read: int = 0


class Connection:
    """One connection to a server, kept open."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port = port
        self._fields = BROWSER | {"Host": f"127.0.0.1:{port}", "Cookie": cookie}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Status, header and body of an answer."""
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        wanted = self._fields | fields
        lines = "".join(f"{name}: {value}\r\n" for name, value in wanted.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        return int(head[0].split()[1]), found, await reader.readexactly(int(found.get("content-length", "0")))

    def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()


async def keep_open(port: int, path: str, cookies: list[str], seconds: float) -> Seen:
    """One page for each cookie is open for so long; they were opened one after the other.

    Parameters
    ----------
    port
        Where the console is.
    path
        Of the page.
    cookies
        Values of the header field, one for each browser.
    seconds
        How long.
    """
    seen = Seen()
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(
            _page(Connection(port, cookie), path, (OPENED_WITHIN_S * number / len(cookies), until), seen)
            for number, cookie in enumerate(cookies)
        )
    )
    return seen


async def _page(connection: Connection, path: str, times: tuple[float, float], seen: Seen) -> None:
    """A page that is open: what is live of it is asked for at once, and again a while after the answer."""
    first, until = times
    await asyncio.sleep(first)
    status, _, html = await connection.get(path)
    live = LIVE.findall(html.decode())
    if status != HTTPStatus.OK or not live:
        raise RuntimeError(f"{path} answers {status}, and has {len(live)} live parts")
    (interval_ms,) = {interval for _, interval in live}
    wanted, tag = {"X-Part": " ".join(part for part, _ in live)}, ""
    while time.perf_counter() < until:
        await asyncio.sleep(int(interval_ms) / 1000)
        began = time.perf_counter()
        status, fields, body = await connection.get(path, **wanted, **({"If-None-Match": tag} if tag else {}))
        seen.delays_s.append(time.perf_counter() - began)
        seen.statuses[status] += 1
        seen.bytes_read += len(body)
        tag = fields.get("etag", tag)
    connection.close()


async def _stay_open(port: int, cookies: list[str]) -> None:
    """Overviews are open until somebody ends this process; a line says when all are."""
    opening = asyncio.create_task(keep_open(port, "/", cookies, FOR_EVER_S))
    await asyncio.sleep(2 * OPENED_WITHIN_S)
    print("open", flush=True)  # noqa: T201 - whoever started this waits for it
    await opening


if __name__ == "__main__":
    asyncio.run(_stay_open(int(sys.argv[1]), sys.argv[2:]))
