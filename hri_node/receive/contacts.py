"""What the doors of the node see of peers comes in; the ledger learns it in the background, a few times a minute."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

import structlog

from hri_node.errors import Unavailable
from hri_node.ledger.contacts import News
from hri_node.receive.hooks import Parties, Witness
from hri_node.receive.intake import Receipt
from hri_node.records import AE_TITLE_LENGTH_MAX, is_self_test

WRITE_EVERY_S: Final = 2.0
PEERS_MAX: Final = 200
"""Peers that are remembered between two writes; the news of further ones is dropped."""

ADDRESS_LENGTH_MAX: Final = 64

log = structlog.get_logger()


class ContactLedger(Protocol):
    """What is needed of the ledger."""

    def note_contacts(self, news: Iterable[News], now: datetime) -> None:
        """Write down what happened."""


class ContactBook:
    """A witness that tells the ledger who called, stored and was turned away; whoever receives never waits for it.

    Parameters
    ----------
    ledger
        Is told.
    clock
        Present time.
    """

    def __init__(self, ledger: ContactLedger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._turn = threading.Lock()
        self._news: dict[tuple[str, str], News] = {}
        self._stop = threading.Event()
        self._writer = threading.Thread(target=self._write_forever, name="contacts", daemon=True)

    def start(self) -> None:
        """Begin to tell the ledger."""
        self._writer.start()

    def close(self) -> None:
        """Tell the ledger what is left, and end."""
        self._stop.set()
        if self._writer.is_alive():
            self._writer.join()
        self.write()

    def admitted(self, parties: Parties) -> None:
        """Somebody was let in."""
        self._add(parties.calling, parties.address, seen_at=self._clock())

    def rejected(self, parties: Parties, reason: str) -> None:
        """Somebody was turned away."""
        self._add(parties.calling, parties.address, rejected_at=self._clock(), rejections=1, rejection=reason)

    def received(self, receipt: Receipt) -> None:
        """Somebody stored an instance."""
        origin = receipt.instance.origin
        self._add(origin.calling, origin.address, seen_at=self._clock(), instance_at=self._clock())

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """Nothing that is not known."""

    def write(self) -> None:
        """Tell the ledger; what it cannot take now, it is told later."""
        with self._turn:
            news, self._news = self._news, {}
        if not news:
            return
        try:
            self._ledger.note_contacts(news.values(), self._clock())
        except Unavailable as error:
            log.warning("contacts_not_written", reason=str(error))
            with self._turn:
                self._news = {key: _sum(news.get(key), self._news.get(key)) for key in news | self._news}

    def _add(self, ae_title: str, address: str, **changes: object) -> None:
        if is_self_test(ae_title):  # the node itself, under a new name each time
            return
        key = ae_title[:AE_TITLE_LENGTH_MAX], address[:ADDRESS_LENGTH_MAX]
        with self._turn:
            known = self._news.get(key)
            if known is None and len(self._news) >= PEERS_MAX:
                return
            known = known or News(*key)
            changes["rejections"] = known.rejections + int(bool(changes.get("rejections")))
            self._news[key] = replace(known, **changes)  # type: ignore[arg-type]  # fields of News, by name

    def _write_forever(self) -> None:
        while not self._stop.wait(WRITE_EVERY_S):
            try:
                self.write()
            except Exception:
                log.exception("contacts_not_written")


def _sum(before: News | None, since: News | None) -> News:
    """Older and newer news of a peer as one."""
    if before is None or since is None:
        found = before or since
        assert found is not None, "one of both is there"
        return found
    return replace(
        since,
        seen_at=since.seen_at or before.seen_at,
        instance_at=since.instance_at or before.instance_at,
        rejected_at=since.rejected_at or before.rejected_at,
        rejections=before.rejections + since.rejections,
        rejection=since.rejection or before.rejection,
    )


class Together:
    """Several witnesses as one, told in their order.

    Parameters
    ----------
    witnesses
        All of them.
    """

    def __init__(self, *witnesses: Witness) -> None:
        self._witnesses = witnesses

    def admitted(self, parties: Parties) -> None:
        """An association was accepted."""
        for witness in self._witnesses:
            witness.admitted(parties)

    def rejected(self, parties: Parties, reason: str) -> None:
        """An association was not accepted."""
        for witness in self._witnesses:
            witness.rejected(parties, reason)

    def received(self, receipt: Receipt) -> None:
        """An instance is safe."""
        for witness in self._witnesses:
            witness.received(receipt)

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """An association (or request) ended."""
        for witness in self._witnesses:
            witness.ended(parties, study_instance_uids, instances)
