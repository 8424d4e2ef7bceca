"""Tissue along the beams comes in; what bone, gas and poor contact take away, and what they send back, goes out."""

from dataclasses import dataclass

import numpy as np

from hri_node.phantom.anatomy import Anatomy, Codes, Tissue
from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import Points


@dataclass(frozen=True, slots=True)
class Obstacles:
    """One-way loss in dB, and echo amplitude (relative to cortex) added by bone and gas, on the beam grid."""

    shadow_db: Floats
    amplitude: Floats
    gas: Floats


def find_obstacles(rng: np.random.Generator, anatomy: Anatomy, points: Points, tissue: Codes) -> Obstacles:
    """Everything that hides what lies behind it.

    Parameters
    ----------
    rng
        Where chance comes from.
    anatomy
        For its settings and the thickness of the wall.
    points
        The beam grid, shape (depths, beams).
    tissue
        Tissue codes on that grid.

    Returns
    -------
    Obstacles
        Loss and added echoes.
    """
    step_mm = float(points.depth_mm[1, 0] - points.depth_mm[0, 0])
    shadow_db, amplitude = np.zeros_like(points.x_mm), np.zeros_like(points.x_mm)
    for _ in range(anatomy.settings.rib_shadows):
        loss, face = _rib(rng, anatomy, points)
        shadow_db += loss
        amplitude += face
    shadow_db += _poor_contact(rng, points)
    gas = ((tissue == Tissue.LUNG) | (tissue == Tissue.GAS)).astype(np.float32)
    path_mm = np.cumsum(gas, axis=0) * step_mm
    ripple = np.clip(smooth_noise(rng, gas.shape, (9, 6)), 0, 3)
    returned = 6 * np.exp(-path_mm / 2) + (0.5 + 1.4 * ripple) * np.exp(-path_mm / rng.uniform(12, 30))
    amplitude = np.where(gas > 0, returned, amplitude)
    shadow_db += np.where(gas > 0, 0, np.clip(3 * path_mm, 0, 32))
    return Obstacles(shadow_db.astype(np.float32), amplitude.astype(np.float32), gas)


def _rib(rng: np.random.Generator, anatomy: Anatomy, points: Points) -> tuple[Floats, Floats]:
    """A bright face under the fat and a soft-edged shadow behind it."""
    field = np.deg2rad(anatomy.settings.field_deg)
    centre, half_width = rng.choice([-1, 1]) * rng.uniform(0.12, 0.5) * field, rng.uniform(0.03, 0.08)
    beams = 1 / (1 + np.exp((np.abs(points.angle - centre) - half_width) / rng.uniform(0.004, 0.02)))
    behind_mm = points.depth_mm - anatomy.wall_mm[1] - rng.uniform(1, 4)
    face = 4 * beams * np.exp(-(((behind_mm - 300 * (points.angle - centre) ** 2) / 0.8) ** 2))
    return rng.uniform(8, 34) * beams * (1 - np.exp(-np.clip(behind_mm, 0, None) / 3)), face


def _poor_contact(rng: np.random.Generator, points: Points) -> Floats:
    """The outermost beams leave the skin in some views."""
    half_field = float(points.angle.max())
    loss = np.zeros_like(points.angle)
    for side in (-1, 1):
        if rng.random() < 0.5:  # noqa: PLR2004 - half of the edges
            start = half_field * (1 - 0.14 * rng.random())
            loss += 18 * np.clip((side * points.angle - start) / (0.08 * half_field), 0, 1)
    return loss
