"""A seed and a correlation length come in; smooth random fields, on a grid or at points in millimetres, go out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], length: tuple[float, float]) -> Floats:
    """Random field of unit variance.

    Parameters
    ----------
    rng
        Where chance comes from.
    shape
        (rows, columns) of the field.
    length
        Correlation length along rows and columns, in samples.

    Returns
    -------
    Floats
        The field, mean 0 and standard deviation 1.
    """
    coarse = [max(2, round(size / max(step, 1)) + 2) for size, step in zip(shape, length, strict=True)]
    knots = Image.fromarray(rng.standard_normal(coarse, dtype=np.float32))
    field = np.asarray(knots.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)


@dataclass(frozen=True, slots=True)
class Field:
    """A smooth random function of position: the same on the beam grid and on the screen's."""

    values: Floats
    step_mm: float
    origin_mm: float

    def at(self, x_mm: Floats, z_mm: Floats) -> Floats:
        """Values at the points (x, z): of the nearest knot, for the knots lie closer than the field changes."""
        scale, shift = np.float32(1 / self.step_mm), np.float32(0.5 - self.origin_mm / self.step_mm)
        last_row, last_column = self.values.shape[0] - 1, self.values.shape[1] - 1
        rows = np.clip((z_mm * scale + shift).astype(np.int32), 0, last_row)
        columns = np.clip((x_mm * scale + shift).astype(np.int32), 0, last_column)
        return np.asarray(self.values.ravel()[rows * np.int32(last_column + 1) + columns], np.float32)


def random_field(rng: np.random.Generator, length_mm: float, amplitude: float = 1.0) -> Field:
    """A field over the whole plane that a probe can see.

    Parameters
    ----------
    rng
        Where chance comes from.
    length_mm
        Correlation length.
    amplitude
        Standard deviation.

    Returns
    -------
    Field
        The function of position.
    """
    step_mm = min(1.0, length_mm / 8)
    side = int(500 / step_mm)
    return Field(amplitude * smooth_noise(rng, (side, side), (length_mm / step_mm,) * 2), step_mm, -220.0)
