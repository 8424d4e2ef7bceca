"""The served Keras network comes in, an OpenVINO model with float16 weights goes out, and its constants come back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.icnet.architecture import build_icnet
from models.icnet.fold import weighted

FILE_STEM = "icnet"

COMPRESSED = "_compressed"
"""OpenVINO adds this to the name of a constant that it stores as float16."""


def write_ir(model: keras.Model, folder: Path) -> Path:
    """Write ``icnet.xml`` and ``icnet.bin``; the constants bear the names of their Keras layers.

    Parameters
    ----------
    model
        The network as it is served.
    folder
        Where the two files go; it exists.

    Returns
    -------
    Path
        The XML file.
    """
    with tempfile.TemporaryDirectory() as saved:
        model.export(saved, verbose=False)
        converted = ov.convert_model(saved, input=[1, *model.input_shape[1:]])
    _name_constants(converted, model)
    path = folder / f"{FILE_STEM}.xml"
    ov.save_model(converted, path, compress_to_fp16=True)
    return path


def read_ir(path: Path) -> keras.Model:
    """The Keras network that holds exactly the weights of an OpenVINO model.

    Parameters
    ----------
    path
        The XML file that `write_ir` wrote.

    Returns
    -------
    keras.Model
        The network as it is served.
    """
    constants = {name.removesuffix(COMPRESSED): values for name, values in _constants(ov.Core().read_model(path))}
    model = build_icnet(training=False)
    for layer in weighted(model):
        kernel, bias = (constants[f"{layer.name}/{part}"].astype(np.float32) for part in ("kernel", "bias"))
        layer.set_weights([_as_keras(layer, kernel), bias.reshape(-1)])
    return model


def _as_openvino(layer: keras.Layer, kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """OpenVINO: (out, in, rows, columns) and (out, in); Keras: (rows, columns, in, out) and (in, out)."""
    return kernel.transpose(3, 2, 0, 1) if isinstance(layer, keras.layers.Conv2D) else kernel.T


def _as_keras(layer: keras.Layer, kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """The way back."""
    return kernel.transpose(2, 3, 1, 0) if isinstance(layer, keras.layers.Conv2D) else kernel.T


def _constants(model: ov.Model) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Name and values of each constant."""
    for node in model.get_ops():
        if node.get_type_name() == "Constant":
            yield node.get_friendly_name(), node.data


def _name_constants(converted: ov.Model, model: keras.Model) -> None:
    """Name each weight after its layer. The conversion forgets names but copies values, so the values find them."""
    nodes = [node for node in converted.get_ops() if node.get_type_name() == "Constant"]
    for layer in weighted(model):
        kernel, bias = layer.get_weights()
        for part, values in (("kernel", _as_openvino(layer, kernel)), ("bias", bias.reshape(-1))):
            found = [node for node in nodes if np.array_equal(_squeezed(node.data), _squeezed(values))]
            assert len(found) == 1, f"{layer.name}/{part} is {len(found)} times among the constants, once expected"
            found[0].set_friendly_name(f"{layer.name}/{part}")


def _squeezed(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A bias as a plain vector, whichever axes it was broadcast along."""
    return values.reshape(-1) if values.size == max(values.shape, default=1) else values
