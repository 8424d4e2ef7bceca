"""Same input, network and parameters, same bytes: on any host, in any time zone, at any time, in any order."""

import json
import os
import subprocess
import sys
from pathlib import Path

import made_elsewhere
import pytest

CHILD = Path(made_elsewhere.__file__)
ROOT = CHILD.parents[1]

PLACES = {
    "furthest east": ({"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"}, ()),
    "half an hour west": ({"TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "ja_JP.eucJP", "PYTHONHASHSEED": "2"}, ()),
    "another century": ({"TZ": "UTC", "PYTHONHASHSEED": "3"}, ("later",)),
    "another order": ({"PYTHONHASHSEED": "4", "OMP_NUM_THREADS": "7", "OPENBLAS_NUM_THREADS": "3"}, ("reversed",)),
    "at the same time": ({"PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "1"}, ("threads",)),
    "without assertions": ({"PYTHONOPTIMIZE": "2", "PYTHONUTF8": "0", "PYTHONDONTWRITEBYTECODE": "1"}, ("zlib",)),
}
"""Environment, and what `made_elsewhere` does otherwise."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of all objects, made in this process."""
    return made_elsewhere.digests(tmp_path_factory.mktemp("here") / "sources")


@pytest.mark.parametrize("place", PLACES)
def test_same_bytes_elsewhere(here: dict[str, str], tmp_path: Path, place: str) -> None:
    """Other time zone, locale, hash seed, day, host name, order, folder, umask, home and threads: the same bytes."""
    environment, ways = PLACES[place]
    home = tmp_path / "home"
    home.mkdir()
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home), "USER": "somebody else"}

    command = [sys.executable, CHILD, tmp_path / "sources", *ways]
    ran = subprocess.run(
        command, env=surroundings | environment, cwd=home, umask=0o077, capture_output=True, text=True, check=True
    )

    assert json.loads(ran.stdout) == here


def test_every_kind_of_object_is_compared(here: dict[str, str]) -> None:
    """What is compared holds every kind of object there is."""
    assert {name.split()[2] for name in here} >= {"sr", "seg", "sc", "pr", "pdf"}


def test_clock_is_put_ahead() -> None:
    """The clock of the other century is ahead for those who ask it: pydicom's and highdicom's way of asking."""
    ask = (
        "import made_elsewhere; made_elsewhere.put_clock_ahead();"
        "import datetime, time; from datetime import date;"
        "print(datetime.datetime.now().year, date.today().year, time.localtime().tm_year, time.strftime('%Y'))"
    )
    environment = os.environ | {"PYTHONPATH": str(CHILD.parent)}

    ran = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)

    assert all(int(year) > 2100 for year in ran.stdout.split())
