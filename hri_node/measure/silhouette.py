"""Grey levels in; a coarse map of where the screen is not background, and the large pieces of it, out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hri_node.measure.types import Grey, Mask

COLUMNS_MAX = 160
"""The silhouette is at most this many blocks wide: the fan is fitted on it, then sharpened on the source."""

BACKGROUND_MAX = 64
BACKGROUND_FRACTION_MIN = 0.5
"""The background is a grey level below 64 that at least half of the picture's border has; else it is taken as 0."""

NOISE_LEVELS, ECHO_LEVELS = 1, 4
"""A pixel as near the background as the first is none, from the second on it is all echo (dark echoes: about 3)."""

TRACE_PART_MIN, ECHO_PART_MIN = 0.18, 0.35
"""Blocks with at least this much echo show a trace, or an echo; a line of text covers less of its blocks."""

INK_PART_MAX = 0.85
INK_LEVEL = 120
"""Blocks covered by less than the first, with what covers them brighter than the second, hold letters."""

PIECE_FRACTION_MIN = 0.005
"""Least part of the picture that a piece of a broken sector covers; logos are smaller."""

SPECK_FRACTION_MAX = 0.0012
LINE_ROWS = 4
"""Smaller specks, and pieces that are at most this many blocks high (16 of 480 pixels), are text or ticks."""

FURNITURE_COLUMNS = 7
FURNITURE_RATIO = 2.5
"""Pieces at most this many blocks wide (28 of 640 pixels) and this much higher than wide are grey bars and rulers."""

NEIGHBOURS = np.ones((3, 3), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Piece:
    """A connected part of a silhouette: its label, its box and its area in blocks."""

    label: int
    box: tuple[slice, slice]
    area: int


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Where a screen shows something.

    Attributes
    ----------
    traces
        Blocks that are not quite background, without text, bars and rulers.
    echo
        Blocks that are echo, thin marks left out as well.
    step
        Source pixels along each side of a block.
    background
        Grey level around the sector.
    labels
        Which piece each block belongs to, 0 for none.
    pieces
        The pieces that may be parts of a sector, largest first.
    """

    traces: Mask
    echo: Mask
    step: int
    background: int
    labels: NDArray[np.int32]
    pieces: tuple[Piece, ...]

    def largest(self) -> Mask:
        """Echoes of the largest piece alone."""
        return np.asarray(self.echo & (self.labels == self.pieces[0].label))


def silhouette_of(pixels: Grey) -> Silhouette:
    """Shrink the picture to blocks that are background or not.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    """
    step = -(-pixels.shape[1] // COLUMNS_MAX)
    background = background_of(pixels)
    above = np.clip(np.abs(np.arange(256) - background) - NOISE_LEVELS, 0, ECHO_LEVELS - NOISE_LEVELS)
    shares = (above * (255 // (ECHO_LEVELS - NOISE_LEVELS))).tolist()
    # The table and the mean over blocks are Pillow's: several times faster than numpy's.
    source = Image.fromarray(np.ascontiguousarray(pixels))
    blocks, levels = np.asarray(source.point(shares).reduce(step)), np.asarray(source.reduce(step))
    # Half covered blocks whose cover is bright are letters: echoes fade, ink does not.
    ink = (blocks < INK_PART_MAX * 255) & (levels > INK_LEVEL / 255 * blocks + background)
    blocks = np.where(ink, 0, blocks)
    labels, _ = ndimage.label(blocks >= TRACE_PART_MIN * 255, NEIGHBOURS)
    areas = np.bincount(labels.ravel())
    boxes = ndimage.find_objects(labels)
    kept = np.zeros(len(areas), dtype=np.bool_)
    for label in np.flatnonzero(areas > SPECK_FRACTION_MAX * labels.size):
        kept[label] = label > 0 and not _furniture(boxes[label - 1])
    traces = kept[labels]
    large = kept & (areas >= PIECE_FRACTION_MIN * labels.size)
    pieces = [Piece(int(label), boxes[label - 1], int(areas[label])) for label in np.flatnonzero(large)]
    pieces.sort(key=lambda piece: -piece.area)
    echo = _opened(large[labels] & (blocks >= ECHO_PART_MIN * 255))
    return Silhouette(traces, echo, step, background, labels, tuple(pieces))


def _furniture(box: tuple[slice, slice]) -> bool:
    """Whether a piece is as flat as a line of text, or as narrow as a bar."""
    rows, columns = box[0].stop - box[0].start, box[1].stop - box[1].start
    return bool(rows <= LINE_ROWS or (columns <= FURNITURE_COLUMNS and rows > FURNITURE_RATIO * columns))


def background_of(pixels: Grey) -> int:
    """Grey level of the screen around the sector.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    """
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    level = int(np.bincount(border, minlength=256)[:BACKGROUND_MAX].argmax())
    near = np.abs(border.astype(np.int16) - level) <= 1
    return level if near.mean() >= BACKGROUND_FRACTION_MIN else 0


def _opened(echo: Mask) -> Mask:
    """Without what is thinner than three blocks, such as text and ticks; beyond the picture counts as echo."""
    inner = _three(_three(np.pad(echo, 1, constant_values=True), np.logical_and).T, np.logical_and).T
    return _three(_three(np.pad(inner, 1), np.logical_or).T, np.logical_or).T


def _three(mask: Mask, joined: np.ufunc) -> Mask:
    """Each row joined with its two neighbours; two rows fewer than before."""
    return np.asarray(joined(joined(mask[:-2], mask[1:-1]), mask[2:]), dtype=np.bool_)
