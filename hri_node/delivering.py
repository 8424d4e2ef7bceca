"""A batch of objects and a destination come in; what became of each, and when it is tried again, goes out."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydicom import dcmread

from hri_node.audit.parties import Transfer
from hri_node.errors import PeerRefused, PeerUnavailable, Refused, Unavailable
from hri_node.ledger.deliveries import Attempt, Owed
from hri_node.ledger.states import DeliveryState
from hri_node.send.destination import Destination, Exchange, Holding, Proof, Sent

SETTLING: Final = timedelta(seconds=30)
"""A PACS that just said to have an object may take so long to find it: until then it is asked again, not sent again."""

STATES: Final = {
    "committed": DeliveryState.COMMITTED,
    "verified": DeliveryState.VERIFIED,
    "delivered": DeliveryState.DELIVERED,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How a delivery is repeated: pauses go from `first_s` to `max_s`; a commitment is awaited for `commitment_s`.

    After `batch_s` no further object of a batch is begun: whoever holds it must end before its lease does. `answer_s`
    is the longest wait for a peer's answer.
    """

    first_s: float
    max_s: float
    commitment_s: float
    batch_s: float
    answer_s: float = 30.0

    def pause_after(self, age: timedelta) -> timedelta:
        """Pause of something that is tried in vain since so long: as long again, within the same limits."""
        return timedelta(seconds=min(self.max_s, max(self.first_s, age.total_seconds())))

    def pause(self, attempts: int) -> timedelta:
        """Pause after so many failed attempts."""
        return backoff(attempts, self.first_s, self.max_s)


def backoff(attempts: int, first_s: float, max_s: float) -> timedelta:
    """Pause after so many failed attempts: it doubles from `first_s` up to `max_s`."""
    return timedelta(seconds=min(max_s, first_s * 2.0 ** min(max(attempts, 1) - 1, 60)))


