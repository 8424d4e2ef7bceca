"""The weights that are shipped: how well they find organs they never saw, their size, and their twin for TensorFlow."""

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view
from hri_node.segment.runtime import TENSORFLOW_FOLDER, Segmenter, load
from hri_node.settings import SHIPPED_MODEL_DIR, Runtime
from models.icnet.data import HELD_OUT_SEED, Phantoms
from models.icnet.evaluate import Score, evaluate, jaccard

VERSION_DIR = max(path.parent for path in SHIPPED_MODEL_DIR.glob("*/manifest.toml"))

HELD_OUT_VIEWS = 12


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """The shipped network on the CPU."""
    return load(VERSION_DIR, Runtime.CPU)


@pytest.fixture(scope="module", params=["training", "paper"])
def scores(segmenter: Segmenter, request: pytest.FixtureRequest) -> dict[str, Score]:
    """Scores on held-out views of one preset."""
    seeds = range(HELD_OUT_SEED + 500, HELD_OUT_SEED + 500 + HELD_OUT_VIEWS)
    views = [make_view(seed, PRESETS[request.param]) for seed in seeds]
    phantoms = Phantoms(np.stack([view.pixels for view in views]), np.stack([view.labels for view in views]))
    return evaluate(segmenter, phantoms)


@pytest.mark.parametrize("organ", ["liver", "kidney"])
def test_held_out_organs_are_found(scores: dict[str, Score], organ: str) -> None:
    """Mean Jaccard index of at least 0.85 at full size, in both families of phantoms."""
    assert scores[organ].views >= HELD_OUT_VIEWS // 2
    assert scores[organ].jaccard >= 0.85


def test_jaccard_of_known_masks() -> None:
    """Two of four pixels shared is a half; nothing and nothing agree."""
    left, right = np.array([1, 1, 1, 0], bool), np.array([0, 1, 1, 1], bool)

    assert jaccard(left, right) == 0.5
    assert jaccard(left & False, right & False) == 1.0


def test_weights_are_small_enough_to_be_committed() -> None:
    """One set of float16 weights, 15 MB at most."""
    files = [path for path in VERSION_DIR.iterdir() if path.is_file()]

    assert sum(path.stat().st_size for path in files) <= 15_000_000


def test_manifest_states_figures_of_both_presets() -> None:
    """Who reads the manifest learns how good the network was when it was exported."""
    training = tomllib.loads((VERSION_DIR / "manifest.toml").read_text())["training"]

    for preset in PRESETS:
        for organ in ("liver", "kidney"):
            assert training[f"{preset}_{organ}"]["jaccard"] >= 0.85


@pytest.mark.slow
def test_savedmodel_gives_the_same_probabilities(tmp_path: Path, segmenter: Segmenter) -> None:
    """TensorFlow serves the committed weights too: equal to 1e-3, under the same Device UID."""
    pytest.importorskip("tensorflow")
    from models.icnet.export import export_savedmodel

    folder = shutil.copytree(VERSION_DIR, tmp_path / "model", ignore=shutil.ignore_patterns(TENSORFLOW_FOLDER))
    export_savedmodel(folder, folder / TENSORFLOW_FOLDER)
    twin = load(folder, Runtime.TENSORFLOW)

    picture = make_view(HELD_OUT_SEED + 1).pixels
    assert twin.algorithm == segmenter.algorithm
    np.testing.assert_allclose(twin(picture), segmenter(picture), atol=1e-3)
