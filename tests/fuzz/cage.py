"""Hostile bytes come in; how the code under test ended on them goes out, even where it hung or died."""

import os
import pickle
import select
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Self

DEADLINE_S = 20.0
"""Longer is a hang. Generous: in CI the other core is busy, and so is this one."""

MEMORY_MAX = 6 * 2**30
"""Address space of the caged process: what asks for more gets a MemoryError, and the machine lives on."""


class How(Enum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    ESCAPED = "escaped"
    HUNG = "hung"
    DIED = "died"


@dataclass(frozen=True)
class Ending:
    """How the code under test ended.

    Attributes
    ----------
    how
        Done and refused are right; nothing else is.
    sentence
        Text of our error; of a foreign one, its traceback.
    seconds
        How long it took.
    peak_bytes
        What the process grew by at most meanwhile.
    said
        What was written to stderr, logs and warnings included.
    """

    how: How
    sentence: str
    seconds: float
    peak_bytes: int
    said: str = ""


class Cage:
    """A process that runs one piece of code after another on hostile bytes, started anew where it did not survive."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def run(self, target: str, data: bytes) -> Ending:
        """Ending of the piece of code named `target` (`caged.TARGETS`) on `data`."""
        process = self._process = self._process or _start()
        assert process.stdin
        assert process.stdout
        pickle.dump((target, data), process.stdin)
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], DEADLINE_S)
        if not ready:
            self.close()
            return Ending(How.HUNG, f"{target} had no answer", DEADLINE_S, 0)
        try:
            ending: Ending = pickle.load(process.stdout)  # noqa: S301 - our own process
        except EOFError:
            code = process.wait()
            self.close()
            return Ending(How.DIED, f"{target} ended the process with {code}", 0, 0)
        return ending


def _start() -> subprocess.Popen[bytes]:
    """The process, with the tests' builders and twins at hand."""
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent), str(here.parent.parent)])
    environment = os.environ | {
        "PYTHONPATH": paths,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-W", "always", str(here / "caged.py")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
