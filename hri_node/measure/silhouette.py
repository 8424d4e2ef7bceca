"""Grey levels in; a coarse map of where the screen is not background, and the large pieces of it, out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from scipy import ndimage

from hri_node.measure.types import Grey, Mask

COLUMNS_MAX = 160
"""The silhouette is at most this many blocks wide: the fan is fitted on it, then sharpened on the source."""

BACKGROUND_MAX, BACKGROUND_MIN = 80, 0.04
"""Levels below the first may be the background, where they are even on this part of the picture; else black is."""

BORDER_SHARE = 0.5
"""The level of the picture's border is the background if this part as many pixels have it as have the commonest one."""

FLAT_LEVELS, ACTIVE_PART_MIN, PANEL_LEVELS = 0, 0.2, 4
"""Where less than the second part of pixels differs from its neighbours by more than the first, what is farther than
the third off the background is a panel or a frame of the screen (and where none differs, whatever is off it at all)."""

NEIGHBOUR = (2, 1)
"""(columns, rows) of half blocks to the one that each is compared with: speckle differs that far apart."""

EVEN = [255 if level <= FLAT_LEVELS else 0 for level in range(256)]
NOISE_LEVELS, ECHO_LEVELS = 1, 4
"""A pixel as near the background as the first is none, from the second on it is all echo (dark echoes: about 3)."""

TRACE_PART_MIN, ECHO_PART_MIN = 0.18, 0.35
"""Blocks with at least this much echo show a trace, or an echo; a line of text covers less of its blocks."""

WHITE = 255
"""A block all of whose pixels are even has this in the map of what is even."""

INK_PART_MAX = 0.85
INK_LEVEL = 120
"""Blocks covered by less than the first, with what covers them brighter than the second, hold letters."""

PIECE_FRACTION_MIN = 0.005
"""Least part of the picture that a piece of a broken sector covers; logos are smaller."""

SPECK_FRACTION_MAX = 0.0012
LINE_ROWS = 4
"""Smaller specks, and pieces that are at most this many blocks high (16 of 480 pixels), are text or ticks."""

RULE_PART_MIN = 0.3
"""A line at most two blocks thick that takes this part of a row or column is drawn by the screen."""

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
    ink
        Part of the picture in letters, 0..1.
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
    ink: float
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
    fine = -(-pixels.shape[1] // (2 * COLUMNS_MAX))
    # Means, tables and differences are Pillow's: several times faster than numpy's.
    source = Image.fromarray(np.ascontiguousarray(pixels)).reduce(fine)
    even = ImageChops.difference(source, ImageChops.offset(source, *NEIGHBOUR)).point(EVEN)
    background = _background(source, even)
    above = np.clip(np.abs(np.arange(256) - background) - NOISE_LEVELS, 0, ECHO_LEVELS - NOISE_LEVELS)
    shares = (above * (255 // (ECHO_LEVELS - NOISE_LEVELS))).tolist()
    flat, blocks, levels = (np.asarray(image.reduce(2)) for image in (even, source.point(shares), source))
    # Half covered blocks whose cover is bright are letters: echoes fade, ink does not.
    ink = (blocks < INK_PART_MAX * 255) & (levels > INK_LEVEL / 255 * blocks + background)
    off = np.abs(levels.astype(np.int16) - background)
    panel = ((flat > (1 - ACTIVE_PART_MIN) * 255) & (off > PANEL_LEVELS)) | ((flat == WHITE) & (off > NOISE_LEVELS))
    blocks = np.where(ink | panel, 0, blocks)
    traces = _without_rules(blocks >= TRACE_PART_MIN * 255)
    labels, areas, _ = _labelled(traces)
    traces = np.take(areas > SPECK_FRACTION_MAX * labels.size, labels)
    echo = _opened(traces & (blocks >= ECHO_PART_MIN * 255))
    labels, areas, boxes = _labelled(echo)
    large = areas >= PIECE_FRACTION_MIN * labels.size
    pieces = [Piece(int(label), boxes[label - 1], int(areas[label])) for label in np.flatnonzero(large)]
    pieces.sort(key=lambda piece: -piece.area)
    return Silhouette(traces, np.take(large, labels), float(ink.mean()), 2 * fine, background, labels, tuple(pieces))


def _background(source: Image.Image, even: Image.Image) -> int:
    """The most common dark level of what is even; that of the picture's border where it is about as common."""
    counts = source.histogram(even)[:BACKGROUND_MAX]
    levels = np.asarray(source)
    border = np.bincount(np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]]), minlength=256)
    outer = int(border.argmax())
    if max(counts) < BACKGROUND_MIN * levels.size:
        return 0
    return (
        outer if outer < BACKGROUND_MAX and counts[outer] >= BORDER_SHARE * max(counts) else counts.index(max(counts))
    )


def _labelled(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.intp], list[tuple[slice, slice]]]:
    """Connected parts, their areas (0 for furniture and for what is no part) and their boxes."""
    labels, count = ndimage.label(mask, NEIGHBOURS)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    boxes = ndimage.find_objects(labels)
    areas[[label for label, box in enumerate(boxes, start=1) if _furniture(box)]] = 0
    return labels, areas, boxes


def _without_rules(traces: Mask) -> Mask:
    """Without long thin lines along rows or columns: the frames of panels, and the scales beside the sector."""
    clean = traces.copy()
    for lines, out in ((traces, clean), (traces.T, clean.T)):
        padded = np.pad(lines, ((2, 2), (0, 0)))
        thin = lines & ~(padded[:-4] & padded[1:-3]) & ~(padded[4:] & padded[3:-1]) & ~(padded[1:-3] & padded[3:-1])
        long = np.flatnonzero(thin.sum(axis=1) >= RULE_PART_MIN * lines.shape[1])
        out[long] &= ~thin[long]
    return clean


def _furniture(box: tuple[slice, slice]) -> bool:
    """Whether a piece is as flat as a line of text, or as narrow as a bar."""
    rows, columns = box[0].stop - box[0].start, box[1].stop - box[1].start
    return bool(rows <= LINE_ROWS or (columns <= FURNITURE_COLUMNS and rows > FURNITURE_RATIO * columns))


def _opened(echo: Mask) -> Mask:
    """Without what is thinner than three blocks, such as text and ticks; beyond the picture counts as echo."""
    inner = _three(_three(np.pad(echo, 1, constant_values=True), np.logical_and).T, np.logical_and).T
    return _three(_three(np.pad(inner, 1), np.logical_or).T, np.logical_or).T


def _three(mask: Mask, joined: np.ufunc) -> Mask:
    """Each row joined with its two neighbours; two rows fewer than before."""
    return np.asarray(joined(joined(mask[:-2], mask[1:-1]), mask[2:]), dtype=np.bool_)
