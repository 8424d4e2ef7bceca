"""The benchmark's own arithmetic, with a network that takes no time."""

import json

import numpy as np
import pytest
from bench_measure import PAPER_MS, ROWS, figures, image_timings, literal_ms

from hri_node.measure.types import Options
from hri_node.records import Algorithm
from hri_node.segment.runtime import Segmenter

VALUES = {name: 10.0 * number for number, name in enumerate(ROWS, start=1)}


def test_every_line_is_what_the_contract_says() -> None:
    """A name, and under it value, unit, peer and ratio; the paper's 80 ms are a line of their own."""
    table = figures(VALUES)

    assert json.loads(json.dumps(table)) == table
    assert all(list(figure) == ["value", "unit", "peer", "ratio"] for figure in table.values())
    assert table["image_paper"]["value"] == PAPER_MS == 80
    assert table["worker_memory"]["unit"] == "MiB"


def test_ratios_are_ours_over_the_peers() -> None:
    """The whole beside the paper, the shipped network beside the literal one."""
    table = figures(VALUES)

    assert table["image_total"]["ratio"] == VALUES["total"] / 80
    assert table["image_network"]["ratio"] == VALUES["segment"] / VALUES["network_fp32"]
    assert table["image_rest"]["ratio"] is None


@pytest.fixture
def segmenter() -> Segmenter:
    """A network that sees nothing, at once."""

    def nothing(channels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((1, *channels.shape[1:3], 2), np.float32), np.full((1, 5), 0.2, np.float32)

    return Segmenter(Algorithm("none", "1.0.0", "2.25.1", "0" * 64), "none", nothing)


def test_every_view_of_every_round_but_the_first_counts(segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the total is that of the network and of the rest, without reading the file."""
    monkeypatch.setattr("bench_measure.VIEWS", 2)
    monkeypatch.setattr("bench_measure.ROUNDS", 3)

    timings = image_timings((segmenter, Options()))

    assert {len(values) for values in timings.values()} == {4}
    assert timings["total"] == pytest.approx(np.add(timings["segment"], timings["measure"]))


def test_the_papers_network_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """ICNet as the paper has it, 480 × 640 and one channel, stays a row of the table."""
    monkeypatch.setattr("bench_measure.VIEWS", 1)
    monkeypatch.setattr("bench_measure.ROUNDS", 3)

    assert 0 < literal_ms() < 60_000
