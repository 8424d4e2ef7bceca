"""Watching a training: a network that knows the truth scores one, and what is watched is kept and drawn."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import simple_picture
from PIL import Image

pytest.importorskip("keras")
pytest.importorskip("matplotlib")

from hri_node.segment.channels import network_channels
from models.icnet import figures, watch
from models.icnet.data import HIDDEN_BIT, Phantoms
from models.icnet.monitor import Watched, look, watched_frames, watched_phantoms
from models.icnet.watch import OnTheWay

Network = Callable[..., tuple[Any, ...]]


@pytest.fixture(scope="module")
def phantoms() -> Phantoms:
    """Three frames with two rectangles for organs, brighter than what is around them; the third has no kidney."""
    labels = np.zeros((3, 256, 320), np.uint8)
    labels[:, 40:152, 60:260], labels[:2, 152:220, 100:220] = 1, 2
    pixels = np.array([20, 80, 160], np.uint8)[labels]
    return Phantoms(pixels, labels, np.array([0, 0, 2], np.uint8))


def twin(labels: np.ndarray, *, extra: bool = False) -> Network:
    """A network that knows the label maps of the frames, in the order in which it is shown them; logits at 1/4."""
    coming = iter(labels)

    def run(_channels: np.ndarray, *, training: bool) -> tuple[np.ndarray, ...]:
        assert not training
        plain = next(coming)[2::4, 2::4] & (HIDDEN_BIT - 1)
        organs = np.stack([plain == 1, plain == 2], axis=-1)
        if extra:
            organs[:3, :3] = True
        return (np.where(organs, 8.0, -8.0)[np.newaxis].astype(np.float32),)

    return run


def test_truth_scores_one(phantoms: Phantoms) -> None:
    """But for the quarter resolution that it is told in."""
    liver, kidney = look(twin(phantoms.labels), watched_phantoms(phantoms, 3))

    assert liver > 0.95
    assert kidney > 0.95


def test_nothing_found_scores_nothing(phantoms: Phantoms) -> None:
    """And so does a set without organs."""
    watched = watched_phantoms(phantoms, 2)
    empty = Watched(watched.channels, 0 * watched.labels)

    assert look(twin(0 * phantoms.labels), watched) == (0, 0)
    assert look(twin(phantoms.labels), empty) == (0, 0)


def test_only_the_largest_part_counts(phantoms: Phantoms) -> None:
    """As the node does it: a spot in a corner costs nothing."""
    watched = watched_phantoms(phantoms, 2)

    assert look(twin(phantoms.labels, extra=True), watched) == look(twin(phantoms.labels), watched)


def test_what_is_hidden_is_not_judged(phantoms: Phantoms) -> None:
    """A network that stops at a shadow is as good as one that goes on below it."""
    hidden = phantoms.labels.copy()
    hidden[:, 40:152, 160:] |= HIDDEN_BIT
    stopped = np.where(hidden >= HIDDEN_BIT, 0, hidden)

    liver, _ = look(twin(stopped), Watched(watched_phantoms(phantoms, 3).channels, hidden))

    assert liver > 0.95


def test_as_many_phantoms_are_watched_as_asked_for(phantoms: Phantoms) -> None:
    """The first of them, in the network's channels."""
    watched = watched_phantoms(phantoms, 2)

    assert watched.channels.shape == (2, 256, 320, 2)
    np.testing.assert_array_equal(watched.channels[1], network_channels(phantoms.pixels[1]))
    np.testing.assert_array_equal(watched.labels, phantoms.labels[:2])


def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A real frame's place: a picture and its label map, paired by stem, and a picture without one."""
    made = simple_picture()
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    for stem in ("a", "b"):
        Image.fromarray(made.pixels).save(images / f"{stem}.jpg", quality=95)
    organs = (1 * made.masks["liver"] + 2 * made.masks["kidney"]).astype(np.uint8)
    Image.fromarray(organs).save(labels / "b.png")
    return images, labels


def test_real_frames_are_cut_with_their_labels(tmp_path: Path) -> None:
    """One pair is found; both organs lie on the frame, as large as they are to each other."""
    watched = watched_frames(*folders(tmp_path))

    made = simple_picture()
    assert watched.channels.shape == (1, 256, 320, 2)
    assert set(np.unique(watched.labels)) == {0, 1, 2}
    ratio = made.masks["liver"].sum() / made.masks["kidney"].sum()
    assert (watched.labels == 1).sum() / (watched.labels == 2).sum() == pytest.approx(ratio, rel=0.05)


def test_watching_keeps_a_line_for_each_look(
    tmp_path: Path, phantoms: Phantoms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint's network looks at phantoms and at real frames; what it saw can be read back."""
    real = folders(tmp_path)
    shown = [phantoms.labels, watched_frames(*real).labels]
    monkeypatch.setattr(watch, "trained_network", lambda *_: twin([each for part in shown for each in part]))
    watcher = OnTheWay(phantoms, phantoms, real, tmp_path / "log.jsonl")

    said = [watcher(tmp_path / "checkpoint.npz", step) for step in (100, 200)]

    assert "real_kidney" in said[0]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [100, 200]
    watched = figures.watched_so_far(tmp_path / "log.jsonl")
    assert set(watched) == {"phantom_liver", "phantom_kidney", "real_liver", "real_kidney"}
    assert watched["phantom_liver"] == [(100, lines[0]["phantom_liver"]), (200, lines[1]["phantom_liver"])]
    assert min(line["real_liver"] for line in lines) > 0.9


def test_nothing_watched_is_nothing_read(tmp_path: Path) -> None:
    """A training without a watcher has no log."""
    assert figures.watched_so_far(tmp_path / "none.jsonl") == {}


def test_sheet_shows_what_is_found(tmp_path: Path, phantoms: Phantoms, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture with each held-out view, up to twelve."""

    def served(channels: np.ndarray, *, training: bool) -> tuple[np.ndarray, ...]:
        assert not training
        return (np.full((1, *channels.shape[1:3], 2), 0.9, np.float32),)

    monkeypatch.setattr(figures, "served_network", lambda *_: served)

    figures.draw_sheet(tmp_path / "checkpoint.npz", phantoms, phantoms, tmp_path / "sheet.png")

    assert np.asarray(Image.open(tmp_path / "sheet.png").convert("L")).std() > 5
