"""The supervisor: roles that die come back, a misconfigured one stops all, and nobody is left behind."""

import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from workers.supervisor import MISCONFIGURED_EXIT, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def stop_after(looks: int) -> threading.Event:
    """An event that is set at the n-th look, which waits as long as the supervisor asks."""
    seen = []

    def wait(seconds: float) -> bool:
        seen.append(seconds)
        threading.Event().wait(seconds)
        return len(seen) > looks

    return cast("threading.Event", SimpleNamespace(wait=wait))


def test_a_role_that_dies_is_started_again(tmp_path: Path) -> None:
    """It leaves a mark each time it starts."""
    log = tmp_path / "starts"
    command = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x'); raise SystemExit(1)"]

    code = Supervisor({"mortal": command}, os.environ).run(stop_after(12))

    assert code == 0
    assert len(log.read_text()) >= 2


def test_a_misconfigured_role_stops_all_with_its_code() -> None:
    """Starting it again would end the same way."""
    command = [sys.executable, "-c", f"raise SystemExit({MISCONFIGURED_EXIT})"]
    supervisor = Supervisor({"sleeper": SLEEPER, "wrong": command}, os.environ)

    assert supervisor.run(stop_after(100)) == MISCONFIGURED_EXIT
    assert supervisor.roles[0].process
    assert supervisor.roles[0].process.poll() is not None


def test_stopping_ends_every_role() -> None:
    """No process survives its supervisor."""
    supervisor = Supervisor({"one": SLEEPER, "two": SLEEPER}, os.environ)

    supervisor.run(stop_after(2))

    assert all(role.process and role.process.poll() is not None for role in supervisor.roles)
