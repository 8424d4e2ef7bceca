"""Tests of sending files and folders: what is found, what is negotiated, what is counted."""

from pathlib import Path
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from dimse import peer_at, running_pacs
from pydicom.uid import (
    AllTransferSyntaxes,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    UltrasoundImageStorage,
)
from pynetdicom import build_context, evt

from hri_node.errors import PeerUnavailable
from hri_node.receive.contexts import STORAGE_SOP_CLASSES
from hri_node.receive.part10 import part10 as file_around
from hri_node.receive.part10 import take_apart
from hri_node.send.files import FileOutcome, Tally, files_under, send_files


def _write(path: Path, **options: Any) -> Path:  # noqa: ANN401 - fields of Source
    """A small file at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(part10(ultrasound_instance(rows=32, columns=48, **options)))
    return path


def test_folders_are_walked_for_dicom_files(tmp_path: Path) -> None:
    """What is no DICOM is passed over in folders, but kept where it is named."""
    files = [_write(tmp_path / name) for name in ("a/1", "a/b/2.dcm", "c.dcm")]
    (tmp_path / "a" / "notes.txt").write_text("no DICOM")
    _write(tmp_path / "a" / "DICOMDIR")

    assert files_under([tmp_path / "a", tmp_path / "c.dcm", tmp_path / "a"]) == files
    assert files_under([tmp_path / "a" / "notes.txt"]) == [tmp_path / "a" / "notes.txt"]


def test_files_in_their_own_transfer_syntaxes_go_over_one_association(tmp_path: Path) -> None:
    """One context for each kind of file, no conversion."""
    syntaxes = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGLSLossless]
    files = [_write(tmp_path / str(n), transfer_syntax=uid) for n, uid in enumerate(syntaxes)]
    outcomes: list[FileOutcome] = []

    with running_pacs() as pacs:
        assert send_files(files, pacs.peer, outcomes.append) == Tally(3, 0)

    assert [outcome.path for outcome in outcomes if outcome.accepted] == files
    assert set(pacs.stored.values()) == {f.read_bytes()[take_apart(f.read_bytes()).offset :] for f in files}
    assert pacs.associations == 1


def test_more_than_128_contexts_take_several_associations(tmp_path: Path) -> None:
    """PS3.8 has room for 128 context IDs."""
    kinds = [(uid, syntax) for uid in STORAGE_SOP_CLASSES for syntax in AllTransferSyntaxes][:130]
    for number, (uid, syntax) in enumerate(kinds):
        (tmp_path / f"{number:03}").write_bytes(
            file_around(uid, f"1.2.{number}", syntax, b"\x08\x00\x16\x00UI\x00\x00")
        )

    with running_pacs() as pacs:
        assert send_files(files_under([tmp_path]), pacs.peer, lambda _outcome: None) == Tally(130, 0)

    assert pacs.associations == 2


def test_refused_files_are_counted_with_the_reason(tmp_path: Path) -> None:
    """One refusal does not stop the others."""
    files = [_write(tmp_path / "1"), _write(tmp_path / "2", transfer_syntax=JPEGLSLossless), tmp_path / "3"]
    files[2].write_text("no DICOM")
    outcomes: dict[str, str] = {}

    with running_pacs(contexts=[build_context(UltrasoundImageStorage)]) as pacs:
        tally = send_files(files, pacs.peer, lambda outcome: outcomes.update({outcome.path.name: outcome.words}))

    assert tally == Tally(1, 2)
    assert outcomes["1"] == ""
    assert "does not accept SOP class 1.2.840.10008.5.1.4.1.1.6.1 in transfer syntax" in outcomes["2"]
    assert outcomes["3"] == "3 is not a DICOM file"


def test_aborted_association_costs_one_file_only(tmp_path: Path) -> None:
    """A peer that cannot bear one file gets the others over a new association."""
    files = [_write(tmp_path / name, instance_uid=f"1.2.{name}") for name in ("1", "2", "3")]
    kept: list[str] = []

    def choke(event: evt.Event) -> int:
        if event.request.AffectedSOPInstanceUID == "1.2.2":
            event.assoc.abort()
        kept.append(event.request.AffectedSOPInstanceUID)
        return 0x0000

    with running_pacs(handlers=[(evt.EVT_C_STORE, choke)]) as pacs:
        assert send_files(files, pacs.peer, lambda _outcome: None) == Tally(2, 1)

    assert (kept, pacs.associations) == (["1.2.1", "1.2.2", "1.2.3"], 2)


def test_absent_peer_is_one_error(tmp_path: Path) -> None:
    """Not one complaint for each file."""
    with running_pacs() as pacs:
        port = pacs.port

    with pytest.raises(PeerUnavailable, match="does not answer"):
        send_files([_write(tmp_path / "1")], peer_at(port), lambda _outcome: None)


def test_nothing_to_send_opens_no_association() -> None:
    """An empty folder asks nothing of the peer."""
    assert send_files([], peer_at(1), lambda _outcome: None) == Tally(0, 0)
