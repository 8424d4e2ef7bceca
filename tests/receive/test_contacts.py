"""Tests of `hri_node.receive.contacts`: the ledger learns who called, and nobody who receives waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ledger_rows import an_instance

from hri_node.errors import Unavailable
from hri_node.ledger.contacts import News
from hri_node.ledger.states import Addition
from hri_node.receive import contacts
from hri_node.receive.contacts import ContactBook, Together
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import Receipt

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
SCANNER = Parties("US1", "HRI_NODE", "10.0.0.5")


@dataclass
class MemoryLedger:
    """News as they were told; fails as often as it is told to."""

    told: list[News] = field(default_factory=list)
    outages: int = 0

    def note_contacts(self, news: Iterable[News], now: datetime) -> None:
        """Keep them, unless told to fail."""
        assert now == NOW
        if self.outages:
            self.outages -= 1
            raise Unavailable("the ledger does not answer")
        self.told += news


def test_news_of_a_peer_is_told_once() -> None:
    """Two rejections and an association are one piece of news."""
    ledger = MemoryLedger()
    book = ContactBook(ledger, lambda: NOW)
    book.rejected(SCANNER, "not in the list")
    book.rejected(SCANNER, "still not in the list")
    book.admitted(SCANNER)

    book.write()
    book.write()

    assert ledger.told == [News("US1", "10.0.0.5", NOW, None, NOW, 2, "still not in the list")]


def test_an_instance_is_a_contact() -> None:
    """By the calling AE title and address that its row has."""
    ledger = MemoryLedger()
    book = ContactBook(ledger, lambda: NOW)

    book.received(Receipt(an_instance(), Addition.NEW, None))
    book.write()

    assert ledger.told == [News("SCANNER", "127.0.0.1", NOW, NOW)]


def test_a_self_test_is_no_contact() -> None:
    """It is the node itself, under a new name each time."""
    ledger = MemoryLedger()
    book = ContactBook(ledger, lambda: NOW)

    book.admitted(Parties("SELFTESTABCDEFG2", "HRI_NODE", "127.0.0.1"))
    book.rejected(Parties("SELFTESTABCDEFG3", "HRI_NODE", "127.0.0.1"), "no self-test is under way")
    book.write()

    assert ledger.told == []


def test_what_the_ledger_cannot_take_is_told_later() -> None:
    """With what happened meanwhile."""
    ledger = MemoryLedger(outages=1)
    book = ContactBook(ledger, lambda: NOW)
    book.rejected(SCANNER, "no")
    book.write()
    book.rejected(SCANNER, "no")

    book.write()

    assert sum(news.rejections for news in ledger.told) == 2


def test_many_strangers_fill_no_memory() -> None:
    """Only so many are remembered between two writes."""
    ledger = MemoryLedger()
    book = ContactBook(ledger, lambda: NOW)
    for number in range(contacts.PEERS_MAX + 10):
        book.rejected(Parties(f"X{number}", "HRI_NODE", "10.0.0.9"), "no")

    book.write()

    assert len(ledger.told) == contacts.PEERS_MAX


def test_the_writer_tells_what_is_left_at_the_end() -> None:
    """Whatever happened just before a process ends."""
    ledger = MemoryLedger()
    book = ContactBook(ledger, lambda: NOW)
    book.start()
    book.admitted(SCANNER)

    book.close()

    assert [news.ae_title for news in ledger.told] == ["US1"]


def test_all_witnesses_are_told() -> None:
    """In their order, each of everything."""
    ledgers = MemoryLedger(), MemoryLedger()
    books = [ContactBook(ledger, lambda: NOW) for ledger in ledgers]
    both = Together(*books)

    both.admitted(SCANNER)
    both.rejected(SCANNER, "no")
    both.received(Receipt(an_instance(), Addition.NEW, None))
    both.ended(SCANNER, ["1.2"], 1)

    for book in books:
        book.write()
    assert [len(ledger.told) for ledger in ledgers] == [2, 2]
