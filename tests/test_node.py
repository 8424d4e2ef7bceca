"""The node: its parts are built once, and each says what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from twins import MemoryDestination

from hri_node import node as node_module
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.measure.types import Options
from hri_node.node import Node, assemble
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
