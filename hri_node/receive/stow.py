"""The body of a STOW-RS request comes in as it arrives; each part goes to the intake, one answer tells of all."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog
from pydicom import Dataset

from hri_node.errors import HriError, Refused, Unavailable, Unreadable
from hri_node.receive.hooks import SILENT, Parties, Witness
from hri_node.receive.intake import MIB, Incoming, Intake
from hri_node.receive.limits import Rates
from hri_node.receive.multipart import PART_MEDIA_TYPE, Multipart
from hri_node.receive.statuses import CANNOT_UNDERSTAND, status_of
from hri_node.receive.stow_answer import Failure, Reference, response_module
from hri_node.receive.stow_wanted import Wanted
from hri_node.records import Origin

STORED_ALL: Final = 200
STORED_SOME: Final = 202
MALFORMED: Final = 400
STORED_NONE: Final = 409
TOO_LARGE: Final = 413
BUSY: Final = 503
"""PS3.18 Table 10.5.3-1 and 8.5."""

PARTS_MAX: Final = 10_000
"""Instances of one request; its answer names them all, and is kept in memory."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Door:
    """Where the instances of every request go, who is told, and how many a second each sender may send."""

    intake: Intake
    witness: Witness = SILENT
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rates: Rates = field(default_factory=lambda: Rates(0.0))


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """HTTP status, and the module that explains it."""

    status: int
    module: Dataset


class Submission:
    """One store request (PS3.18 10.5), whose body is fed as it arrives. Every call may wait for the disk.

    Parameters
    ----------
    door
        Where instances go.
    origin
        Who handed them over.
    boundary
        Of the multipart body.
    study_instance_uid
        Study that the address names, None where it names none.

    Raises
    ------
    Unreadable
        When the boundary is none.
    """

    def __init__(self, door: Door, origin: Origin, boundary: str, study_instance_uid: str | None = None) -> None:
        self.instances = 0
        self.studies: dict[str, None] = {}
        self._door = door
        self._origin = origin
        self._study = study_instance_uid
        self._stored: list[Reference] = []
        self._failures: list[Failure] = []
        self._incoming: Incoming | None = None
        self._wanted = Wanted(study_instance_uid)
        self._part_bytes = 0
        self._verdict: int | None = None
        self._body = Multipart(boundary, self)

    @property
    def pause_s(self) -> float:
        """How long the sender has to wait before more of the body is read, in seconds; 0 or less: not at all."""
        return self._door.rates.pause_s(self._origin.calling)

    def feed(self, data: bytes) -> bool:
        """Whether to go on, after the next bytes of the body.

        Parameters
        ----------
        data
            However many.
        """
        try:
            self._body.feed(data)
        except Unreadable as error:
            self._give_up(str(error))
        except _Enough:
            pass
        return self._verdict is None

    def finish(self) -> StoreAnswer:
        """The answer; whatever it calls stored is safe."""
        if self._verdict is None:
            try:
                self._body.finish()
            except Unreadable as error:
                self._give_up(str(error))
        self.close()
        return StoreAnswer(self._status(), response_module(self._stored, self._failures))

    def close(self) -> None:
        """Leave nothing behind of an instance that is half here."""
        if self._incoming is not None:
            self._incoming.__exit__(None, None, None)
            self._incoming = None

    def tell_end(self) -> None:
        """Tell the witness that the request has ended, and what came of it."""
        parties = Parties(self._origin.calling, self._origin.called, self._origin.address)
        self._door.witness.ended(parties, list(self.studies), self.instances)

    def begin(self, media_type: str) -> None:
        """A part begins; `Multipart` calls this.

        Parameters
        ----------
        media_type
            What the part says it is.
        """
        self._wanted, self._part_bytes = Wanted(self._study), 0
        if len(self._stored) + len(self._failures) >= PARTS_MAX:
            self._stop(TOO_LARGE, f"the request has more than {PARTS_MAX} parts")
        if media_type != PART_MEDIA_TYPE:
            self._fail(Refused(f"a part is not of type {PART_MEDIA_TYPE}"))
            return
        with self._failing():
            self._door.rates.take(self._origin.calling)
            self._incoming = self._door.intake.begin(self._wanted)

    def write(self, data: memoryview) -> None:
        """More of the part; `Multipart` calls this.

        Parameters
        ----------
        data
            The next bytes.
        """
        if self._incoming is None:  # it failed before, or is none of ours
            return
        self._part_bytes += len(data)
        size_max_mib = self._door.intake.size_max_mib
        if self._part_bytes > size_max_mib * MIB:
            self._fail(Refused(f"instance is larger than {size_max_mib} MiB"))
            self._stop(TOO_LARGE, "the rest of the request is not read")
        with self._failing():
            self._incoming.write(data)

    def end(self) -> None:
        """The part is complete; `Multipart` calls this."""
        if self._incoming is None:
            return
        with self._failing():
            receipt = self._door.intake.finish(self._incoming, self._origin, self._door.clock())
            instance = receipt.instance
            self._stored.append(Reference(instance.sop_class_uid, instance.sop_instance_uid))
            self.studies[instance.study_instance_uid] = None
            self.instances += 1
            self._door.witness.received(receipt)
            skip = {"skip": receipt.skip} if receipt.skip else {}
            log.info("instance_received", addition=receipt.addition.value, **skip, **self._context())
        self._incoming = None

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """An error of ours is a failure of this part; where the world is at fault, the rest would fail as well."""
        try:
            yield
        except HriError as error:
            self._fail(error)
            if isinstance(error, Unavailable):
                self._stop(BUSY, str(error))

    def _fail(self, error: HriError) -> None:
        """Note that this part is not stored."""
        reason = self._wanted.reason or status_of(error)
        self._failures.append(Failure(self._wanted.reference, reason))
        log.warning("instance_refused", reason=str(error), status=f"0x{reason:04X}", **self._context())
        self.close()

    def _give_up(self, words: str) -> None:
        """Note that the body is none, or no longer."""
        self._wanted = Wanted(self._study)
        self._verdict = STORED_SOME if self._stored else MALFORMED
        self._failures.append(Failure(None, CANNOT_UNDERSTAND))
        log.warning("store_request_malformed", reason=words, address=self._origin.address)

    def _stop(self, status: int, words: str) -> None:
        """Read no more of this body."""
        self._verdict = status
        log.warning("store_request_stopped", reason=words, status=status, address=self._origin.address)
        raise _Enough

    def _context(self) -> dict[str, str]:
        """Which instance the log speaks of."""
        found = self._wanted.reference
        return {"sop_instance_uid": found.sop_instance_uid, "sop_class_uid": found.sop_class_uid} if found else {}

    def _status(self) -> int:
        if self._verdict is not None:
            return self._verdict
        if not self._failures:
            return STORED_ALL if self._stored else MALFORMED
        return STORED_SOME if self._stored else STORED_NONE


class _Enough(Exception):  # noqa: N818 - no error: a way out of the parser
    """The rest of the body is of no interest."""
