"""Tissue along the beams comes in; what bone, gas and poor contact take away, and what they send back, goes out."""

from dataclasses import dataclass

import numpy as np

from hri_node.phantom.anatomy import Anatomy, Codes
from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import Points
from hri_node.phantom.tissue import Tissue


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
    shadow_db += _poor_contact(rng, anatomy, points)
    shadow_db += _refraction(rng, anatomy, points)
    gas = ((tissue == Tissue.LUNG) | (tissue == Tissue.GAS)).astype(np.float32)
    path_mm = np.cumsum(gas, axis=0) * step_mm
    # Dirty shadows are rippled; others are as even as an organ.
    ripple = rng.choice([0.1, 0.5, 1.0]) * np.clip(smooth_noise(rng, gas.shape, (9, 6)), 0, 3)
    # Behind the first echo: dirty reverberation, nothing, or the mirror image of what lies before a smooth surface.
    echo, tail, reach = rng.uniform(1.5, 8), rng.choice([0.05, 0.4, 1.0]), rng.uniform(8, 70)
    returned = echo * np.exp(-path_mm / 2) + tail * (0.5 + 1.4 * ripple) * np.exp(-path_mm / reach)
    amplitude = np.where(gas > 0, returned, amplitude)
    bone_mm = np.cumsum(tissue == Tissue.BONE, axis=0) * step_mm
    amplitude += rng.uniform(2, 9) * np.exp(-bone_mm / 1.0) * (bone_mm > 0) * (tissue == Tissue.BONE)
    shadow_db += np.clip(rng.uniform(1, 4) * bone_mm, 0, 30)
    shadow_db += np.where(gas > 0, 0, np.clip(3 * path_mm, 0, rng.uniform(10, 34)))
    return Obstacles(shadow_db.astype(np.float32), amplitude.astype(np.float32), gas)


def _rib(rng: np.random.Generator, anatomy: Anatomy, points: Points) -> tuple[Floats, Floats]:
    """A bright face in the wall and a soft-edged shadow behind it."""
    field = np.deg2rad(anatomy.settings.field_deg)
    centre, half_width = rng.uniform(-0.5, 0.5) * field, rng.uniform(0.02, 0.11)
    edge = rng.uniform(0.004, 0.035)
    beams = 1 / (1 + np.exp(np.clip((np.abs(points.angle - centre) - half_width) / edge, -30, 30)))
    behind_mm = points.depth_mm - anatomy.wall_mm * rng.uniform(0.5, 1.0)
    face = rng.uniform(0, 4) * beams * np.exp(-(((behind_mm - 300 * (points.angle - centre) ** 2) / 0.8) ** 2))
    return rng.uniform(5, 36) * beams * (1 - np.exp(-np.clip(behind_mm, 0, None) / rng.uniform(2, 12))), face


def _poor_contact(rng: np.random.Generator, anatomy: Anatomy, points: Points) -> Floats:
    """The outer beams leave the skin: a narrow dark edge, or a side that fades away."""
    half_field = float(points.angle.max())
    loss = np.zeros_like(points.angle)
    for side in (-1, 1):
        if rng.random() < 0.5:  # noqa: PLR2004 - half of the edges
            start = half_field * (1 - 0.14 * rng.random())
            loss += 18 * np.clip((side * points.angle - start) / (0.08 * half_field), 0, 1)
    if anatomy.settings.side_dropout:
        side = rng.choice([-1, 1])
        start, width = half_field * rng.uniform(-0.3, 0.8), half_field * rng.uniform(0.1, 0.7)
        deeper = 1 - np.exp(-points.depth_mm / rng.uniform(5, 60))
        loss += rng.uniform(6, 30) * np.clip((side * points.angle - start) / width, 0, 1) * deeper
    return loss


def _refraction(rng: np.random.Generator, anatomy: Anatomy, points: Points) -> Floats:
    """Narrow shadows behind the edges of round organs, where beams are bent away."""
    loss = np.zeros_like(points.angle)
    if anatomy.kidney is None or rng.random() < 0.6:  # noqa: PLR2004 - seldom seen
        return loss
    bed, radius_mm = anatomy.bed, anatomy.settings.probe_radius_mm
    for side in (-1, 1):
        x_mm = (bed.x_mm + side * bed.half_x_mm * np.cos(bed.tilt)) * (-1 if anatomy.settings.mirrored else 1)
        angle = np.arctan2(x_mm, bed.z_mm + radius_mm)
        beams = np.exp(-(((points.angle - angle) / rng.uniform(0.008, 0.025)) ** 2))
        loss += rng.uniform(2, 8) * beams * (points.depth_mm > bed.z_mm)
    return loss
