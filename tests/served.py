"""A tiny network in the form that the node serves: a folder in, OpenVINO's two files and a manifest in it out."""

from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as layers

from hri_node.segment.manifest import FILE_NAME, device_uid, file_sha256
from hri_node.segment.runtime import CLASSES, INPUT_SHAPE, VIEWS

VIEW_LOGITS = (1.0, -1.0, 0.5, 0.0, -2.0)
"""Per unit of the picture's mean level: of each kind of view."""


def tiny_model(folder: Path, *, version: str = "0.0.1", views: tuple[str, ...] = VIEWS) -> Path:
    """A folder with a network whose answer is known: `answer` says it of the same channels.

    Parameters
    ----------
    folder
        Made if needed.
    version
        Named in the manifest.
    views
        Named in the manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = layers.parameter([1, *INPUT_SHAPE, 2], np.float32, name="picture")
    organs = layers.sigmoid(picture)
    mean = layers.reduce_mean(picture, np.array([1, 2, 3]))
    logits = layers.multiply(layers.reshape(mean, [1, 1], special_zero=False), np.array([VIEW_LOGITS], np.float32))
    model = ov.Model([organs, layers.softmax(logits, 1)], [picture], "tiny")
    ov.save_model(model, folder / "icnet.xml", compress_to_fp16=False)
    write_manifest(folder, version, views)
    return folder


def answer(channels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the tiny network says of channels (rows, columns, 2): organs (2, rows, columns) and views."""
    logits = np.exp(np.array(VIEW_LOGITS) * channels.mean())
    return (1 / (1 + np.exp(-channels))).transpose(2, 0, 1), (logits / logits.sum()).astype(np.float32)


def write_manifest(folder: Path, version: str, views: tuple[str, ...]) -> None:
    """The manifest that fits the two files in `folder`."""
    weights = file_sha256(folder / "icnet.bin")
    lists = {"input_shape": list(INPUT_SHAPE), "classes": list(CLASSES), "views": list(views)}
    lines = [
        'name = "tiny"',
        f'version = "{version}"',
        'runtime = "openvino"',
        f'device_uid = "{device_uid(weights)}"',
        f'weights_sha256 = "{weights}"',
        *(f"{key} = {values}".replace("'", '"') for key, values in lists.items()),
        "[files]",
        *(f'"icnet{end}" = "{file_sha256(folder / f"icnet{end}")}"' for end in (".xml", ".bin")),
    ]
    (folder / FILE_NAME).write_text("\n".join(lines) + "\n")
