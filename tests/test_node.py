"""The node: its parts are built once, and each says what is wrong with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from twins import MemoryDestination

from hri_node import node as node_module
from hri_node.errors import PeerRefused, PeerUnavailable, Unavailable
from hri_node.ledger.self_tests import Run, token_sha256
from hri_node.measure.types import Options
from hri_node.node import Node, assemble
from hri_node.routing import RoutedStudy
from hri_node.sections import DestinationSettings, MeasureSettings
from hri_node.send.scu import DicomDestination
from hri_node.settings import Settings


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with one destination, which is not there."""
    pacs = DestinationSettings(name="pacs", host="127.0.0.1", port=1, called="PACS")
    made = assemble(Settings(data_dir=tmp_path, spool_reserve_mib=1, destinations=(pacs,)))
    yield made
    made.ledger.close()


def test_the_network_is_loaded_once_and_not_before_it_is_needed(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only processes that measure pay for it, each once."""
    loads: list[Path] = []
    monkeypatch.setattr(node_module.runtime, "load", lambda folder, *_others: loads.append(folder) or object())

    assert loads == []
    assert node.segmenter is node.segmenter
    assert loads == [node.settings.model_dir]


def test_the_settings_say_how_frames_are_measured(node: Node) -> None:
    """Each choice of the section [measure] that concerns a frame reaches the measurement."""
    chosen = MeasureSettings(method="paper", any_view=True, strict_spacing=True, dynamic_range_db=60)
    node.settings = node.settings.model_copy(update={"measure": chosen})

    assert node.measure_options == Options("paper", any_view=True, strict_spacing=True, dynamic_range_db=60)


def test_every_part_is_asked_and_the_one_that_fails_says_why(node: Node) -> None:
    """Ledger, spool and model answer; each destination stands for itself."""
    broken = MemoryDestination("broken", PeerUnavailable("no connection"))
    node.twins = {"pacs": MemoryDestination(), "broken": broken}

    answers = node.pings()

    assert answers == {
        "ledger": None,
        "spool": None,
        "model": None,
        "destination pacs": None,
        "destination broken": "no connection",
    }


def test_a_destination_that_left_the_settings_is_refused(node: Node) -> None:
    """Its deliveries wait for a person instead of being tried for ever."""
    with pytest.raises(PeerRefused, match="not configured any more"):
        node.destination("gone")


@pytest.mark.parametrize(("calling", "title"), [(None, "HRI_NODE"), ("HRI_SEND", "HRI_SEND")])
def test_the_node_calls_a_destination_by_its_own_title_or_the_one_named(
    tmp_path: Path, calling: str | None, title: str
) -> None:
    """What the PACS has to know."""
    pacs = DestinationSettings(name="pacs", host="127.0.0.1", port=1, called="PACS", calling=calling)
    made = assemble(Settings(data_dir=tmp_path, spool_reserve_mib=1, destinations=(pacs,)))

    (destination,) = made.destinations.values()

    assert isinstance(destination, DicomDestination)
    assert destination._peer.calling == title
    made.ledger.close()


def test_a_self_test_is_a_guest_while_it_lasts_and_its_results_go_where_it_says(node: Node) -> None:
    """Destinations that it does not store at get nothing, whatever their rules are."""
    archive = DestinationSettings(name="archive", host="127.0.0.1", port=1, called="ARCHIVE")
    pacs = node.settings.destinations[0]
    node.live = node.settings.model_copy(update={"destinations": (pacs, archive)})
    title, token, now = "SELFTESTABCDEFG2", "a token of its own", node.clock()
    run = Run(title, "ada", "2.25.1", token_sha256(token), now, now + timedelta(minutes=1), now, ("archive",))
    study = RoutedStudy(frozenset({title}), frozenset({"SELF-TEST"}), frozenset({"US"}), "measured")
    assert node.destinations_for("sr", study) == ()

    node.ledger.begin_self_test(run)

    assert (node.is_guest(title), node.guest_with(token)) == (True, title)
    assert (node.is_guest("SELFTESTABCDEFG3"), node.guest_with("another")) == (False, None)
    assert node.destinations_for("sr", study) == ("archive",)
    assert node.quiet_s(title) < node.quiet_s("SCANNER")
    node.ledger.note_self_test(replace(run, ended_at=now))
    assert (node.is_guest(title), node.guest_with(token)) == (False, None)


def test_nobody_is_a_guest_while_the_ledger_is_away(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks hears no, and not an error."""

    def gone(*_: object) -> None:
        raise Unavailable("the ledger does not answer")

    monkeypatch.setattr(node.ledger, "self_test", gone)
    monkeypatch.setattr(node.ledger, "self_test_with", gone)

    assert (node.is_guest("SELFTESTABCDEFG2"), node.guest_with("a token")) == (False, None)
