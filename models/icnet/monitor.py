"""The network as it stands comes in; what it does on views it is not trained on, phantoms and real ones, goes out."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hri_node.measure.canonical import canonical_of
from hri_node.measure.sector import find_sector
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL
from hri_node.segment.channels import network_channels
from models.icnet.data import HIDDEN_BIT, Phantoms, cut_labels

PRESENT = 0.012
"""Part of the frame that an organ must cover to be scored."""

LABELS = (LIVER_LABEL, KIDNEY_LABEL)


@dataclass(frozen=True, slots=True)
class Watched:
    """Views to watch: channels (views, rows, columns, 2), and labels (bit 7: hidden)."""

    channels: NDArray[np.float32]
    labels: NDArray[np.uint8]


def watched_phantoms(phantoms: Phantoms, count: int) -> Watched:
    """The first `count` phantoms."""
    pixels, labels = np.asarray(phantoms.pixels[:count]), np.asarray(phantoms.labels[:count])
    return Watched(np.stack([network_channels(picture) for picture in pixels]), labels)


def watched_frames(images: Path, labels: Path) -> Watched:
    """Pictures and their label maps (1 liver, 2 kidney), paired by stem; used to look at, never to learn from.

    Parameters
    ----------
    images, labels
        Folders of JPEG or PNG pictures, and of PNG label maps of the same size.
    """
    channels, maps = [], []
    for path in sorted(labels.glob("*.png")):
        picture = next(image for image in images.iterdir() if image.stem == path.stem)
        pixels = np.asarray(Image.open(picture).convert("L"))
        frame = canonical_of(find_sector(pixels, None), pixels.shape)
        channels.append(network_channels(frame.picture(pixels)))
        maps.append(cut_labels(np.asarray(Image.open(path)), frame))
    return Watched(np.stack(channels), np.stack(maps))


def look(model: keras.Model, watched: Watched) -> tuple[float, float]:
    """Mean Jaccard index of liver and kidney, of each the largest part found, where anything can be seen.

    Parameters
    ----------
    model
        In training form, its statistics in order.
    watched
        What to look at.
    """
    scores: tuple[list[float], list[float]] = ([], [])
    for channels, labels in zip(watched.channels, watched.labels, strict=True):
        quarter = model(channels[np.newaxis], training=False)[0]
        logits = ops.image.resize(quarter, labels.shape, interpolation="bilinear", data_format="channels_last")
        found = ops.convert_to_numpy(logits)[0] > 0
        visible, plain = labels < HIDDEN_BIT, labels & (HIDDEN_BIT - 1)
        for index, label in enumerate(LABELS):
            truth = (plain == label) & visible
            if truth.mean() >= PRESENT:
                part = _largest(found[..., index]) & visible
                scores[index].append(float(np.count_nonzero(part & truth) / np.count_nonzero(part | truth)))
    return float(np.mean(scores[0] or [0.0])), float(np.mean(scores[1] or [0.0]))


def _largest(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part."""
    labels, count = ndimage.label(found)
    if count == 0:
        return found
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)
