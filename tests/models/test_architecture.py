"""ICNet's graph: its size, its outputs, and that neither backend nor order of the channels changes what it computes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from drawn import drawn_network

from hri_node.segment import runtime
from models.icnet import architecture
from models.icnet.architecture import LITERAL, SHIPPED, Design, build_icnet

SMALL = Design((64, 96), 2, views=True)

OFFICIAL = 6_696_642
"""Kernels, scales and shifts of the official deployment file, for one grey channel and two classes."""

FOLDED = 14_272
"""Features with batch normalisation: each has a bias instead of a scale and a shift."""

SECOND_CHANNEL = 2 * 3 * 3 * 32
"""Kernels of the two convolutions that see the picture."""

VIEW_HEAD = (2 * 256 + 1) * 5

NOISE = np.random.default_rng(0).standard_normal((1, 64, 96, 2)).astype(np.float32)


@pytest.fixture
def _channels_first() -> Iterator[None]:
    """Keras with the channels of a map before its rows, as PyTorch likes them."""
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


def test_parameters_are_those_of_the_official_graph() -> None:
    """6.70 million: kernels, scales and shifts, and the main head; the two training heads add 772."""
    model = build_icnet(LITERAL, training=True)

    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    heads = sum(model.get_layer(name).count_params() for name in ("sub24_cls", "sub4_cls"))
    assert heads == 772
    assert trained - heads == OFFICIAL


def test_served_graph_holds_normalisation_in_its_biases() -> None:
    """What is shipped has a second channel and the view head besides."""
    assert build_icnet(LITERAL, training=False).count_params() == OFFICIAL - FOLDED
    shipped = build_icnet(SHIPPED, training=False).count_params()
    assert shipped == OFFICIAL - FOLDED + SECOND_CHANNEL + VIEW_HEAD


@pytest.mark.parametrize("shape", [(64, 96), (160, 192)])
def test_training_graph_gives_logits_of_all_heads(shape: tuple[int, int]) -> None:
    """Organs at 1/4, 1/8 and 1/16, for any multiple of 32, and the kinds of view."""
    model = build_icnet(Design(shape, 2, views=True), training=True)

    rows, columns = shape
    organs = [(rows // factor, columns // factor, 2) for factor in (4, 8, 16)]
    assert [tuple(output.shape[1:]) for output in model.outputs] == [*organs, (5,)]


def test_shipped_network_is_what_the_node_expects() -> None:
    """Size of the frame, channels, and the order of organs and views."""
    model = build_icnet(training=False)

    assert model.input_shape == (None, *runtime.INPUT_SHAPE, 2)
    assert [tuple(output.shape[1:]) for output in model.outputs] == [(*runtime.INPUT_SHAPE, 2), (5,)]
    assert (architecture.CLASSES, architecture.VIEWS) == (runtime.CLASSES, runtime.VIEWS)


def test_literal_design_has_no_view_head() -> None:
    """The paper's network gives organs alone."""
    assert [tuple(output.shape) for output in build_icnet(LITERAL, training=False).outputs] == [(None, 480, 640, 2)]


def test_served_graph_gives_probabilities() -> None:
    """Full size, between 0 and 1, and views that sum to one; another picture gives others."""
    model = drawn_network(SMALL)

    organs, views = (np.asarray(output) for output in model(NOISE))

    assert organs.shape == (1, 64, 96, 2)
    assert 0 < organs.min() < organs.max() < 1
    assert views.sum() == pytest.approx(1, abs=1e-5)
    assert np.abs(organs - np.asarray(model(-NOISE)[0])).max() > 0.01


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow writes the graph down")
@pytest.mark.usefixtures("_channels_first")
def test_order_of_channels_changes_nothing() -> None:
    """The graph that PyTorch trains gives what the one that is served gives, for the same weights: to 1e-5.

    TensorFlow has no such convolutions on a CPU, but it can write the graph down, and OpenVINO can run it.
    """
    tf, ov = pytest.importorskip("tensorflow"), pytest.importorskip("openvino")
    first = build_icnet(SMALL, training=False)
    keras.config.set_image_data_format("channels_last")
    last = drawn_network(SMALL)
    first.set_weights(last.get_weights())

    graph = tf.function(lambda picture: first(picture, training=False)).get_concrete_function(
        tf.TensorSpec(NOISE.shape)
    )
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    results = ov.Core().compile_model(ov.convert_model(graph), "CPU", exact)(NOISE)

    by_rank = {values.ndim: values for values in results.values()}
    organs, views = (np.asarray(output) for output in last(NOISE))
    np.testing.assert_allclose(by_rank[4], organs, atol=1e-5)
    np.testing.assert_allclose(by_rank[2], views, atol=1e-5)


def test_other_sizes_are_refused() -> None:
    """The low branch needs multiples of 32."""
    with pytest.raises(AssertionError, match="multiples of 32"):
        build_icnet(Design((256, 330), 2, views=True), training=False)


@pytest.mark.parametrize(("length", "bins"), [(15, 6), (8, 3), (10, 6), (2, 6), (7, 1)])
def test_pooling_cells_cover_the_map(length: int, bins: int) -> None:
    """They leave nothing out, overlap by a sample where they must, and are of even size."""
    cells = architecture.cells(length, bins)

    assert len(cells) == bins
    assert set().union(*(range(*cell) for cell in cells)) == set(range(length))
    sizes = [last - first for first, last in cells]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


def test_cells_of_fifteen_rows() -> None:
    """By hand."""
    assert architecture.cells(15, 6) == [(0, 3), (2, 5), (5, 8), (7, 10), (10, 13), (12, 15)]


def test_definition_needs_no_backend() -> None:
    """The source imports Keras alone: TensorFlow, JAX or PyTorch may carry it."""
    tree = ast.parse(Path(architecture.__file__).read_text())

    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported | sources == {"dataclasses", "typing", "keras", "models.icnet.backend"}
