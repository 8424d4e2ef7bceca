"""Studies one after the other: what is here is skipped, outages are waited for, and what failed is named."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest
from archives import MemoryNode

from hri_node.errors import PeerRefused, PeerUnavailable, SpoolFull
from hri_node.send.query import Dates, FoundInstance, FoundStudy, Means, Missing, Wanted
from hri_node.send.retrieve_cohort import Cohort, Fate, Patience, search

DAY = Dates(date(2026, 1, 1), date(2026, 1, 1))
QUICK = Patience(3, 0.001, 0.002)


@dataclass
class MemoryArchive:
    """Studies of two instances each; the next errors and the next numbers of instances given are taken from lists."""

    name: str = "pacs"
    errors: list[Exception] = field(default_factory=list)
    gives: list[int] = field(default_factory=list)
    is_empty: bool = False
    node: MemoryNode = field(default_factory=MemoryNode)
    asked: list[str] = field(default_factory=list)

    def studies(self, _wanted: Wanted) -> Sequence[FoundStudy]:
        """Two, the later one first."""
        self._fail()
        return [FoundStudy("2", "20260102"), FoundStudy("1", "20260101")]

    def instances(self, uid: str, _modality: str) -> Sequence[FoundInstance]:
        """Two of each study."""
        self.asked.append(uid)
        self._fail()
        return [] if self.is_empty else [FoundInstance(uid, f"{uid}.1", "1.2.3", f"{uid}.1.{n}") for n in (1, 2)]

    def fetch(self, missing: Sequence[Missing], means: Means) -> str:
        """Give as many as it was told."""
        uids = [uid for series in missing for uid in series.sop_instance_uids]
        for uid in uids[: self.gives.pop(0) if self.gives else None]:
            self.node.datasets[uid] = b""
            means.progress(1)
        return ""

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


def fates(archive: MemoryArchive, *uids: str, parallel: int = 1) -> list[Fate]:
    """What becomes of studies."""

    @contextmanager
    def means() -> Iterator[Means]:
        yield archive.node.means

    cohort = Cohort(archive, "US", means, QUICK, archive.node.stop)
    return list(cohort.fates([FoundStudy(uid, "") for uid in uids], parallel))


def test_a_study_comes_in_once() -> None:
    """Run again, everything is here already."""
    archive = MemoryArchive()

    assert fates(archive, "1", "2") == [Fate("1", 2, 0, 2), Fate("2", 2, 0, 2)]
    assert fates(archive, "1", "2") == [Fate("1", 2, 2, 0), Fate("2", 2, 2, 0)]


def test_what_is_here_is_told_from_what_came() -> None:
    """An interrupted pull goes on."""
    archive = MemoryArchive()
    archive.node.datasets["1.1.2"] = b""

    assert fates(archive, "1") == [Fate("1", 2, 1, 1)]


def test_an_outage_is_waited_for() -> None:
    """The study is tried again, and succeeds."""
    archive = MemoryArchive(errors=[PeerUnavailable("down"), PeerUnavailable("down")])

    assert fates(archive, "1") == [Fate("1", 2, 0, 2)]
    assert archive.asked == ["1"] * 3


def test_a_pacs_that_gives_some_is_asked_for_the_rest() -> None:
    """As long as each attempt brings something."""
    assert fates(MemoryArchive(gives=[1, 1]), "1") == [Fate("1", 2, 0, 2)]


def test_a_pacs_that_gives_nothing_is_not_asked_again() -> None:
    """The same question gets the same answer; the next study is begun."""
    archive = MemoryArchive(gives=[0, 2])

    first, second = fates(archive, "1", "2")

    assert first.words == "pacs gave 0 of 2 instances"
    assert second == Fate("2", 2, 0, 2)
    assert archive.asked == ["1", "2"]


def test_a_study_that_seems_empty_is_not_taken_for_complete() -> None:
    """The archive said that it has series of the modality."""
    (fate,) = fates(MemoryArchive(is_empty=True), "1")

    assert fate.words == "pacs names no instance with modality US in it"


def test_a_refusal_is_not_repeated() -> None:
    """It is told, and the next study is begun."""
    archive = MemoryArchive(errors=[PeerRefused("not authorised")])

    first, second = fates(archive, "1", "2")

    assert (first.words, first.is_outage, second.words) == ("not authorised", False, "")
    assert archive.asked == ["1", "2"]


def test_a_pacs_that_stays_down_is_given_up() -> None:
    """After three studies in a row, each tried three times; the other studies are not begun."""
    archive = MemoryArchive(errors=[PeerUnavailable("down")] * 99)

    told = fates(archive, *"12345")

    assert [(fate.study_instance_uid, fate.words) for fate in told] == [("1", "down"), ("2", "down"), ("3", "down")]
    assert len(archive.asked) == 9


def test_a_full_node_ends_the_pull() -> None:
    """The other studies would not find room either."""
    archive = MemoryArchive(errors=[SpoolFull("no room")])

    with pytest.raises(SpoolFull):
        fates(archive, "1", "2")
    assert archive.asked == ["1"]


def test_stopping_begins_no_further_study() -> None:
    """What runs ends first."""
    archive = MemoryArchive()
    archive.node.stop.set()

    assert [fate.study_instance_uid for fate in fates(archive, "1", "2")] == ["1"]


def test_studies_come_in_side_by_side() -> None:
    """Two at once, if that is wanted."""
    both = threading.Barrier(2, timeout=10)

    class Waiting(MemoryArchive):
        """Gives nothing until two ask."""

        def fetch(self, missing: Sequence[Missing], means: Means) -> str:
            """Give as many as it was told."""
            both.wait()
            return super().fetch(missing, means)

    told = fates(Waiting(), "1", "2", parallel=2)

    assert {fate.study_instance_uid for fate in told} == {"1", "2"}
    assert not any(fate.words for fate in told)


def test_a_search_waits_for_an_outage_and_sorts_by_date() -> None:
    """The earliest study first."""
    archive = MemoryArchive(errors=[PeerUnavailable("down")])

    found = search(archive, Wanted(DAY, "", "US"), QUICK, threading.Event())

    assert [study.study_instance_uid for study in found] == ["1", "2"]


def test_a_search_ends_with_an_outage_that_does_not() -> None:
    """After as many attempts as the settings say."""
    archive = MemoryArchive(errors=[PeerUnavailable("down")] * 3)

    with pytest.raises(PeerUnavailable):
        search(archive, Wanted(DAY, "", "US"), QUICK, threading.Event())
    assert archive.errors == []


def test_pauses_double_up_to_the_longest() -> None:
    """As for deliveries."""
    assert Patience(5, 30, 100).pauses() == [30, 60, 100, 100]
