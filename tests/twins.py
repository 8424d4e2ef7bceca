"""In-memory twins of the ports: they keep what they are given, or fail as they are told."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hri_node.errors import HriError
from hri_node.ledger.states import Addition
from hri_node.records import Instance, Origin
from hri_node.spool import SpoolEntry

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORIGIN = Origin("SCANNER", "HRI_NODE", "127.0.0.1", "c-store")


@dataclass
class MemorySpool:
    """Bytes by key; raises `error` instead where there is one."""

    error: HriError | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, room: str, data: bytes, suffix: str) -> SpoolEntry:
        """Keep the bytes."""
        if self.error:
            raise self.error
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[f"{room}/{sha256}{suffix}"] = data
        return SpoolEntry(f"{room}/{sha256}{suffix}", len(data), sha256)


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
    """A peer that keeps what it is given; raises `error` instead where there is one."""

    name: str = "pacs"
    error: HriError | None = None
    stored: list[bytes] = field(default_factory=list)

    def store(self, data: bytes) -> None:
        """Keep the object."""
        self.echo()
        self.stored.append(data)

    def echo(self) -> None:
        """Answer, unless told to fail."""
        if self.error:
            raise self.error
