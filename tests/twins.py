"""In-memory twins of the ports: they keep what they are given, or fail as they are told."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from hri_node.errors import HriError
from hri_node.ledger.states import Addition
from hri_node.records import Instance, Origin
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.spool import SpoolEntry

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORIGIN = Origin("SCANNER", "HRI_NODE", "127.0.0.1", "c-store")


@dataclass
class MemorySpool:
    """Bytes by key; raises `error` instead where there is one."""

    error: HriError | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> "MemoryFile":
        """Begin a file, unless told to fail."""
        if self.error:
            raise self.error
        return MemoryFile(self)

    def write(self, room: str, data: bytes, suffix: str) -> SpoolEntry:
        """Keep the bytes."""
        if self.error:
            raise self.error
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[f"{room}/{sha256}{suffix}"] = data
        return SpoolEntry(f"{room}/{sha256}{suffix}", len(data), sha256)


@dataclass
class MemoryFile:
    """A file of a spool in memory; it is nothing before it is kept."""

    spool: MemorySpool
    data: bytearray = field(default_factory=bytearray)
    is_discarded: bool = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append."""
        self.data += data

    def keep(self, room: str, suffix: str) -> SpoolEntry:
        """Keep the bytes."""
        return self.spool.write(room, bytes(self.data), suffix)

    def discard(self) -> None:
        """Note that nobody wants it any more."""
        self.is_discarded = True


@dataclass
class MemoryLedger:
    """Instances by UID, and the ones that came again; raises `error` instead where there is one."""

    error: HriError | None = None
    rows: dict[str, Instance] = field(default_factory=dict)
    skips: dict[str, str | None] = field(default_factory=dict)
    conflicts: list[Instance] = field(default_factory=list)

    def add_instance(self, instance: Instance, skip: str | None, quiet_s: float) -> Addition:  # noqa: ARG002 - the port's
        """Keep the first of each UID."""
        if self.error:
            raise self.error
        first = self.rows.setdefault(instance.sop_instance_uid, instance)
        self.skips.setdefault(instance.sop_instance_uid, skip)
        if first is instance:
            return Addition.NEW
        if first.sha256 == instance.sha256:
            return Addition.SAME
        self.conflicts.append(instance)
        return Addition.CONFLICT


@dataclass
class MemoryDestination:
    """A peer that keeps what it is given; raises `error` instead where there is one.

    `how` says how it proves what it has; `commitments` are the transaction UIDs it was asked for; it answers `pending`
    once for each of the first so many requests, and has lost what is in `lost`.
    """

    name: str = "pacs"
    error: HriError | None = None
    stored: list[bytes] = field(default_factory=list)
    how: str = "verified"
    pending: int = 0
    commitments: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    exchanges: int = 0

    @contextmanager
    def exchange(self, sop_classes: Sequence[tuple[str, str]]) -> Iterator[Self]:  # noqa: ARG002 - the port's
        """Itself, unless told to fail."""
        self.echo()
        self.exchanges += 1
        yield self

    def store(self, path: Path) -> None:
        """Keep the object."""
        self.echo()
        self.stored.append(path.read_bytes())

    def prove(self, sent: Sequence[Sent], transaction_uid: str, *, overdue: bool) -> Proof:  # noqa: ARG002 - the port's
        """Everything is here but what is `lost`; later, while there is something `pending`."""
        self.echo()
        self.commitments.append(transaction_uid)
        uids = [each.sop_instance_uid for each in sent]
        if self.pending:
            self.pending -= 1
            return Proof(dict.fromkeys(uids, Holding.PENDING), "committed")
        if self.how == "delivered":
            return Proof(dict.fromkeys(uids, Holding.UNKNOWN), self.how)
        return Proof({uid: Holding.ABSENT if uid in self.lost else Holding.PRESENT for uid in uids}, self.how)

    def echo(self) -> None:
        """Answer, unless told to fail."""
        if self.error:
            raise self.error
