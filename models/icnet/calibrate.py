"""The view head's logits on views it never saw come in; the temperature that makes its probabilities true goes out."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from hri_node.segment.channels import network_channels
from models.icnet.data import Phantoms

VIEW_LAYER = "view_cls"

TEMPERATURES = (0.3, 5.0)
"""Where the best one is looked for."""

BINS = 10

Floats = NDArray[np.floating]


def view_logits(model: keras.Model, phantoms: Phantoms) -> Floats:
    """Logits of the view head, up to a constant for each view; shape (views, kinds).

    Parameters
    ----------
    model
        As it is served: its second output are probabilities.
    phantoms
        Views to look at.
    """
    seen = [
        ops.convert_to_numpy(model(network_channels(np.asarray(pixels))[np.newaxis], training=False)[1])[0]
        for pixels in phantoms.pixels
    ]
    return np.log(np.maximum(np.stack(seen).astype(np.float64), 1e-12))


def best_temperature(logits: Floats, kinds: NDArray[np.integer]) -> float:
    """What logits are to be divided by, so that the truth is least surprising.

    Parameters
    ----------
    logits
        Shape (views, kinds).
    kinds
        Index of each view's kind.

    References
    ----------
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """

    def surprise(temperature: float) -> float:
        chances = probabilities(logits / temperature)
        return float(-np.log(np.maximum(chances[np.arange(len(kinds)), kinds], 1e-12)).mean())

    return float(minimize_scalar(surprise, bounds=TEMPERATURES, method="bounded").x)


def probabilities(logits: Floats) -> Floats:
    """Softmax along the last axis."""
    risen = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(risen / risen.sum(axis=-1, keepdims=True))


def calibration_error(chances: Floats, kinds: NDArray[np.integer]) -> float:
    """Mean distance between how sure the head is of its first choice and how often that is right, over ten bins.

    Parameters
    ----------
    chances
        Probabilities, shape (views, kinds).
    kinds
        Index of each view's kind.
    """
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == kinds
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[bins == each].mean() - right[bins == each].mean()) * (bins == each).mean() for each in set(bins)]
    return float(np.sum(gaps))


def cool(model: keras.Model, temperature: float) -> None:
    """Divide the view head's logits by `temperature`, for good: it goes into the weights.

    Parameters
    ----------
    model
        Changed in place.
    temperature
        From `best_temperature`.
    """
    layer = model.get_layer(VIEW_LAYER)
    layer.set_weights([weights / temperature for weights in layer.get_weights()])
