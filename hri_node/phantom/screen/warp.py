"""An array of the screen's size comes in; the same array flipped, stretched, shrunk or cropped goes out."""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from hri_node.phantom.geometry import COLUMNS, ROWS, Sector

Pixel = TypeVar("Pixel", bound=np.generic)

RESAMPLING = {0: Image.Resampling.NEAREST, 1: Image.Resampling.BILINEAR, 3: Image.Resampling.BICUBIC}
"""By order of the polynomial, as scipy counts them."""


@dataclass(frozen=True, slots=True)
class Warp:
    """Where a pixel of the screen goes: ``row' = row_scale * row + row_shift``, and the same across.

    Negative scales turn the picture over. Whatever is moved by it (picture, labels, shadow) is moved by the same
    numbers; `sector` moves the geometry, so that labels and echoes can also be drawn in the moved sector, exactly.
    """

    row_scale: float = 1.0
    row_shift: float = 0.0
    column_scale: float = 1.0
    column_shift: float = 0.0

    @property
    def mirrored(self) -> bool:
        """Whether left and right are exchanged."""
        return self.column_scale < 0

    @property
    def inverted(self) -> bool:
        """Whether the probe is at the bottom."""
        return self.row_scale < 0

    @property
    def crops(self) -> bool:
        """Whether some of the screen is pushed over its edge."""
        rows = np.array([-0.5, ROWS - 0.5]) * self.row_scale + self.row_shift
        columns = np.array([-0.5, COLUMNS - 0.5]) * self.column_scale + self.column_shift
        tolerance = 0.01
        return bool(
            rows.min() < -0.5 - tolerance
            or rows.max() > ROWS - 0.5 + tolerance
            or columns.min() < -0.5 - tolerance
            or columns.max() > COLUMNS - 0.5 + tolerance
        )

    def then(self, after: "Warp") -> "Warp":
        """Both in one: first this, then `after`."""
        return Warp(
            self.row_scale * after.row_scale,
            self.row_shift * after.row_scale + after.row_shift,
            self.column_scale * after.column_scale,
            self.column_shift * after.column_scale + after.column_shift,
        )

    def sector(self, sector: Sector) -> Sector:
        """The sector as it lies after the warp; a turned axis gets a negative spacing, which `Sector.beams` follows."""
        return replace(
            sector,
            apex_row=sector.apex_row * self.row_scale + self.row_shift,
            apex_column=sector.apex_column * self.column_scale + self.column_shift,
            spacing_mm=(sector.spacing_mm[0] / self.row_scale, sector.spacing_mm[1] / self.column_scale),
        )

    def apply(self, array: NDArray[Pixel], order: int = 1) -> NDArray[Pixel]:
        """The array after the warp; 0 where nothing was.

        Parameters
        ----------
        array
            Shape (480, 640) or, as bytes, (480, 640, 3).
        order
            0 nearest pixel (labels), 1 linear, 3 cubic.

        Returns
        -------
        NDArray
            Same shape and type.
        """
        if self == IDENTITY:
            return array
        if (abs(self.row_scale), abs(self.column_scale)) == (1, 1) and self == screen_flip(
            self.mirrored, self.inverted
        ):
            return np.ascontiguousarray(array[:: -1 if self.inverted else 1, :: -1 if self.mirrored else 1])
        source = array.astype(np.uint8) if array.dtype == np.bool_ else array
        image = Image.fromarray(self._unaliased(source) if order else source)
        moved = image.transform((COLUMNS, ROWS), Image.Transform.AFFINE, self._inverse(), RESAMPLING[order])
        return np.asarray(moved).astype(array.dtype)

    def _inverse(self) -> tuple[float, float, float, float, float, float]:
        """Pillow's coefficients: from a pixel of the result to its source, both counted from the pixels' edges."""
        column_origin = 0.5 * self.column_scale - 0.5 - self.column_shift
        row_origin = 0.5 * self.row_scale - 0.5 - self.row_shift
        return (
            1 / self.column_scale,
            0.0,
            column_origin / self.column_scale,
            0.0,
            1 / self.row_scale,
            row_origin / self.row_scale,
        )

    def _unaliased(self, array: NDArray[Any]) -> NDArray[Any]:
        """What shrinks by much is blurred first, as a frame grabber does."""
        for axis, scale in enumerate((self.row_scale, self.column_scale)):
            if abs(scale) < 0.85:  # noqa: PLR2004 - below, speckle of two pixels would alias
                array = gaussian_filter1d(array, 0.4 / abs(scale), axis=axis)
        return array


IDENTITY = Warp()


def screen_flip(mirrored: bool, inverted: bool) -> Warp:  # noqa: FBT001 - two switches of one kind
    """The whole screen mirrored left to right, and turned top to bottom."""
    return Warp(
        -1.0 if inverted else 1.0,
        ROWS - 1.0 if inverted else 0.0,
        -1.0 if mirrored else 1.0,
        COLUMNS - 1.0 if mirrored else 0.0,
    )


def fitted(height: float, width: float, middle: tuple[float, float] = (0.5, 0.5)) -> Warp:
    """The screen shrunk (or enlarged, and then cropped) to shares of its height and width.

    Parameters
    ----------
    height, width
        Shares of the screen that the old screen takes; above 1 it is cropped.
    middle
        Which point keeps its place, in shares of height and width.
    """
    row, column = middle[0] * (ROWS - 1), middle[1] * (COLUMNS - 1)
    return Warp(height, row * (1 - height), width, column * (1 - width))


def draw_flip(rng: np.random.Generator) -> Warp:
    """Left and right exchanged on one screen in twenty, top and bottom on one in a hundred."""
    mirrored, inverted = rng.random(2) < (0.05, 0.01)
    return screen_flip(bool(mirrored), bool(inverted))


def draw_frame(rng: np.random.Generator) -> Warp:
    """What an export does to the screen: mostly nothing; letterbox, pillar box, margins, stretch or crop."""
    kind = rng.choice(["none", "letterbox", "pillars", "margin", "crop"], p=[0.6, 0.1, 0.08, 0.1, 0.12])
    scale = float(rng.choice([0.75, 0.833, 0.9]))
    middle = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.8)))
    if kind == "letterbox":
        return fitted(scale, 1.0)
    if kind == "pillars":
        return fitted(1.0, scale)
    if kind == "margin":
        size = float(rng.uniform(0.72, 0.98))
        return fitted(size, size * float(rng.uniform(0.95, 1.05)) if size < 0.95 else size, middle)  # noqa: PLR2004
    if kind == "crop":
        return fitted(float(rng.uniform(1.0, 1.15)), float(rng.uniform(1.0, 1.15)), middle)
    return IDENTITY
