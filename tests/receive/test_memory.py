"""Tests of the listener's memory, in a process of its own."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from dimse import (
    ACCEPT,
    answer_of,
    association_request,
    bare_connection,
    data_pdu,
    data_set,
    response_of,
    store_command,
)
from running import running_listener

CINE_MIB = 300
RSS_MAX_MIB = 200
PART = bytes(range(256)) * 512
"""131,072 bytes of pixels."""


def _peak_mib(process: subprocess.Popen[bytes]) -> float:
    """Most memory that a process had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


@pytest.mark.slow
def test_long_cine_is_received_in_little_memory(tmp_path: Path) -> None:
    """300 MiB go through a process of at most 200 MiB, and lie in the spool as they were sent."""
    encoded = part10(ultrasound_instance(rows=32, columns=48))
    header = data_set(encoded)[: -32 * 48 - 12]
    count = CINE_MIB * 1024 * 1024 // len(PART)
    pixels = b"\xe0\x7f\x10\x00OB\0\0" + (count * len(PART)).to_bytes(4, "little")

    with running_listener(tmp_path) as (port, process), bare_connection(port) as connection:
        connection.settimeout(60)
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 3) + data_pdu(header + pixels, 0))
        for number in range(count):
            connection.sendall(data_pdu(PART, 2 if number == count - 1 else 0))
        assert response_of(connection).Status == 0
        assert _peak_mib(process) < RSS_MAX_MIB

    (file,) = (tmp_path / "spool" / "instances").rglob("*.dcm")
    assert file.stat().st_size > CINE_MIB * 1024 * 1024
    assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
