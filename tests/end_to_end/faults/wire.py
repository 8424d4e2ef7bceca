"""A port comes in; a bad line to it, or a bad peer on it, goes out."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from enum import Enum
from random import Random
from typing import Any

from dimse import association_request, data_pdu
from running import free_port

REJECTION = b"\x03\x00\x00\x00\x00\x04\x00\x01\x01\x07"
"""PS3.8 9.3.4: permanently, by the user of the service, called AE title not recognised."""

ABORT = b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00"
"""PS3.8 9.3.8."""

CHUNK = 8192
SLOW_CHUNK_S = 0.05
STORE = "1.2.840.10008.5.1.4.1.1.6.1"


class Line(Enum):
    """What the line to the PACS does with a connection."""

    GOOD = "good"
    CLOSED = "closed"
    SLOW = "slow"
    GARBAGE = "garbage"
    CUT = "cut"
    SILENT = "silent"
    REJECTING = "rejecting"


class Wire:
    """TCP line to a PACS on the loopback; `put` makes it bad, or good again.

    Parameters
    ----------
    towards
        Port of the PACS.
    seed
        Where it is cut.
    """

    def __init__(self, towards: int, seed: int) -> None:
        self.port = free_port()
        self._towards = towards
        self._random = Random(seed)  # noqa: S311 - faults, not secrets
        self._line = Line.GOOD
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.put(Line.GOOD)

    def put(self, line: Line) -> None:
        """Change the line; what was open on it breaks, unless it gets good."""
        asyncio.run_coroutine_threadsafe(self._put(line), self._loop).result(10)

    def stop(self) -> None:
        """End it."""
        self.put(Line.CLOSED)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @staticmethod
    async def _end() -> None:
        """End what still goes on along the line."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _put(self, line: Line) -> None:
        self._line = line
        if line is not Line.GOOD:
            for writer in self._open:
                writer.transport.abort()
        if line is Line.CLOSED and self._server:
            self._server.close()
            self._server = None
        elif line is not Line.CLOSED and not self._server:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, with what the line does at its beginning."""
        behaviours: dict[Line, Callable[..., Coroutine[Any, Any, None]]] = {
            Line.REJECTING: self._reject,
            Line.SILENT: self._swallow,
            Line.GARBAGE: self._babble,
        }
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await behaviours.get(self._line, self._forward)(reader, writer)
        self._open.discard(writer)
        writer.transport.abort()

    @staticmethod
    async def _reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(74)
        writer.write(REJECTION)
        await writer.drain()
        await reader.read(CHUNK)
        writer.close()
        await writer.wait_closed()

    @staticmethod
    async def _swallow(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(CHUNK):
            pass

    async def _babble(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers that are no PDUs, or look like the beginning of some."""
        while await reader.read(CHUNK):
            beginning = self._random.choice([b"", b"\x02\x00\x00\x00\x01\x00", b"\x04\x00\x7f\xff\xff\xff"])
            writer.write(beginning + self._random.randbytes(64))
            await writer.drain()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = self._line
        answers, requests = await asyncio.open_connection("127.0.0.1", self._towards)
        self._open.add(requests)
        budget = self._random.randrange(100, 1_500_000) if line is Line.CUT else None
        ways = [self._copy(reader, requests, line, budget), self._copy(answers, writer, line, None)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(tasks, timeout=0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._open.discard(requests)
        requests.transport.abort()

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, budget: int | None) -> None:
        """Bytes in one direction, until it ends or the budget is used up."""
        while data := await reader.read(CHUNK):
            if budget is not None:
                budget -= len(data)
                data = data[: max(0, len(data) + budget)] if budget < 0 else data
            if line is Line.SLOW:
                await asyncio.sleep(SLOW_CHUNK_S)
            writer.write(data)
            await writer.drain()
            if budget is not None and budget < 0:
                return
        with contextlib.suppress(OSError):
            writer.write_eof()


def half_sent(port: int, hold: threading.Event, hold_s: float) -> None:
    """An association that stops in the middle of a C-STORE, stays silent for a while and is gone."""
    with contextlib.suppress(OSError), _in_the_middle(port):
        hold.wait(hold_s)


def aborted(port: int) -> None:
    """An association that is aborted in the middle of a C-STORE."""
    with contextlib.suppress(OSError), _in_the_middle(port) as connection:
        connection.sendall(ABORT)


def knocked(port: int) -> None:
    """Half of an association request."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(association_request()[:40])


@contextlib.contextmanager
def _in_the_middle(port: int) -> Any:  # noqa: ANN401 - the iterator of a context manager
    """Connection after the command and a part of the dataset of a C-STORE."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(association_request())
        connection.recv(CHUNK)
        connection.sendall(data_pdu(_store_command(), 0x03))
        connection.sendall(data_pdu(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + b"\0" * 3000, 0x00))
        yield connection


def _store_command() -> bytes:
    """Command set of a C-STORE-RQ, Implicit VR Little Endian (PS3.7 9.3.1.1)."""
    elements = [
        (0x0002, STORE.encode() + b"\0" * (len(STORE) % 2)),
        (0x0100, struct.pack("<H", 0x0001)),
        (0x0110, struct.pack("<H", 7)),
        (0x0700, struct.pack("<H", 0)),
        (0x0800, struct.pack("<H", 1)),
        (0x1000, b"2.25.999"),
    ]
    body = b"".join(struct.pack("<HHL", 0, number, len(value)) + value for number, value in elements)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body
