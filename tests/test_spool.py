"""The spool: what was written is there, whole, under a name of ours, or it is not there at all."""

import errno
import hashlib
from pathlib import Path

import pytest

from hri_node import spool as spool_module
from hri_node.errors import Misconfigured, SpoolFull, Unavailable
from hri_node.spool import INCOMING, Spool


def test_content_reads_back_under_a_name_made_of_its_hash(tmp_path: Path) -> None:
    """The key comes from the content alone, never from the peer."""
    entry = Spool(tmp_path).write("instances", b"bytes", ".dcm")

    sha256 = hashlib.sha256(b"bytes").hexdigest()
    assert entry.key == f"instances/{sha256[:2]}/{sha256}.dcm"
    assert Spool(tmp_path).read(entry.key) == b"bytes"


def test_writing_twice_leaves_one_file(tmp_path: Path) -> None:
    """A repetition has the same name."""
    spool = Spool(tmp_path)

    entries = {spool.write("instances", b"bytes", ".dcm") for _ in range(2)}

    assert len(entries) == 1
    assert len([path for path in tmp_path.rglob("*.dcm") if path.is_file()]) == 1


def test_file_and_folder_are_synced_before_the_name_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is on the disk before the rename, the rename before `write` returns."""
    order: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _descriptor: order.append("sync"))
    original = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, target: order.append("rename") or original(self, target))

    Spool(tmp_path).write("instances", b"bytes", ".dcm")

    assert order[:2] == ["sync", "rename"]
    assert order.count("sync") >= 3  # the file, its folder, and the folders that were made for it


def test_the_reserve_is_kept(tmp_path: Path) -> None:
    """A disk that would go below its reserve takes nothing more."""
    spool = Spool(tmp_path, reserve_bytes=2**62)

    with pytest.raises(SpoolFull, match="bytes free"):
        spool.write("instances", b"bytes", ".dcm")
    assert list(tmp_path.rglob("*.dcm")) == []


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, SpoolFull), (errno.EIO, Unavailable)])
def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A full disk and a broken one are told apart, and no half file stays."""
    spool = Spool(tmp_path)

    def fail(_descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(spool_module.os, "fsync", fail)

    with pytest.raises(expected):
        spool.write("instances", b"bytes", ".dcm")
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_half_written_files_of_a_crash_are_removed(tmp_path: Path) -> None:
    """What lies in the incoming folder at the start was never acknowledged."""
    spool = Spool(tmp_path)
    (tmp_path / INCOMING / "left").write_bytes(b"half")

    assert spool.sweep_incoming() == 1
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_a_missing_folder_is_misconfigured(tmp_path: Path) -> None:
    """The node does not make up a place for patient data."""
    with pytest.raises(Misconfigured, match="does not exist"):
        Spool(tmp_path / "absent")


def test_a_missing_file_is_a_fault_of_the_world(tmp_path: Path) -> None:
    """A disk that is away may come back."""
    with pytest.raises(Unavailable, match="cannot read"):
        Spool(tmp_path).read("instances/aa/absent.dcm")
