"""Hostile bytes come in over a pipe, code of ours is run on them; how it ended, how long and how much it took go out.

Run by `cage.Cage` as a process of its own: a native decoder that hangs or dies takes nothing else with it.
"""

import os
import pickle
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
from cage import MEMORY_MAX, Ending, How
from twins import NOW, ORIGIN, MemoryLedger, MemorySpool

from hri_node.errors import HriError, Unreadable
from hri_node.logs import set_up
from hri_node.read.description import describe
from hri_node.read.dynamic_range import dynamic_range_db
from hri_node.read.frames import frame_count, read_frames
from hri_node.read.identity import identify
from hri_node.read.instance import open_instance
from hri_node.read.labels import read_labels
from hri_node.read.picture import is_picture, read_picture
from hri_node.read.select import skip_reason
from hri_node.receive.intake import Intake
from hri_node.send.scu import Identity
from hri_node.settings import load

STDERR = 2

SAID_MAX = 100_000
"""Bytes of stderr that are looked at."""

FRAMES_READ_MAX = 40
"""Frames of one instance that are decoded: enough to meet each kind of fragment."""


def take_in(_path: Path, data: bytes) -> None:
    """The whole of the intake, on twins."""
    Intake(MemorySpool(), MemoryLedger(), _skip).take_in(data, ORIGIN, NOW)


def _skip(header: object) -> str | None:
    """What the node asks of a header before it is measured."""
    return skip_reason(header)  # type: ignore[arg-type]


def read(path: Path, _data: bytes) -> None:
    """Every question that is asked of a stored instance; each is asked, whatever the others answered."""
    refusals = [refusal for ask in (frame_count, identify, _header, _frames) if (refusal := _refusal(ask, path))]
    if refusals:
        raise Unreadable(refusals[-1])


def _refusal(ask: Callable[[Path], object], path: Path) -> str:
    """Sentence of the refusal, empty without one; the error itself would keep all that it saw in memory."""
    try:
        ask(path)
    except Unreadable as error:
        return str(error)
    return ""


def _header(path: Path) -> None:
    """Questions about a header."""
    header = open_instance(path).header
    skip_reason(header)
    dynamic_range_db(header)


def _frames(path: Path) -> None:
    """The first frames, which must be as large as the header says."""
    found = list(islice(read_frames(path), FRAMES_READ_MAX))
    described = describe(open_instance(path).header)
    assert len(found) == min(described.frames, FRAMES_READ_MAX)
    for frame in found:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape == (described.rows, described.columns)


def picture(path: Path, _data: bytes) -> None:
    """A picture that `hri-node measure` is given."""
    is_picture(path)
    read_picture(path)


def labels(path: Path, _data: bytes) -> None:
    """A label map that `hri-node evaluate` is given."""
    read_labels(path)


def settings(path: Path, _data: bytes) -> None:
    """A settings file."""
    load(path, is_node=False)


def to_send(path: Path, _data: bytes) -> None:
    """A file that `hri-node send` is given."""
    Identity.of(path)


TARGETS: dict[str, Callable[[Path, bytes], None]] = {
    target.__name__: target for target in (take_in, read, picture, labels, settings, to_send)
}


def ending(target: str, path: Path, data: bytes) -> Ending:
    """How one piece of code ends on `data`, which `path` holds as well."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    before = _status_bytes("VmRSS")
    os.truncate(STDERR, 0)
    os.lseek(STDERR, 0, os.SEEK_SET)
    how, sentence = How.DONE, ""
    began = time.perf_counter()
    try:
        TARGETS[target](path, data)
    except HriError as error:
        how, sentence = How.REFUSED, str(error)
    except BaseException:  # noqa: BLE001 - whatever it is, it should not have come out
        how, sentence = How.ESCAPED, traceback.format_exc()
    seconds = time.perf_counter() - began
    return Ending(how, sentence, seconds, _status_bytes("VmHWM") - before, _said())


def _said() -> str:
    """What was written to stderr since it was emptied."""
    sys.stderr.flush()
    return os.pread(STDERR, SAID_MAX, 0).decode(errors="replace")


def _status_bytes(field: str) -> int:
    """Memory of this process by /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def main() -> None:
    """Answer until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(STDERR, 1)  # a decoder that prints must not be taken for an answer
    os.dup2(os.memfd_create("stderr"), STDERR)
    set_up("warning")  # as every role does
    with tempfile.TemporaryDirectory(dir=_in_memory()) as folder:
        path = Path(folder) / "hostile"
        while True:
            try:
                target, data = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent
            except EOFError:
                return
            path.write_bytes(data)
            pickle.dump(ending(target, path, data), answers)
            answers.flush()


def _in_memory() -> str | None:
    """A folder that costs no disk, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the file system, not a file


if __name__ == "__main__":
    main()
