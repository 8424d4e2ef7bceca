"""A checkpoint comes in; the network that is served, normalisation folded into its convolutions, goes out."""

from pathlib import Path

import keras
import numpy as np

from models.icnet import checkpoint
from models.icnet.architecture import SHIPPED, Design, build_icnet
from models.icnet.data import Phantoms, training_batch

STATISTICS_BATCHES = 16
STATISTICS_BATCH = 4
"""Views from which the averaged weights get statistics of their own: 64 at full size."""


def served_network(path: Path, phantoms: Phantoms, design: Design = SHIPPED) -> keras.Model:
    """The network of a checkpoint as it is served.

    Parameters
    ----------
    path
        The checkpoint.
    phantoms
        Views to take the statistics of batch normalisation from.
    design
        What was trained.

    Returns
    -------
    keras.Model
        Averaged weights; probabilities of liver and kidney, and of the kinds of view.
    """
    served = build_icnet(design, training=False)
    fold(trained_network(path, phantoms, design), served)
    return served


def trained_network(path: Path, phantoms: Phantoms, design: Design = SHIPPED) -> keras.Model:
    """The network of a checkpoint in training form: averaged weights, and statistics that belong to them.

    Parameters
    ----------
    path
        The checkpoint.
    phantoms
        Views to take the statistics of batch normalisation from.
    design
        What was trained.
    """
    trained = build_icnet(design, training=True)
    checkpoint.averaged(path, trained)
    recompute_statistics(trained, phantoms)
    return trained


def recompute_statistics(model: keras.Model, phantoms: Phantoms) -> None:
    """Replace the moving statistics, which belong to the weights as they were, by means over some batches.

    Parameters
    ----------
    model
        The network, its weights already averaged.
    phantoms
        Views to take the statistics from.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    rng = np.random.default_rng(0)
    for index in range(STATISTICS_BATCHES):
        for norm in norms:
            norm.momentum = index / (index + 1)
        model(training_batch(phantoms, rng, STATISTICS_BATCH, model.input_shape[1:3]).channels, training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def fold(trained: keras.Model, served: keras.Model) -> None:
    """Give `served` the weights of `trained`: kernel × γ / σ, and β − μ × γ / σ as its bias.

    Parameters
    ----------
    trained
        The network with batch normalisation; heads, which have none, are copied.
    served
        The network without, changed in place.
    """
    norms = {layer.name: layer for layer in trained.layers if isinstance(layer, keras.layers.BatchNormalization)}
    for layer in weighted(served):
        source, norm = trained.get_layer(layer.name), norms.get(f"{layer.name}_bn")
        if norm is None:
            layer.set_weights(source.get_weights())
            continue
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        layer.set_weights([source.get_weights()[0] * scale, beta - mean * scale])


def weighted(model: keras.Model) -> list[keras.Layer]:
    """The layers of `model` that hold weights."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)]
