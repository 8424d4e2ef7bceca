"""Outlines in the body's plane: points in millimetres come in; radii, 1 on the outline, go out."""

from dataclasses import dataclass

import numpy as np

from hri_node.phantom.fields import Floats

FAR = 9.0
"""Radius of every point that is too far away to be looked at."""

HARMONICS = 5


@dataclass(frozen=True, slots=True)
class Blob:
    """A tilted super-ellipse whose outline waves; lengths in mm, angles in radians.

    Attributes
    ----------
    power
        2 is an ellipse, more a rounded box.
    waves
        Amplitude (share of the radius) and phase of the outline's harmonics 2, 3, ...; shape (`HARMONICS`, 2).
    """

    x_mm: float
    z_mm: float
    half_x_mm: float
    half_z_mm: float
    tilt: float
    power: float
    waves: Floats

    def place(self, x_mm: Floats, z_mm: Floats) -> tuple[Floats, Floats]:
        """Along and across, in shares of the half axes."""
        dx, dz = x_mm - np.float32(self.x_mm), z_mm - np.float32(self.z_mm)
        cos, sin = np.float32(np.cos(self.tilt)), np.float32(np.sin(self.tilt))
        along, across = (dx * cos + dz * sin) / self.half_x_mm, (dz * cos - dx * sin) / self.half_z_mm
        return along.astype(np.float32, copy=False), across.astype(np.float32, copy=False)

    def radius(self, x_mm: Floats, z_mm: Floats, reach: float = 1.4) -> Floats:
        """Radius of each point, 1 on the outline; `FAR` beyond `reach`."""
        along, across = self.place(x_mm, z_mm)
        radius = np.full(along.shape, FAR, np.float32)
        near = np.flatnonzero((np.abs(along) < reach) & (np.abs(across) < reach))
        u, v = along.ravel()[near], across.ravel()[near]
        angle = np.arctan2(v, u)
        outline = np.ones_like(u)
        for order, (amplitude, phase) in enumerate(self.waves, start=2):
            outline += amplitude * np.cos(order * angle + phase)
        power = np.float32(self.power)
        radius.ravel()[near] = (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power) / outline
        return radius


def draw_blob(
    rng: np.random.Generator,
    place_mm: tuple[float, float],
    half_axes_mm: tuple[float, float],
    tilt: float = 0.0,
    waviness: float = 0.06,
) -> Blob:
    """A blob at `place_mm` (x, z), with an outline of its own.

    Parameters
    ----------
    rng
        Where chance comes from.
    place_mm, half_axes_mm
        Middle, and half axes along and across.
    tilt
        Of the long axis, radians; positive: the right end lies deeper.
    waviness
        Standard deviation of the harmonics of the outline, together.
    """
    orders = np.arange(2, 2 + HARMONICS)
    amplitudes = waviness * rng.standard_normal(HARMONICS) / np.sqrt(orders - 0.5)
    waves = np.stack([amplitudes, rng.uniform(0, 2 * np.pi, HARMONICS)], axis=1).astype(np.float32)
    return Blob(*place_mm, *half_axes_mm, tilt, float(rng.uniform(1.9, 2.5)), waves)
