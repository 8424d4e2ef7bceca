"""The manifest: proof that the files served are the files that were exported."""

from pathlib import Path

import pytest

from hri_node.errors import Misconfigured
from hri_node.segment.manifest import FILE_NAME, device_uid, file_sha256, read_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with one file of weights and a manifest that fits it."""
    weights = tmp_path / "icnet.bin"
    weights.write_bytes(b"weights")
    sha256 = file_sha256(weights)
    (tmp_path / FILE_NAME).write_text(
        f'name = "icnet"\nversion = "0.0.1"\nruntime = "openvino"\ndevice_uid = "{device_uid(sha256)}"\n'
        f'weights_sha256 = "{sha256}"\ninput_shape = [256, 320]\nclasses = ["liver", "kidney"]\n'
        f'views = ["hepatorenal", "other"]\n[files]\n"icnet.bin" = "{sha256}"\n'
    )
    return tmp_path


def test_unchanged_files_pass(folder: Path) -> None:
    """Name, version and Device UID come from the manifest."""
    manifest = read_manifest(folder)

    assert (manifest.algorithm.name, manifest.algorithm.version) == ("icnet", "0.0.1")
    assert (manifest.runtime, manifest.input_shape) == ("openvino", (256, 320))
    assert (manifest.classes, manifest.views) == (("liver", "kidney"), ("hepatorenal", "other"))
    assert manifest.algorithm.device_uid == device_uid(manifest.algorithm.sha256)


def test_device_uid_is_a_dicom_uid() -> None:
    """2.25 and an integer, at most 64 characters, the same for the same weights."""
    uid = device_uid("ab" * 32)

    assert uid == device_uid("ab" * 32) != device_uid("cd" * 32)
    assert uid.startswith("2.25.")
    assert len(uid) <= 64


def test_changed_weights_are_refused(folder: Path) -> None:
    """One byte more, and the node does not start."""
    (folder / "icnet.bin").write_bytes(b"weights!")

    with pytest.raises(Misconfigured, match=r"icnet\.bin has SHA-256"):
        read_manifest(folder)


def test_missing_weights_are_refused(folder: Path) -> None:
    """The sentence names the file."""
    (folder / "icnet.bin").unlink()

    with pytest.raises(Misconfigured, match=r"icnet\.bin is missing"):
        read_manifest(folder)


def test_missing_manifest_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder."""
    with pytest.raises(Misconfigured, match="has no readable manifest"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "icnet"', "", "lacks or misstates 'name'"),
        ("[256, 320]", "[256]", "lacks or misstates"),
        ('views = ["hepatorenal", "other"]', "", "lacks or misstates 'views'"),
        ('device_uid = "2.25.', 'device_uid = "2.25.9', "belongs to other weights"),
        ("[files]", "files", "is not TOML"),
    ],
)
def test_wrong_manifest_is_refused(folder: Path, old: str, new: str, sentence: str) -> None:
    """A key that is missing or wrong ends in one sentence."""
    path = folder / FILE_NAME
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(Misconfigured, match=sentence):
        read_manifest(folder)
