"""The supervisor: roles that die come back, a misconfigured one stops all, and nobody is left behind."""

import os
import sys
import threading
from collections.abc import Callable
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


def stop_when(is_enough: Callable[[], bool]) -> threading.Event:
    """An event that is set as soon as something is so."""

    def wait(seconds: float) -> bool:
        threading.Event().wait(seconds)
        return is_enough()

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


def test_the_first_role_ends_last(tmp_path: Path) -> None:
    """The others, told together, may need it until they are gone."""
    log = tmp_path / "ends"
    code = "import signal, time\n"
    code += "def end(*_): time.sleep({}); open({!r}, 'a').write('{} '); raise SystemExit\n"
    code += "signal.signal(signal.SIGTERM, end); open({!r}, 'w').close(); time.sleep(60)"
    marks = {name: tmp_path / name for name in ("broker", "slow", "quick")}
    pauses = {"broker": 0.0, "slow": 0.4, "quick": 0.0}
    commands = {
        name: [sys.executable, "-c", code.format(pauses[name], str(log), name, str(mark))]
        for name, mark in marks.items()
    }

    Supervisor(commands, os.environ).run(stop_when(lambda: all(mark.exists() for mark in marks.values())))

    assert log.read_text().split() == ["quick", "slow", "broker"]


def test_stopping_ends_every_role() -> None:
    """No process survives its supervisor."""
    supervisor = Supervisor({"one": SLEEPER, "two": SLEEPER}, os.environ)

    supervisor.run(stop_after(2))

    assert all(role.process and role.process.poll() is not None for role in supervisor.roles)
