"""Tests of the janitor: what goes, what stays, and what a crash between two steps leaves behind."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from finished import SIZE_BYTES, a_finished_study
from sqlalchemy import update
from structlog.testing import capture_logs

from hri_node.errors import Unavailable
from hri_node.ledger.ledger import open_ledger
from hri_node.ledger.self_tests import Run
from hri_node.ledger.states import DeliveryState
from hri_node.ledger.tables import DeliveryRow
from hri_node.node import MIB, Node
from hri_node.sections import DestinationSettings
from hri_node.settings import Settings
from hri_node.spool import Spool
from workers.janitor import Cleaned, Janitor, clean_forever

NOW = datetime.now(UTC)
"""Files have the time of the file system."""

MONTH = timedelta(days=31)
PACS = DestinationSettings(name="pacs", host="127.0.0.1", called="PACS")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node with a destination, and clocks that are a month ahead of all that was ever written."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    settings = Settings(data_dir=tmp_path, destinations=(PACS,))
    (tmp_path / "spool").mkdir()
    node = Node(settings, ledger, Spool(tmp_path / "spool"), {}, clock=lambda: NOW + MONTH)
    monkeypatch.setattr(node.spool, "now", lambda: node.clock())  # noqa: PLW0108 - tests put in other clocks
    yield node
    ledger.close()


@dataclass
class Disk:
    """Free space that grows with every look, from below the watermark of 4096 MiB."""

    free_mib: list[int] = field(default_factory=list)

    def __call__(self) -> int:
        """Free bytes; the last of the given ones for ever."""
        return (self.free_mib.pop(0) if len(self.free_mib) > 1 else self.free_mib[0]) * MIB


def plenty() -> int:
    """Free space that nobody needs to look at."""
    return 10_000 * MIB


def files(node: Node) -> list[str]:
    """What lies in the spool, without the hashes."""
    found = [path for path in node.spool.root.rglob("*") if path.is_file()]
    return sorted(f"{path.relative_to(node.spool.root).parts[0]}:{path.read_text().strip()}" for path in found)


def test_a_study_goes_when_its_time_is_over_and_its_masks_when_nobody_has_them(node: Node) -> None:
    """Images, results and masks; the study that is younger keeps what both share."""
    a_finished_study(node.ledger, node.spool, at=NOW)
    a_finished_study(node.ledger, node.spool, number=2, at=NOW + timedelta(days=2))

    cleaned = Janitor(node, free_bytes=plenty).clean()

    assert cleaned == Cleaned(studies=1, files=2, bytes=2 * SIZE_BYTES)
    assert files(node) == ["instances:1.2.2.1", "masks:shared", "results:1.2.2.1.0"]
    node.clock = lambda: NOW + 2 * MONTH
    assert Janitor(node, free_bytes=plenty).clean() == Cleaned(studies=1, files=3, bytes=3 * SIZE_BYTES)
    assert files(node) == []


def test_what_a_killed_self_test_left_is_finished(node: Node) -> None:
    """One that is under way is left alone."""
    late = node.clock()
    killed = Run("SELFTESTABCDEFG2", "ada", "2.25.1", "", NOW, NOW, NOW)
    node.ledger.begin_self_test(killed)
    node.ledger.begin_self_test(replace(killed, name="SELFTESTABCDEFG3", began_at=late, seen_at=late))

    Janitor(node, free_bytes=plenty).clean()

    assert [(run.is_forgotten, run.ended_at) for run in node.ledger.self_tests()] == [(False, None), (True, late)]


def test_what_is_not_delivered_stays_even_where_the_disk_is_full(node: Node) -> None:
    """Not one file of it, however old and however little space there is."""
    a_finished_study(node.ledger, node.spool, at=NOW)
    with node.ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state=DeliveryState.REFUSED))
    before = files(node)

    assert Janitor(node, free_bytes=Disk([0])).clean() == Cleaned()
    assert files(node) == before


def test_where_space_is_short_the_oldest_go_before_their_time(node: Node) -> None:
    """Until there is enough again; the looks are between batches."""
    node.clock = lambda: NOW + timedelta(days=1)
    for number in range(1, 31):
        a_finished_study(node.ledger, node.spool, number=number, at=NOW + timedelta(seconds=number))

    cleaned = Janitor(node, free_bytes=Disk([4095, 4096])).clean()

    assert cleaned.studies == 20
    assert [node.ledger.instance(number).removed_at is None for number in (1, 20, 21, 30)] == [False, False, True, True]


def test_a_study_that_was_finished_just_now_stays_even_where_space_is_short(node: Node) -> None:
    """Its files may be written again at this moment."""
    a_finished_study(node.ledger, node.spool, at=NOW)
    node.clock = lambda: NOW + timedelta(minutes=9)

    assert Janitor(node, free_bytes=Disk([0])).clean() == Cleaned()


def test_without_destinations_results_stay_in_the_spool(node: Node) -> None:
    """They are nowhere else; what nothing was made of goes."""
    node.settings = node.settings.model_copy(update={"destinations": ()})
    a_finished_study(node.ledger, node.spool, destinations=(), at=NOW)
    a_finished_study(node.ledger, node.spool, number=2, objects=0, at=NOW)

    Janitor(node, free_bytes=plenty).clean()

    assert files(node) == ["instances:1.2.1.1", "masks:shared", "results:1.2.1.1.0"]


def test_files_that_a_crash_left_are_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger said that they are removed, and then the janitor was killed."""
    a_finished_study(node.ledger, node.spool, at=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(node.spool, "remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Janitor(node, free_bytes=plenty).clean()
    assert len(files(node)) == 3

    assert Janitor(node, free_bytes=plenty).clean() == Cleaned(studies=0, files=3, bytes=3 * SIZE_BYTES)
    assert files(node) == []


def test_a_file_that_never_came_into_the_ledger_goes_after_a_day(node: Node) -> None:
    """A listener was killed between spool and ledger: nobody was told that the image is safe."""
    node.spool.write("instances", b"orphan", ".dcm")
    (node.spool.root / "incoming" / "half").write_bytes(b"half")

    node.clock = lambda: NOW + timedelta(hours=23)
    assert Janitor(node, free_bytes=plenty).clean() == Cleaned()
    assert len(files(node)) == 2

    node.clock = lambda: NOW + timedelta(hours=25)
    assert Janitor(node, free_bytes=plenty).clean().files == 1
    assert files(node) == []


def test_a_clock_that_jumps_makes_no_file_old(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was just written, and is not in the ledger yet, has its age from the file system."""
    monkeypatch.undo()
    node.spool.write("instances", b"just written", ".dcm")
    (node.spool.root / "incoming" / "half").write_bytes(b"half")
    node.clock = lambda: NOW + 12 * MONTH

    assert Janitor(node, free_bytes=plenty).clean() == Cleaned()
    assert len(files(node)) == 2


@pytest.mark.parametrize(("count", "left"), [(100, 0), (101, 101)])
def test_received_files_are_kept_where_the_ledger_knows_nothing_of_many(node: Node, count: int, left: int) -> None:
    """It may have been replaced, or restored from last week: a person must see to it."""
    for number in range(count):
        node.spool.write("instances", f"stranger {number}".encode(), ".dcm")
    node.spool.write("masks", b"orphan", ".png")

    with capture_logs() as said:
        Janitor(node, free_bytes=plenty).clean()

    assert len(files(node)) == left
    assert [each["log_level"] for each in said] == ["error"] * bool(left)


def test_the_spool_is_walked_once_a_day(node: Node) -> None:
    """Not with every look for studies."""
    janitor = Janitor(node, free_bytes=plenty)
    janitor.clean()
    node.spool.write("masks", b"orphan", ".png")

    assert janitor.clean().files == 0
    node.clock = lambda: NOW + MONTH + timedelta(days=1)
    assert janitor.clean().files == 1


def test_a_call_that_has_no_time_leaves_the_rest_to_the_next(node: Node) -> None:
    """It says so, and removes nothing by halves."""
    a_finished_study(node.ledger, node.spool, at=NOW)

    assert Janitor(node, budget_s=-1.0, free_bytes=plenty).clean() == Cleaned(is_done=False)
    assert Janitor(node, free_bytes=plenty).clean().is_done


def test_a_file_that_is_needed_again_while_it_is_removed_stays(node: Node) -> None:
    """The scanner sends an image again, and the bytes are there before the ledger knows."""
    a_finished_study(node.ledger, node.spool, at=NOW - MONTH)
    node.clock = lambda: datetime.now(UTC)

    assert Janitor(node, free_bytes=plenty).clean() == Cleaned(studies=1)
    assert "instances:1.2.1.1" in files(node)


@pytest.mark.parametrize("error", [Unavailable("the disk is away"), OSError("broken"), None])
def test_the_janitor_goes_on_whatever_happens(
    node: Node, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    """After an outage it looks again at the next turn; otherwise when its interval is over."""
    calls = []

    def clean(_janitor: Janitor) -> Cleaned:
        calls.append(1)
        if error:
            raise error
        return Cleaned()

    monkeypatch.setattr(Janitor, "clean", clean)
    monkeypatch.setattr(node.spool, "free_bytes", plenty)
    ticks = iter([False, False, False, True])

    clean_forever(node, cast("threading.Event", SimpleNamespace(wait=lambda _seconds: next(ticks))))

    assert len(calls) == (3 if isinstance(error, Unavailable) else 1)


def test_space_that_cannot_be_made_is_said_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person must see to it: what is there is not delivered."""
    monkeypatch.setattr(node.spool, "free_bytes", Disk([1]))
    ticks = iter([False, False, False, True])

    with capture_logs() as said:
        clean_forever(node, cast("threading.Event", SimpleNamespace(wait=lambda _seconds: next(ticks))))

    assert [each["event"] for each in said] == ["cleaning waits"]
    assert "space is short" in said[0]["why"]
