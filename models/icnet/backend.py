"""The backend that Keras runs on comes in; whatever makes it fast on this machine is set, and nothing else changes.

A training step takes TensorFlow about twice as long as PyTorch on a CPU that multiplies bfloat16 matrices: PyTorch
keeps a picture's channels side by side and normalises a batch in one pass. Weights move freely between the backends.
"""

import importlib
import os
from typing import Any

import keras
from keras import layers


def prepare() -> None:
    """Settings for training; call it before the first network is built.

    Sums stay in float32 everywhere; products may be of bfloat16 numbers.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        os.environ.setdefault("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
        return
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    if backend == "torch":
        keras.config.set_image_data_format("channels_first")
        # Numbers too small to matter would each cost a hundred cycles.
        importlib.import_module("torch").set_flush_denormal(True)


def channel_axis() -> int:
    """Where a picture's channels are inside the network; its inputs and outputs have them last."""
    return 1 if keras.config.image_data_format() == "channels_first" else -1


class Normalisation(layers.BatchNormalization):  # type: ignore[misc] # Keras has no types
    """Batch normalisation; on PyTorch in the single pass that it has for it."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:  # noqa: ANN401, FBT001 - Keras's own
        """`inputs` freed of mean and variance of each channel, scaled and shifted."""
        if keras.backend.backend() != "torch" or channel_axis() != 1:
            return super().call(inputs, training=training, mask=mask)
        functional = importlib.import_module("torch.nn.functional")
        scale, shift = (weight.value.float() for weight in (self.gamma, self.beta))
        moving = self.moving_mean.value, self.moving_variance.value
        return functional.batch_norm(inputs, *moving, scale, shift, bool(training), 1 - self.momentum, self.epsilon)
