"""ICNet's graph: its size, its outputs, and that no backend is asked for."""

import ast
from pathlib import Path

import numpy as np
import pytest

from models.icnet import architecture


@pytest.fixture(autouse=True, scope="module")
def _keras() -> None:
    """Keras comes with the extra `train`."""
    pytest.importorskip("keras")


def test_parameters_are_those_of_the_official_graph() -> None:
    """6.70 million: kernels, scales and shifts, and the main head; the two training heads add 772."""
    model = architecture.build_icnet(training=True)

    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    heads = sum(model.get_layer(name).count_params() for name in ("sub24_cls", "sub4_cls"))
    assert heads == 772
    assert trained - heads == 6_696_642


def test_served_graph_holds_normalisation_in_its_biases() -> None:
    """One bias instead of a scale and a shift for each feature: 14 272 fewer."""
    assert architecture.build_icnet(training=False).count_params() == 6_696_642 - 14_272


@pytest.mark.parametrize("shape", [(64, 96), (480, 640)])
def test_training_graph_gives_three_predictions(shape: tuple[int, int]) -> None:
    """Logits at full size, 1/8 and 1/16, for any multiple of 32."""
    model = architecture.build_icnet(shape, training=True)

    sizes = [tuple(output.shape[1:]) for output in model.outputs]
    assert sizes == [(*shape, 2), (shape[0] // 8, shape[1] // 8, 2), (shape[0] // 16, shape[1] // 16, 2)]


def test_served_graph_gives_probabilities() -> None:
    """Full size and between 0 and 1, whatever the picture."""
    model = architecture.build_icnet((64, 96), training=False)

    probabilities = np.asarray(model(255 * np.random.default_rng(0).random((1, 64, 96, 1), np.float32)))

    assert probabilities.shape == (1, 64, 96, 2)
    assert 0 <= probabilities.min() <= probabilities.max() <= 1


def test_other_sizes_are_refused() -> None:
    """The low branch needs multiples of 32."""
    with pytest.raises(AssertionError, match="multiples of 32"):
        architecture.build_icnet((480, 650), training=False)


def test_pooling_cells_cover_the_map() -> None:
    """Six cells on fifteen rows overlap by a row where they must, leave none out, and are of even size."""
    cells = architecture.cells(15, 6)

    assert cells == [(0, 3), (2, 5), (5, 8), (7, 10), (10, 13), (12, 15)]


def test_definition_needs_no_backend() -> None:
    """The source imports Keras alone: TensorFlow, JAX or PyTorch may carry it."""
    tree = ast.parse(Path(architecture.__file__).read_text())

    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported | sources == {"dataclasses", "typing", "keras"}
