"""A real PostgreSQL server comes in as a child process of the tests; databases of their own go out."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest
from running import eventually, free_port

from hri_node.ledger.ledger import open_ledger

PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian puts the programs, a folder for each version."""

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "60"}
"""Nobody will cut the power of a test; what is asked of each commit is looked at by a test of its own."""


class PostgresServer:
    """Debian's PostgreSQL on a free port, its files in a folder that is gone with it.

    It refuses to run as root: then it runs as the user that Debian made for it.
    """

    def __init__(self) -> None:
        found = sorted(PROGRAMS.glob("*/bin/postgres"))
        if not found:
            pytest.skip("postgresql is missing: as root, `make test` installs it")
        self._programs = found[-1].parent
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="hri-postgres-"))
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self.port = free_port()
        self._numbers = count(1)
        self._run(
            "initdb", "--username=hri", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale", "-D", "data"
        )
        self.start()
        open_ledger(self._fresh("template_ledger")).close()

    def _run(self, program: str, *arguments: str) -> None:
        """A program of PostgreSQL's, to its end."""
        self._start(program, *arguments).wait(60)

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        who = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        with (self._folder / "log").open("ab") as log:
            command = [str(self._programs / program), *arguments]
            return subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, **who)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [part for name, value in FAST.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", "data", "-p", str(self.port), "-k", str(self._folder), "-h", "127.0.0.1"]
        self.process = self._start("postgres", *where, *options)
        eventually(self._is_up, 30, "the start of PostgreSQL")

    def _is_up(self) -> bool:
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _address(self, database: str) -> str:
        return f"postgresql://hri@127.0.0.1:{self.port}/{database}"

    def _fresh(self, database: str, template: str = "template1") -> str:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')  # type: ignore[arg-type]
        return self._address(database).replace("postgresql:", "postgresql+psycopg:")

    def empty_url(self) -> str:
        """SQLAlchemy URL of a new database without tables."""
        return self._fresh(f"empty{next(self._numbers)}")

    def ledger_url(self) -> str:
        """SQLAlchemy URL of a new and empty ledger; faster than migrating each."""
        return self._fresh(f"ledger{next(self._numbers)}", "template_ledger")

    def stop(self) -> None:
        """Stop at once: every connection breaks."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def remove(self) -> None:
        """Stop, and remove its files."""
        self.stop()
        shutil.rmtree(self._folder)
