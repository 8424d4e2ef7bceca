"""A cine of 500 MB comes in by STOW-RS, and the web role keeps none of it in memory."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from builders import part10, ultrasound_instance
from running import eventually, free_port

CINE_BYTES = 500 * 1024 * 1024
MEMORY_MAX_KIB = 200 * 1024

CONFIG = """
data_dir = "{folder}"
spool_reserve_mib = 1
[web]
host = "127.0.0.1"
port = {port}
allowed_addresses = ["127.0.0.1"]
"""


class Cine:
    """Body of a store request with one long instance, made while it is sent."""

    def __init__(self) -> None:
        file = part10(ultrasound_instance(rows=16, columns=16))
        header = file[: file.rindex(struct.pack("<HH", 0x7FE0, 0x0010))]
        pixels = struct.pack("<HH2s2xL", 0x7FE0, 0x0010, b"OW", CINE_BYTES)
        self.before = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + header + pixels
        self.after = b"\r\n--b--"

    def __len__(self) -> int:
        return len(self.before) + CINE_BYTES + len(self.after)

    def __iter__(self) -> Iterator[bytes]:
        yield self.before
        block = os.urandom(1024 * 1024)
        for _ in range(CINE_BYTES // len(block)):
            yield block
        yield self.after


def is_alive(url: str) -> bool:
    """Whether the web role answers."""
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def peak_kib(pid: int) -> int:
    """Most memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.fixture
def role(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of `hri-node web`, in a process of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = tmp_path / "hri-node.toml"
    config.write_text(CONFIG.format(folder=tmp_path, port=port))
    process = subprocess.Popen([sys.executable, "-m", "hri_node", "web", "--config", str(config)])
    eventually(lambda: is_alive(url), 60, "the start of the web role")
    yield url, process.pid
    process.terminate()
    process.wait(30)
    for file in (tmp_path / "spool").rglob("*.dcm"):
        file.unlink()  # pytest keeps the folders of three runs


def test_a_long_cine_needs_little_memory(role: tuple[str, int]) -> None:
    """Its bytes go to the disk as they come."""
    url, pid = role
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}

    answer = requests.post(f"{url}/dicom-web/studies", data=Cine(), headers=headers, timeout=120)

    assert answer.status_code == 200
    assert peak_kib(pid) < MEMORY_MAX_KIB
