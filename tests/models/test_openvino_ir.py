"""The way to OpenVINO and back: the same weights, the same answers, a folder that the node takes."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
import openvino as ov
from drawn import drawn_network
from openvino import opset13 as layers

from hri_node.sections import Runtime
from hri_node.segment.channels import network_channels
from hri_node.segment.manifest import FILE_NAME, file_sha256
from hri_node.segment.runtime import INPUT_SHAPE, VIEWS, load, verify
from models.icnet.export import write_manifest
from models.icnet.fold import weighted
from models.icnet.openvino_ir import _as_openvino, _name_constants, read_ir, write_ir

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exported through TensorFlow")

PICTURE = np.random.default_rng(0).integers(0, 200, INPUT_SHAPE, dtype=np.uint8)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """A network of the shipped design that nobody has trained."""
    return drawn_network()


@pytest.fixture(scope="module")
def folder(network: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It, exported as a version is."""
    folder = tmp_path_factory.mktemp("exported")
    path = write_ir(network, folder)
    identity = "0.0.1", file_sha256(folder / "icnet.bin")
    write_manifest(folder, "openvino", identity, [path, path.with_suffix(".bin")], {"steps": 0, "note": 'a "b"'})
    return folder


def test_weights_come_back(network: keras.Model, folder: Path) -> None:
    """Every kernel and bias, layer by layer, as float16 has them."""
    back = read_ir(folder / "icnet.xml")

    for one, other in zip(weighted(network), weighted(back), strict=True):
        assert one.name == other.name
        for kept, found in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(found, kept.astype(np.float16).astype(np.float32))


def test_weights_are_stored_in_half_precision(folder: Path) -> None:
    """13.4 MB for 6.7 million of them: small enough to be committed."""
    assert 13_300_000 < (folder / "icnet.bin").stat().st_size < 13_500_000


def test_node_takes_the_folder_and_sees_what_keras_sees(network: keras.Model, folder: Path) -> None:
    """Organs and views within 0.01, which half precision of the weights may cost; all of them probabilities."""
    seen = load(folder, Runtime.CPU, threads=1)(PICTURE)

    organs, views = (np.asarray(output)[0] for output in network(network_channels(PICTURE)[np.newaxis]))
    np.testing.assert_allclose(seen.probabilities, organs.transpose(2, 0, 1), atol=0.01)
    np.testing.assert_allclose(seen.views, views, atol=0.01)
    assert seen.probabilities.shape == (2, *INPUT_SHAPE)
    assert 0 <= seen.probabilities.min() < seen.probabilities.max() <= 1
    assert len(seen.views) == len(VIEWS)
    assert seen.views.sum() == pytest.approx(1, abs=1e-5)


def test_manifest_says_what_was_written(folder: Path) -> None:
    """The node proves it; whatever was noted of the training stands in it, quotes and all."""
    algorithm = verify(folder)

    assert (algorithm.name, algorithm.version) == ("icnet", "0.0.1")
    assert algorithm.sha256 == file_sha256(folder / "icnet.bin")
    text = (folder / FILE_NAME).read_text()
    assert 'note = "a \\"b\\""' in text


def test_twin_weights_cannot_be_named(network: keras.Model) -> None:
    """Constants are found by their values: two alike are told, not mixed up, and so is one that is missing."""
    kernel = _as_openvino(weighted(network)[0], weighted(network)[0].get_weights()[0])

    for count in (2, 0):
        constants = [layers.constant(np.array(kernel)) for _ in range(count)]
        with pytest.raises(AssertionError, match=f"is {count} times among the constants"):
            _name_constants(ov.Model([*constants, layers.constant(np.zeros(1, np.float32))], []), network)
