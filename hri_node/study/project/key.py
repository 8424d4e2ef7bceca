"""Who is who comes in and goes into a file apart from the study: without it and its secret there is no way back."""

import csv
import hashlib
import hmac
import io
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID

from hri_node.errors import Misconfigured, Unavailable
from hri_node.study.project.files import sync_folder

MODE: Final = 0o600
"""Nobody but its owner reads or writes the key."""

HEAD: Final = "# key of hri-node study {study_id}; secret {secret}; it says who is who: keep it apart from the study"

HEAD_WORDS: Final = 16
"""Words of that line."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """Who a subject is, and which image of theirs was chosen.

    `file` is where it was found; `unit` a hash of what makes the subject one, by which it is found again.
    """

    subject: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame_number: str
    study_date: str
    file: str
    unit: str


COLUMNS: Final = tuple(each.name for each in fields(KeyRow))


class Key:
    """The key of one study.

    Parameters
    ----------
    path
        Of its file.
    secret
        With which names, UIDs and pixels are hashed: without it nobody can try whether somebody is in the study.
    """

    def __init__(self, path: Path, secret: bytes) -> None:
        self.path = path
        self._secret = secret

    def hashed(self, kind: str, *parts: str) -> str:
        """What stands in the study for something that may not stand there, 64 characters.

        Parameters
        ----------
        kind
            Of thing; the same words of another kind are another thing.
        parts
            The thing.
        """
        message = "\0".join((kind, *parts)).encode(errors="surrogateescape")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def new_uid(self, uid: str) -> str:
        """UID in the place of another one: 2.25 and a UUID (PS3.5 B.2), the same for the same."""
        digest = bytes.fromhex(self.hashed("uid", uid))
        return f"2.25.{UUID(bytes=digest[:16], version=4).int}"

    def rows(self) -> list[KeyRow]:
        """Who is who, in the order in which they came; a line that was not written to its end is none."""
        text = _whole_lines(self._read())
        lines = csv.reader(io.StringIO("".join(text.splitlines(keepends=True)[2:])))
        rows = [KeyRow(*line) for line in lines if len(line) == len(COLUMNS)]
        return list({row.subject: row for row in rows}.values())

    def add(self, row: KeyRow) -> None:
        """Write down who a subject is, on the disk when this returns; the last of several lines counts.

        Raises
        ------
        Unavailable
            When the disk is full or fails.
        """
        try:
            whole = len(_whole_lines(self._read()).encode())
            with self.path.open("r+b") as file:
                file.truncate(whole)
                file.seek(whole)
                file.write(_line(astuple(row)).encode(errors="replace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"key {self.path} cannot be written: {error.strerror}") from error

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise Unavailable(f"key {self.path} cannot be read: {error}") from error


def create_key(path: Path, study_id: str) -> Key:
    """A new key, which only its owner can read.

    Raises
    ------
    Misconfigured
        When there is a file of that name, or the folder cannot be written.
    """
    secret = secrets.token_bytes(32)
    text = HEAD.format(study_id=study_id, secret=secret.hex()) + "\n" + _line(COLUMNS)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except FileExistsError:
        raise Misconfigured(f"key {path} exists already") from None
    except OSError as error:
        raise Misconfigured(f"key {path} cannot be written: {error.strerror}") from error
    return Key(path, secret)


def open_key(path: Path, study_id: str) -> Key:
    """The key of a study.

    Raises
    ------
    Misconfigured
        When it is not there, open to others, or the key of another study.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            head = file.readline(1000).split()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"key {path} cannot be read: {error}; name it by --key") from error
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(f"key {path} can be read by others: chmod 600 {path}")
    secret = next(_hex_after(head, "secret"), b"")
    if study_id not in {word.strip(";") for word in head} or not secret:
        raise Misconfigured(f"{path} is not the key of this study")
    return Key(path, secret)


def _hex_after(words: list[str], name: str) -> Iterator[bytes]:
    """The bytes after a word of the first line."""
    for before, word in pairwise(words):
        if before == name:
            try:
                yield bytes.fromhex(word.strip(";"))
            except ValueError:
                return


def _whole_lines(text: str) -> str:
    """The text up to the end of its last whole line."""
    return text[: text.rfind("\n") + 1]


def _line(cells: tuple[str, ...]) -> str:
    """A line of CSV; what would break it, or be no text, is a space."""
    buffer = io.StringIO()
    plain = ["".join(sign if sign.isprintable() else " " for sign in cell) for cell in cells]
    csv.writer(buffer, lineterminator="\n").writerow(plain)
    return buffer.getvalue()
