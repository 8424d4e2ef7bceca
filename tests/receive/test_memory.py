"""Tests of the listener's memory, in a process of its own."""

import hashlib
import re
from pathlib import Path

import pytest
from dimse import send_cine
from running import running_listener

CINE_MIB = 300
RSS_MAX_MIB = 200


@pytest.mark.slow
def test_long_cine_is_received_in_little_memory(tmp_path: Path) -> None:
    """300 MiB go through a process of at most 200 MiB, and lie in the spool as they were sent."""
    with running_listener(tmp_path) as (port, process):
        assert send_cine(port, CINE_MIB) == 0
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())

    assert peak
    assert int(peak[1]) / 1024 < RSS_MAX_MIB
    (file,) = (tmp_path / "spool" / "instances").rglob("*.dcm")
    assert file.stat().st_size > CINE_MIB * 1024 * 1024
    assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
