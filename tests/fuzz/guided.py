"""A coverage-guided run of hours rather than minutes: atheris looks for inputs that take new ways through parsers.

It is no dependency of the project: `pip install atheris`, then
`PYTHONPATH=.:tests:tests/fuzz python tests/fuzz/guided.py header -max_total_time=600`; `TARGETS` has the names.
"""

import sys
from collections.abc import Callable
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["hri_node", "python_multipart"]):
    from hri_node.errors import HriError
    from hri_node.logs import set_up
    from hri_node.read.codestream import jpeg_2000_size, jpeg_size
    from hri_node.read.fragments import encoded_frames, joined
    from hri_node.read.jpeg_2000 import refuse_costly
    from hri_node.read.segments import expanded
    from hri_node.receive.command import store_request
    from hri_node.receive.header import HeaderScan
    from hri_node.receive.multipart import Multipart, media_type_of
    from hri_node.receive.part10 import take_apart
    from hri_node.receive.values import check_uids, text_of

import numpy as np

SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.3")


class _Nobody:
    """A sink that takes anything."""

    def begin(self, media_type: str) -> None:
        """A part begins."""

    def write(self, data: memoryview) -> None:
        """More of it."""

    def end(self) -> None:
        """It is complete."""


def header(data: bytes) -> None:
    """A dataset in two pieces, in the transfer syntax that the first byte chooses."""
    syntax = SYNTAXES[data[0] % len(SYNTAXES)] if data else SYNTAXES[0]
    scan = HeaderScan(syntax)
    scan.feed(data[1 : len(data) // 2])
    scan.feed(data[max(len(data) // 2, 1) :])
    scan.end()
    found = scan.dataset()
    text_of(found, "PatientName")
    check_uids(found, syntax)


def part10(data: bytes) -> None:
    """A file."""
    take_apart(bytes(128) + b"DICM" + data)


def multipart(data: bytes) -> None:
    """A Content-Type, and a body in two pieces."""
    media_type_of(data[:80].decode("latin-1"))
    body = Multipart("b", _Nobody())
    body.feed(data[: len(data) // 2])
    body.feed(data[len(data) // 2 :])
    body.finish()


def command(data: bytes) -> None:
    """A command set."""
    store_request(data)


def pixels(data: bytes) -> None:
    """Fragments, codestreams and palettes."""
    jpeg_size(data)
    jpeg_2000_size(data)
    for check in (
        lambda: refuse_costly(b"\xff\x4f\xff\x51" + data),
        lambda: expanded(np.frombuffer(data[: len(data) // 2 * 2], "<u2"), 256),
        lambda: expanded(np.frombuffer(data, "u1"), 256),
        lambda: [joined(frame) for frame in encoded_frames(memoryview(data), 2)],
    ):
        with suppress(HriError):
            check()


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (header, part10, multipart, command, pixels)
}


def main() -> None:
    """Run until an error that is none of ours comes out, or the time is over."""
    target = TARGETS[sys.argv.pop(1)]
    set_up("error")

    def once(data: bytes) -> None:
        with suppress(HriError):
            target(data)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
