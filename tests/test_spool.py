"""The spool: what was written is there, whole, under a name of ours, or it is not there at all."""

import errno
import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hri_node import spool_file
from hri_node.errors import Misconfigured, SpoolFull, Unavailable
from hri_node.spool import INCOMING, Spool

NOW = datetime.now(UTC)
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


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


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the spool asks of the file system, in its order."""
    asked: list[str] = []
    monkeypatch.setattr(
        "os.fsync", lambda descriptor: asked.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
    )
    for name in ("hardlink_to", "rename", "unlink"):
        original = getattr(Path, name)
        monkeypatch.setattr(Path, name, lambda *a, n=name, f=original, **k: (asked.append(n), f(*a, **k))[1])
    return asked


def test_file_and_its_folder_are_synced_before_write_returns(tmp_path: Path, order: list[str]) -> None:
    """Content, then the folder with its name; and once the folders that were made for it."""
    Spool(tmp_path).write("instances", b"bytes", ".dcm")

    assert order[:5] == ["folder", "folder", "hardlink_to", "unlink", "file"]
    assert order[5] == "folder"


def test_a_file_that_is_there_is_only_replaced_by_one_on_the_disk(tmp_path: Path, order: list[str]) -> None:
    """It may have been acknowledged: a power cut must find the old content or the new, never half of it."""
    spool = Spool(tmp_path)
    spool.write("instances", b"bytes", ".dcm")
    order.clear()

    spool.write("instances", b"bytes", ".dcm")

    assert order[:4] == ["hardlink_to", "file", "rename", "folder"]


def test_the_reserve_is_kept_while_a_file_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long file does not eat what was to stay free."""
    spool = Spool(tmp_path, reserve_bytes=1000)
    free = iter([3 * 2**20, 2 * 2**20, 2**20])
    monkeypatch.setattr("os.fstatvfs", lambda _descriptor: os.statvfs_result((1, 1, 0, 0, next(free), 0, 0, 0, 0, 255)))

    with spool.begin() as file:
        file.write(bytes(500))
        file.write(bytes(2**20))
        with pytest.raises(SpoolFull, match="bytes free"):
            file.write(bytes(2**20))

    assert list((tmp_path / INCOMING).iterdir()) == []


def test_a_file_that_is_not_kept_is_gone(tmp_path: Path) -> None:
    """Half an instance leaves nothing behind."""
    with Spool(tmp_path).begin() as file:
        file.write(b"half")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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

    monkeypatch.setattr(spool_file.os, "fsync", fail)

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


def test_an_old_file_is_removed(tmp_path: Path) -> None:
    """Its bytes are told; a second time there is nothing to remove."""
    spool = Spool(tmp_path)
    key = spool.write("masks", b"12345", ".png").key

    assert [spool.remove(key, LATER), spool.remove(key, LATER)] == [5, 0]
    assert not spool.path(key).exists()
    assert list((spool.root / INCOMING).iterdir()) == []


def test_a_file_that_was_just_written_stays(tmp_path: Path) -> None:
    """Whoever wrote it may be about to say so in the ledger."""
    spool = Spool(tmp_path)
    key = spool.write("masks", b"12345", ".png").key

    assert spool.remove(key, EARLIER) == 0
    assert spool.read(key) == b"12345"


def test_a_file_that_is_written_again_while_it_is_removed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once more when nobody can reach it, and put back."""
    spool = Spool(tmp_path)
    key = spool.write("masks", b"12345", ".png").key
    answers = iter([True, False, False])
    monkeypatch.setattr("hri_node.spool._is_older", lambda *_: next(answers))

    assert spool.remove(key, LATER) == 0
    assert spool.read(key) == b"12345"
    assert list((spool.root / INCOMING).iterdir()) == []


def test_old_files_of_a_room_and_old_leftovers_are_found(tmp_path: Path) -> None:
    """What is younger is left alone."""
    spool = Spool(tmp_path)
    key = spool.write("masks", b"12345", ".png").key
    (spool.root / INCOMING / "half").touch()

    assert [list(spool.keys(room, LATER)) for room in ("masks", "no such room")] == [[key], []]
    assert list(spool.keys("masks", EARLIER)) == []
    assert [spool.sweep_incoming(EARLIER), spool.sweep_incoming(LATER)] == [0, 1]
