"""The shipped network as the node runs it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from hri_node.errors import Misconfigured
from hri_node.phantom.ranges import PAPER
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, make_view
from hri_node.segment.runtime import Segmenter, load
from hri_node.settings import SHIPPED_MODEL_DIR, Runtime


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """The shipped network on the CPU."""
    return load(SHIPPED_MODEL_DIR, Runtime.CPU, threads=1)


def test_probabilities_have_shape_and_range(segmenter: Segmenter) -> None:
    """Two maps of the picture's size, each value a probability."""
    probabilities = segmenter(make_view(3).pixels)

    assert probabilities.shape == (2, 480, 640)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1


def test_same_picture_gives_same_probabilities(segmenter: Segmenter) -> None:
    """Bit for bit, for the report of a study must not depend on when it was made."""
    picture = make_view(3).pixels

    np.testing.assert_array_equal(segmenter(picture), segmenter(picture))


def test_liver_and_kidney_are_found(segmenter: Segmenter) -> None:
    """In a clean view each organ's channel is high inside that organ and low in the other."""
    view = make_view(1_000_002, PAPER)

    liver, kidney = segmenter(view.pixels)

    for found, own, other in ((liver, LIVER_LABEL, KIDNEY_LABEL), (kidney, KIDNEY_LABEL, LIVER_LABEL)):
        assert found[view.labels == own].mean() > 0.8
        assert found[view.labels == other].mean() < 0.2


def test_nothing_is_found_in_black(segmenter: Segmenter) -> None:
    """A black picture has no organs."""
    highest = segmenter(np.zeros((480, 640), np.uint8)).max()

    assert highest < 0.5


def test_other_size_is_refused(segmenter: Segmenter) -> None:
    """Pictures come prepared; another size is a mistake of ours."""
    with pytest.raises(AssertionError, match="needed"):
        segmenter(np.zeros((240, 320), np.uint8))


def test_auto_is_cpu_without_savedmodel(tmp_path: Path) -> None:
    """A node without the SavedModel never asks for TensorFlow."""
    segmenter = load(_copy_of_shipped(tmp_path), Runtime.AUTO, threads=1)

    assert segmenter.runtime == "openvino"


def test_missing_savedmodel_is_refused(tmp_path: Path) -> None:
    """Who asks for TensorFlow must have exported the SavedModel."""
    with pytest.raises(Misconfigured, match="has no readable manifest"):
        load(_copy_of_shipped(tmp_path), Runtime.TENSORFLOW)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder."""
    with pytest.raises(Misconfigured, match="holds no manifest"):
        load(tmp_path)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """A flipped bit in the weights stops the start."""
    folder = _copy_of_shipped(tmp_path)
    weights = bytearray((folder / "icnet.bin").read_bytes())
    weights[100] ^= 1
    (folder / "icnet.bin").write_bytes(weights)

    with pytest.raises(Misconfigured, match="SHA-256"):
        load(folder, Runtime.CPU)


def test_last_version_is_taken(tmp_path: Path) -> None:
    """Of 1.9.0 and 1.10.0 the latter: versions are numbers."""
    for version in ("1.9.0", "1.10.0"):
        _copy_of_shipped(tmp_path, version)
    manifest = tmp_path / "1.10.0" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('version = "', 'version = "later '))

    assert load(tmp_path, Runtime.CPU, threads=1).algorithm.version.startswith("later")


def _copy_of_shipped(tmp_path: Path, name: str = "model") -> Path:
    """The shipped version's files, without a SavedModel somebody may have made."""
    shipped = max(path.parent for path in SHIPPED_MODEL_DIR.glob("*/manifest.toml"))
    return Path(shutil.copytree(shipped, tmp_path / name, ignore=shutil.ignore_patterns("tensorflow")))
