"""A model folder comes in; its manifest, with every file proved by its SHA-256, goes out."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from hri_node.errors import Misconfigured
from hri_node.records import Algorithm

FILE_NAME = "manifest.toml"

NAMESPACE = UUID("2c1f0a54-8f3e-5f0b-bb7d-0a6b52f3f5a9")
"""Of Device UIDs. Drawn once; it stays, so that the same weights keep their Device UID."""

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself.

    Attributes
    ----------
    folder
        Where the files lie.
    runtime
        ``openvino`` or ``tensorflow``: what the files are for.
    algorithm
        Identity of the weights, the same in whatever form they are served.
    input_shape
        (rows, columns) of the pictures the network takes.
    classes
        Organs in the order of the output's channels.
    views
        Kinds of view in the order of the second output.
    """

    folder: Path
    runtime: str
    algorithm: Algorithm
    input_shape: tuple[int, int]
    classes: tuple[str, ...]
    views: tuple[str, ...]


def device_uid(sha256: str) -> str:
    """The Device UID of the weights with this hash: 2.25 and a version 5 UUID (PS3.5 B.2)."""
    return f"2.25.{uuid5(NAMESPACE, sha256).int}"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of `folder`, after every file it lists was found unchanged.

    Parameters
    ----------
    folder
        The model's folder.

    Returns
    -------
    Manifest
        What may be served.

    Raises
    ------
    Misconfigured
        The manifest or a file is missing, a hash differs, or a key is missing or wrong.
    """
    path = folder / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Misconfigured(f"model folder {folder} has no readable {FILE_NAME}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not TOML: {error}") from None
    try:
        manifest = _manifest(folder, values)
        listed = {str(name): str(sha256) for name, sha256 in values["files"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"{path} lacks or misstates {error}") from None
    for name, sha256 in listed.items():
        _prove(folder / name, sha256)
    return manifest


def _manifest(folder: Path, values: dict[str, Any]) -> Manifest:
    """The record that the manifest's keys fill."""
    sha256 = str(values["weights_sha256"])
    if values["device_uid"] != device_uid(sha256):
        raise ValueError("device_uid, which belongs to other weights")
    rows, columns = values["input_shape"]
    return Manifest(
        folder=folder,
        runtime=str(values["runtime"]),
        algorithm=Algorithm(str(values["name"]), str(values["version"]), str(values["device_uid"]), sha256),
        input_shape=(int(rows), int(columns)),
        classes=tuple(str(name) for name in values["classes"]),
        views=tuple(str(name) for name in values["views"]),
    )


def _prove(path: Path, sha256: str) -> None:
    """Nothing, or the sentence that says what is wrong with the file."""
    if not path.is_file():
        raise Misconfigured(f"model file {path} is missing")
    found = file_sha256(path)
    if found != sha256:
        raise Misconfigured(f"model file {path} has SHA-256 {found}, the manifest says {sha256}")