class Batch:
    """Objects on their way to one destination, and what is known of each so far.

    Parameters
    ----------
    owed
        The objects, at least one, all for the same destination.
    file
        Spool key to file; raises Unavailable where it is not there.
    patience
        When to try again.
    clock
        Present time.
    """

    def __init__(
        self, owed: Sequence[Owed], file: Callable[[str], Path], patience: Patience, clock: Callable[[], datetime]
    ) -> None:
        self.destination = owed[0].destination
        self.attempts: dict[int, Attempt] = {}
        self.is_answered = False
        self.outage = ""
        self._owed = owed
        self._patience = patience
        self._clock = clock
        self._began_at = clock()
        self._asked: dict[int, str] = {}
        self._stored_at = {each.delivery_id: each.stored_at for each in owed}
        self._paths: dict[int, Path] = {}
        for each in owed:
            try:
                self._paths[each.delivery_id] = file(each.spool_key)
            except Unavailable as error:
                self._give_up([each], error)

    def bring(self, find: Callable[[str], Destination], prepare: Callable[[Sequence[int], str], None]) -> None:
        """Store what is not stored, then prove what is; every fate is in `attempts` afterwards.

        Parameters
        ----------
        find
            Name to destination; raises PeerRefused where there is none.
        prepare
            Writes down that the commitment of these deliveries is about to be asked for under this transaction UID.
        """
        try:
            classes = {(each.sop_class_uid, _transfer_syntax(self._path(each))) for each in self._to_store}
            with find(self.destination).exchange(sorted(classes)) as exchange:
                self.is_answered = True
                self._store(exchange)
                self._prove(exchange, prepare)
        except PeerUnavailable as error:
            if self.is_answered:
                self._give_up(self._open, error)
            else:  # whoever is not there is left alone as a whole: each object is due when that is over
                self.outage = str(error)
                self._postpone(self._open, self._clock(), self.outage)
        except PeerRefused as error:
            self._give_up(self._open, error)

    def intended(self) -> Iterator[Transfer]:
        """What is to be stored, study by study, as the audit trail tells it beforehand."""
        for study, patient in dict.fromkeys((each.study_instance_uid, each.patient_id) for each in self._to_store):
            mine = [each for each in self._to_store if each.study_instance_uid == study]
            yield Transfer(study, Counter(each.sop_class_uid for each in mine), patient)

    def transfers(self) -> Iterator[tuple[Transfer, str]]:
        """What left in this batch, and what did not and why, study by study, as the audit trail tells it."""
        for study, patient in dict.fromkeys((each.study_instance_uid, each.patient_id) for each in self._owed):
            mine = [each for each in self._owed if each.study_instance_uid == study and each.stored_at is None]
            left = [each for each in mine if self._stored_at[each.delivery_id]]
            kept = [each for each in mine if each not in left]
            if left:
                yield Transfer(study, Counter(each.sop_class_uid for each in left), patient), ""
            if kept:
                trouble = self.attempts[kept[0].delivery_id].detail
                yield Transfer(study, Counter(each.sop_class_uid for each in kept), patient), trouble

    @property
    def _open(self) -> list[Owed]:
        """What nothing is decided about yet."""
        return [each for each in self._owed if each.delivery_id not in self.attempts]

    @property
    def _to_store(self) -> list[Owed]:
        """What the destination does not have yet."""
        return [each for each in self._open if self._stored_at[each.delivery_id] is None]

    def _path(self, each: Owed) -> Path:
        return self._paths[each.delivery_id]

    def _store(self, exchange: Exchange) -> None:
        for each in self._to_store:
            if self._clock() - self._began_at > timedelta(seconds=self._patience.batch_s):
                self._postpone([each], self._clock(), "")
                continue
            try:
                exchange.store(self._path(each))
            except Refused as error:
                self._give_up([each], error)
            except PeerUnavailable as error:
                self._give_up([each], error)
                self._postpone(self._to_store, self._clock(), str(error))  # it may be this one's fault alone
                return
            else:
                self._stored_at[each.delivery_id] = self._clock()

    def _prove(self, exchange: Exchange, prepare: Callable[[Sequence[int], str], None]) -> None:
        """Ask for what was just stored, and for what is stored since long and was asked for in vain."""
        for is_overdue in (False, True):
            some = [each for each in self._open if bool(each.stored_at and each.transaction_uid) == is_overdue]
            if some:
                ids = [each.delivery_id for each in some]
                transaction_uid = f"2.25.{uuid.uuid4().int}"
                prepare(ids, transaction_uid)
                self._asked |= dict.fromkeys(ids, transaction_uid)
                sent = [_sent(each, self._path(each)) for each in some]
                proof = exchange.prove(sent, transaction_uid, overdue=is_overdue)
                for each in some:
                    self._conclude(each, proof)

    def _conclude(self, each: Owed, proof: Proof) -> None:
        """What the destination's answer means for one object."""
        now = self._clock()
        holding = proof.holdings.get(each.sop_instance_uid, Holding.ABSENT)
        is_fresh = now - (self._stored_at[each.delivery_id] or now) < SETTLING
        if holding is Holding.PENDING:
            again_at = now + timedelta(seconds=self._patience.commitment_s)
            self._postpone([each], again_at, "stored; its storage commitment is awaited")
        elif holding is Holding.ABSENT and is_fresh:
            self._postpone([each], now + self._patience.pause(1), "stored, but not found there yet")
        elif holding is Holding.ABSENT:
            self._stored_at[each.delivery_id] = None
            words = "the destination said to have it and does not: it is sent again"
            self._postpone([each], now + self._patience.pause(each.attempts), words)
        else:
            self._end(each, STATES[proof.how])

    def _give_up(self, some: Sequence[Owed], error: Refused | Unavailable) -> None:
        """A refusal waits for a person, an outage for its time."""
        for each in some:
            if isinstance(error, Refused):
                self._end(each, DeliveryState.REFUSED, str(error))
            else:
                self._postpone([each], self._clock() + self._patience.pause(each.attempts), str(error))

    def _end(self, each: Owed, state: DeliveryState, words: str = "") -> None:
        self.attempts[each.delivery_id] = self._attempt(each, state, words, None)

    def _postpone(self, some: Sequence[Owed], again_at: datetime, words: str) -> None:
        for each in some:
            self.attempts[each.delivery_id] = self._attempt(each, DeliveryState.WAITING, words, again_at)

    def _attempt(self, each: Owed, state: DeliveryState, words: str, again_at: datetime | None) -> Attempt:
        asked = self._asked.get(each.delivery_id, "")
        return Attempt(self._began_at, self._clock(), state, words, again_at, self._stored_at[each.delivery_id], asked)


def _transfer_syntax(path: Path) -> str:
    return str(dcmread(path, specific_tags=[], stop_before_pixels=True).file_meta.TransferSyntaxUID)


def _sent(each: Owed, path: Path) -> Sent:
    """Identity of an object that was stored, as a query wants it."""
    header = dcmread(path, specific_tags=["StudyInstanceUID", "SeriesInstanceUID"], stop_before_pixels=True)
    return Sent(each.sop_class_uid, each.sop_instance_uid, str(header.StudyInstanceUID), str(header.SeriesInstanceUID))
