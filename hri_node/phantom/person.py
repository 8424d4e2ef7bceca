"""Settings and a source of chance come in; the `Anatomy` of one synthetic person goes out."""

import numpy as np

from hri_node.phantom.anatomy import Anatomy, Kidney
from hri_node.phantom.fields import random_field
from hri_node.phantom.ranges import Settings
from hri_node.phantom.vessels import draw_vessels

REFERENCE_DEPTH_MM = 150.0
"""Depth at which the ranges' kidney depths hold; a deeper image belongs to a larger person."""


def draw_person(rng: np.random.Generator, settings: Settings) -> Anatomy:
    """Organs that agree with `settings`; what these leave open is drawn.

    Parameters
    ----------
    rng
        Where chance comes from.
    settings
        Sizes and places of the organs.

    Returns
    -------
    Anatomy
        The person.
    """
    scale = settings.depth_mm / REFERENCE_DEPTH_MM
    kidney = _draw_kidney(rng, settings, scale)
    wall_mm = 2 + settings.fat_mm + settings.muscle_mm
    fine, coarse = random_field(rng, 5), [random_field(rng, 16, amplitude) for amplitude in (2.0, 1.7)]
    half_field = np.deg2rad(settings.field_deg) / 2
    return Anatomy(
        settings=settings,
        kidney=kidney,
        diaphragm=(kidney.x_mm - 24, wall_mm + 8, rng.uniform(86, 112) * scale),
        cranial_mm=kidney.x_mm + rng.uniform(-20, 25) if settings.has_liver else -1e3,
        tip_mm=kidney.x_mm + settings.liver_tip_mm if settings.has_liver else kidney.x_mm + rng.uniform(-60, 60),
        gallbladder=_draw_gallbladder(rng, kidney) if settings.gallbladder else None,
        curtain_angle=float(half_field * rng.uniform(-0.95, -0.5)) if settings.lung_curtain else None,
        vessels=draw_vessels(rng, (kidney.x_mm - 15, (wall_mm + kidney.z_mm) / 2)),
        warps=(*coarse, random_field(rng, 9), fine),
    )


def _draw_kidney(rng: np.random.Generator, settings: Settings, scale: float) -> Kidney:
    """The kidney, with eight to twelve pyramids of which some are seen."""
    count = int(rng.integers(8, 13))
    inner = 0.36 + 0.1 * rng.random(count)
    pyramids = np.stack(
        [rng.random(count) < rng.uniform(0.4, 1), inner, 0.68 + 0.1 * rng.random(count), rng.uniform(0.45, 0.9, count)],
        axis=1,
    )
    return Kidney(
        x_mm=settings.kidney_x_mm,
        z_mm=settings.kidney_depth_mm * scale,
        half_length_mm=settings.kidney_length_mm,
        half_width_mm=settings.kidney_width_mm,
        tilt=float(np.deg2rad(settings.kidney_tilt_deg)),
        bend=rng.uniform(-0.08, 0.08),
        sinus=rng.uniform(0.34, 0.5),
        shell_mm=rng.uniform(0.3, 3),
        pyramids=pyramids.astype(np.float32),
        phase=rng.uniform(0, 6.28),
    )


def _draw_gallbladder(rng: np.random.Generator, kidney: Kidney) -> tuple[float, float, float, float]:
    """Above the kidney, off its middle."""
    above = kidney.half_width_mm + rng.uniform(16, 34)
    return kidney.x_mm + rng.uniform(-10, 30), kidney.z_mm - above, rng.uniform(14, 28), rng.uniform(6, 12)
