"""Twins of the network: a picture and its masks in, what a perfect network would say of that picture out."""

import numpy as np
from pictures import SimplePicture

from hri_node.measure.canonical import COLUMNS, ROWS
from hri_node.measure.frame import look_for
from hri_node.measure.types import VIEWS
from hri_node.segment.runtime import Network, Probabilities

SURE = (1.0, 0.0, 0.0, 0.0, 0.0)
"""A hepatorenal view beyond doubt."""


def knows(picture: SimplePicture, views: tuple[float, ...] = SURE) -> Network:
    """A network that sees the organs of one picture whatever it is shown, and takes it for what `views` say."""
    canonical = look_for(picture.pixels, (0.3, 0.3)).canonical
    shape = picture.pixels.shape
    rows = (canonical.top + (np.arange(ROWS) + 0.5) * canonical.step_row).astype(int)
    columns = (canonical.left + (np.arange(COLUMNS) + 0.5) * canonical.step_column).astype(int)
    on_source = np.logical_and.outer((rows >= 0) & (rows < shape[0]), (columns >= 0) & (columns < shape[1]))
    at = np.ix_(rows.clip(0, shape[0] - 1), columns.clip(0, shape[1] - 1))
    organs = np.stack([picture.masks[name][at] & on_source for name in ("liver", "kidney")], axis=-1)
    seen = organs[np.newaxis].astype(np.float32), np.array([views], np.float32)
    return lambda _channels: seen


def sees_nothing(channels: Probabilities) -> tuple[Probabilities, Probabilities]:
    """A network that finds no organ and another view."""
    views = np.zeros((1, len(VIEWS)), np.float32)
    views[0, -1] = 1
    return np.zeros((1, *channels.shape[1:3], 2), np.float32), views


def halves(channels: Probabilities) -> tuple[Probabilities, Probabilities]:
    """A network that takes the upper half of every frame for liver, the lower for kidney, and is nearly sure of it."""
    organs = np.zeros((*channels.shape[:3], 2), np.float32)
    middle = channels.shape[1] // 2
    organs[:, :middle, :, 0], organs[:, middle:, :, 1] = 0.9, 0.9
    return organs, np.array([[0.6, 0.1, 0.1, 0.1, 0.1]], np.float32)
