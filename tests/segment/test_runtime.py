"""The network as the node runs it: what it is shown, what it gives back, and what is refused before it runs."""

from pathlib import Path

import numpy as np
import pytest
from served import answer, tiny_model

from hri_node.errors import Misconfigured
from hri_node.phantom.ranges import Kind
from hri_node.sections import Runtime
from hri_node.segment.channels import network_channels
from hri_node.segment.manifest import FILE_NAME
from hri_node.segment.runtime import INPUT_SHAPE, TENSORFLOW_FOLDER, VIEWS, Segmenter, load, verify

NOISE = np.random.default_rng(0).integers(0, 200, INPUT_SHAPE, dtype=np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny network's folder."""
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> Segmenter:
    """It, loaded on the CPU."""
    return load(folder, Runtime.CPU, threads=1)


def test_what_the_network_says_comes_back(segmenter: Segmenter) -> None:
    """It sees the two channels of the picture; organs come first, then the views: to float32's rounding."""
    organs, views = answer(network_channels(NOISE))

    seen = segmenter(NOISE)

    np.testing.assert_allclose(seen.probabilities, organs, atol=1e-5)
    np.testing.assert_allclose(seen.views, views, atol=1e-5)


def test_probabilities_have_shape_and_range(segmenter: Segmenter) -> None:
    """Two maps of the frame's size, five views that sum to one, each value a probability."""
    seen = segmenter(NOISE)

    assert seen.probabilities.shape == (2, *INPUT_SHAPE)
    assert seen.probabilities.dtype == seen.views.dtype == np.float32
    assert seen.probabilities.flags.c_contiguous
    assert 0 <= seen.probabilities.min() <= seen.probabilities.max() <= 1
    assert seen.views.shape == (len(VIEWS),)
    assert seen.views.sum() == pytest.approx(1, abs=1e-5)


def test_results_outlive_the_next_picture(segmenter: Segmenter) -> None:
    """The runtime writes every answer to the same place; the caller gets a copy."""
    first = segmenter(NOISE)
    kept = first.probabilities.copy(), first.views.copy()

    segmenter(255 - NOISE)

    np.testing.assert_array_equal(first.probabilities, kept[0])
    np.testing.assert_array_equal(first.views, kept[1])


def test_same_picture_gives_same_probabilities(segmenter: Segmenter, folder: Path) -> None:
    """Bit for bit, also after a restart: a report must not depend on when it was made."""
    seen, again = segmenter(NOISE), load(folder, Runtime.CPU, threads=1)(NOISE)

    np.testing.assert_array_equal(seen.probabilities, again.probabilities)
    np.testing.assert_array_equal(seen.views, again.views)


def test_other_size_is_refused(segmenter: Segmenter) -> None:
    """Pictures come prepared; another size is a mistake of ours."""
    with pytest.raises(AssertionError, match="needed"):
        segmenter(np.zeros((480, 640), np.uint8))


def test_kinds_are_those_of_the_phantoms() -> None:
    """The order of the view head is one from training to report."""
    assert tuple(kind.value for kind in Kind) == VIEWS


def test_auto_is_cpu_without_savedmodel(folder: Path) -> None:
    """A node without the SavedModel never asks for TensorFlow."""
    assert load(folder, Runtime.AUTO, threads=1).runtime == "openvino"


def test_missing_savedmodel_is_refused(folder: Path) -> None:
    """Who asks for TensorFlow must have exported the SavedModel."""
    with pytest.raises(Misconfigured, match="has no readable manifest"):
        load(folder, Runtime.TENSORFLOW)


def test_savedmodel_of_other_weights_is_refused(tmp_path: Path) -> None:
    """A version exported again without its twin would serve two networks under one name."""
    folder = tiny_model(tmp_path)
    tiny_model(folder / TENSORFLOW_FOLDER, version="0.0.2")

    with pytest.raises(Misconfigured, match="made of other weights"):
        load(folder, Runtime.TENSORFLOW)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder."""
    with pytest.raises(Misconfigured, match="holds no manifest"):
        load(tmp_path)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """A flipped bit in the weights stops the start, and the check before it."""
    folder = tiny_model(tmp_path)
    weights = bytearray((folder / "icnet.bin").read_bytes())
    weights[0] ^= 1
    (folder / "icnet.bin").write_bytes(weights)

    for start in (load, verify):
        with pytest.raises(Misconfigured, match="SHA-256"):
            start(folder)


def test_files_that_are_no_network_are_refused(tmp_path: Path) -> None:
    """Proved, but not readable: one sentence of the runtime's, no traceback."""
    folder = tiny_model(tmp_path)
    (folder / "icnet.xml").write_text("<net/>")
    text = (folder / FILE_NAME).read_text().splitlines()
    kept = [line for line in text if not line.startswith('"icnet.xml"')]
    (folder / FILE_NAME).write_text("\n".join(kept))

    with pytest.raises(Misconfigured, match="OpenVINO cannot load"):
        load(folder, Runtime.CPU)


def test_a_network_for_other_views_is_refused(tmp_path: Path) -> None:
    """What it was trained to tell apart must be what the node asks for; the order counts."""
    folder = tiny_model(tmp_path, views=VIEWS[::-1])

    with pytest.raises(Misconfigured, match="needed"):
        verify(folder)


def test_last_version_is_taken(tmp_path: Path) -> None:
    """Of 1.9.0 and 1.10.0 the latter: versions are numbers."""
    for version in ("1.9.0", "1.10.0"):
        tiny_model(tmp_path / version, version=version)

    assert load(tmp_path, Runtime.CPU, threads=1).algorithm.version == "1.10.0"
    assert verify(tmp_path).version == "1.10.0"
