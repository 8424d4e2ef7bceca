"""Screenshots come in; whether a picture, an outline or an overlay is seen in them, at its place, goes out."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion

Grey = NDArray[np.uint8]
"""Shape (rows, columns)."""

Colours = NDArray[np.uint8]
"""Shape (rows, columns, 3)."""

Mask = NDArray[np.bool_]
"""Shape (rows, columns)."""

COLOURED: Final = 18
"""Grey levels between the largest and the smallest channel: more than any viewer's interpolation makes of grey."""

BORDER: Final = 3
"""Pixels of an image beside a border that may belong to either side: a viewer draws outlines with a width."""

STRAY: Final = 0.002
"""Share of pixels outside that may be tinted all the same."""

DASHED: Final = 0.35
"""Share of a dashed side that is drawn at least."""

STROKE: Final = 2
"""Pixels of the page that a stroke may lie beside its exact place."""


@dataclass(frozen=True)
class Place:
    """Where an image lies: each of its pixels is `scale` wide, and its corner is at (left, top)."""

    scale: float
    left: float
    top: float

    def point(self, column: float, row: float) -> tuple[float, float]:
        """Return (x, y) of a point of the image, counted from its outer corner."""
        return self.left + column * self.scale, self.top + row * self.scale


def fitted(shape: tuple[int, ...], box: tuple[float, float, float, float]) -> Place:
    """Place of an image of (rows, columns) in a box (left, top, right, bottom): as large as possible, in its middle."""
    (rows, columns), (left, top, right, bottom) = shape[:2], box
    scale = min((right - left) / columns, (bottom - top) / rows)
    return Place(scale, (left + right - columns * scale) / 2, (top + bottom - rows * scale) / 2)


def pixels(encoded: bytes) -> Colours:
    """Decode a picture; nothing is one black pixel."""
    if not encoded:
        return np.zeros((1, 1, 3), np.uint8)
    with Image.open(io.BytesIO(encoded)) as picture:
        return np.asarray(picture.convert("RGB"))


def shrunk(picture: Colours, place: Place, shape: tuple[int, ...]) -> Colours:
    """Cut the image of (rows, columns) out of what shows it at `place`, and bring it to its own size."""
    rows, columns = shape[:2]
    box = (*place.point(0, 0), *place.point(columns, rows))
    return np.asarray(Image.fromarray(picture).resize((columns, rows), Image.Resampling.BOX, box))


def likeness(seen: Colours, picture: NDArray[np.uint8]) -> float:
    """Correlation of two pictures of one size, 0 where one is empty; 1 is the same picture, whatever its window."""
    first, second = (_grey(each).astype(float).ravel() for each in (seen, picture))
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def is_outlined(screen: Colours, place: Place, window: dict[str, int]) -> bool:
    """Whether each side of a window (of an image at `place`) is drawn in yellow or green, as OHIF draws regions."""
    red, green, blue = (screen[..., channel].astype(int) for channel in range(3))
    drawn = (green - blue > 80) & (green >= red - 20)
    return all(np.mean(_is_near(drawn, points)) >= DASHED for points in _sides(place, window))


def is_overlaid(seen: Colours, parts: dict[tuple[int, int, int], Mask]) -> bool:
    """Whether a grey image is tinted inside each part, with its colour, and outside of all of them is not.

    Parameters
    ----------
    seen
        The image with its overlay, in its own size.
    parts
        The pixels of each part, by its colour. Of parts that overlap, a part's colour is looked for where it is
        covered least.
    """
    tinted = np.ptp(seen.astype(int), axis=2) > COLOURED
    depth = np.sum(list(parts.values()), axis=0)
    outside = ~binary_dilation(depth > 0, iterations=BORDER)
    if np.mean(tinted[outside]) > STRAY:
        return False
    return all(_is_tinted(seen, _inside(mask & (depth == depth[mask].min())), rgb) for rgb, mask in parts.items())


def _is_tinted(seen: Colours, inside: Mask, colour: tuple[int, int, int]) -> bool:
    """Whether nearly every pixel has colour, and that colour is on average the part's."""
    found = seen[inside].astype(float)
    mean, wanted = found.mean(axis=0), np.array(colour, float)
    mean, wanted = mean - mean.min(), wanted - wanted.min()
    cosine = mean @ wanted / max(1e-6, float(np.linalg.norm(mean) * np.linalg.norm(wanted)))
    return bool(np.mean(np.ptp(found, axis=1) > COLOURED) > 0.98 and cosine > 0.97)


def _inside(mask: Mask) -> Mask:
    """Return a mask without its border, or with it where nothing else would be left."""
    return mask if (inner := binary_erosion(mask, iterations=BORDER)).sum() == 0 else inner


def _sides(place: Place, window: dict[str, int]) -> Iterator[NDArray[np.float64]]:
    """Return points along each side of a window, shape (points, 2) as (x, y), a pixel of the page apart."""
    left, top = place.point(window["column"], window["row"])
    right, bottom = place.point(window["column"] + window["columns"], window["row"] + window["rows"])
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    for start, end in pairwise(corners):
        yield np.linspace(start, end, int(np.abs(end - start).max()))


def _is_near(drawn: Mask, points: NDArray[np.float64]) -> Mask:
    """Return whether something is drawn within a stroke of each point."""
    columns, rows = points.round().astype(int).T
    found = np.zeros(len(points), bool)
    for shift in range(-STROKE, STROKE + 1):
        found |= drawn[rows + shift, columns] | drawn[rows, columns + shift]
    return found


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return a picture without its colours."""
    return picture.mean(axis=2) if picture.ndim == 3 else picture.astype(float)
