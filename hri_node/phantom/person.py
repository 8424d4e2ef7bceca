"""Settings and a source of chance come in; the `Anatomy` of one synthetic person goes out."""

import math

import numpy as np

from hri_node.phantom.anatomy import Anatomy, Dome, Liver
from hri_node.phantom.fields import random_field
from hri_node.phantom.kidney import draw_kidney
from hri_node.phantom.ranges import Kind, Settings
from hri_node.phantom.shapes import Blob, draw_blob
from hri_node.phantom.surroundings import draw_parts
from hri_node.phantom.tissue import Tissue
from hri_node.phantom.vessels import draw_folds, draw_vessels

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
    layers = _draw_layers(rng, settings)
    bed = _draw_bed(rng, settings, layers[-1][0])
    liver = _draw_liver(rng, settings, bed, layers[-1][0])
    before, after = draw_parts(rng, settings, bed, layers[-1][0])
    middle = (bed.x_mm - 15, (layers[-1][0] + bed.z_mm) / 2)
    coarse = [random_field(rng, 16, rng.uniform(0.8, 2.4)) for _ in range(2)]
    half_field = math.radians(settings.field_deg) / 2
    kidney = draw_kidney(rng, (bed.x_mm, bed.z_mm), (bed.half_x_mm, bed.half_z_mm), bed.tilt)
    return Anatomy(
        settings=settings,
        bed=bed,
        kidney=kidney if settings.has_kidney else None,
        liver=liver,
        dome=_draw_dome(rng, settings, bed, layers[-1][0]),
        layers=layers,
        before=before,
        after=after,
        patches=random_field(rng, rng.uniform(8, 30)),
        curtain_angle=half_field * rng.uniform(-0.95, -0.5) if settings.lung_curtain else None,
        vessels=draw_vessels(rng, liver.lobe if liver and liver.lobe else middle),
        folds=draw_folds(rng, settings, (bed.x_mm, bed.z_mm)),
        warps=(*coarse, random_field(rng, 9), random_field(rng, rng.uniform(2.5, 5))),
    )


def _draw_layers(rng: np.random.Generator, settings: Settings) -> tuple[tuple[float, int], ...]:
    """Skin, fat in one to three sheets, muscle, and often fat again before the peritoneum."""
    depth, layers = rng.uniform(1, 2.5), []
    layers.append((depth, Tissue.SKIN))
    sheets = int(rng.integers(1, 4))
    for share in rng.dirichlet(np.full(sheets, 3.0)):
        depth += share * settings.fat_mm
        layers.append((depth, Tissue.FAT))
    for number, share in enumerate(rng.dirichlet(np.full(int(rng.integers(1, 4)), 3.0))):
        depth += share * settings.muscle_mm
        layers.append((depth, Tissue.FAT if number == 1 else Tissue.MUSCLE))
    return tuple((float(below), int(tissue)) for below, tissue in layers)


def _draw_bed(rng: np.random.Generator, settings: Settings, wall_mm: float) -> Blob:
    """Where the kidney lies: lengthwise, or cut across and then nearly round."""
    scale = settings.depth_mm / REFERENCE_DEPTH_MM
    length, width = settings.kidney_length_mm, settings.kidney_width_mm
    if settings.cross_section:
        length = width * rng.uniform(1.0, 1.7)
    tilt = math.radians(settings.kidney_tilt_deg)
    depth = max(settings.kidney_depth_mm * scale, wall_mm + width * 0.8)
    if settings.kind in {Kind.KIDNEY, Kind.LEFT_KIDNEY}:
        depth = wall_mm + width * rng.uniform(0.9, 1.9) + rng.uniform(0, 25) * scale
    return draw_blob(rng, (settings.kidney_x_mm, float(depth)), (length, width), tilt)


def _draw_liver(rng: np.random.Generator, settings: Settings, bed: Blob, wall_mm: float) -> Liver | None:
    """The liver before the kidney, or filling the view where there is none."""
    if not settings.has_liver:
        return None
    caudal = bed.x_mm + settings.liver_tip_mm
    if settings.kind is Kind.LIVER:
        caudal += rng.uniform(20, 140)
    return Liver(
        tip_mm=float(caudal),
        slope=float(rng.uniform(-0.3, 0.6)),
        lobe=None if settings.wrapped else _draw_lobe(rng, settings, bed, wall_mm),
        behind=settings.has_kidney or rng.random() < 0.15,  # noqa: PLR2004 - a dome of liver has nothing behind it
    )


def _draw_lobe(rng: np.random.Generator, settings: Settings, bed: Blob, wall_mm: float) -> Blob:
    """A liver with a border all around, before the kidney or beside it."""
    half_z = rng.uniform(32, 68) if settings.has_kidney else rng.uniform(35, 80)
    half_x = half_z * rng.uniform(0.9, 2.2)
    angle = rng.uniform(-1.2, 0.9)
    distance = 0.8 * bed.half_z_mm + half_z * rng.uniform(0.55, 0.95)
    x = bed.x_mm + distance * math.sin(angle) * 1.2
    z = max(bed.z_mm - distance * math.cos(angle), wall_mm + 0.25 * half_z)
    return draw_blob(rng, (float(x), float(z)), (float(half_x), float(half_z)), rng.uniform(-0.5, 0.8), waviness=0.09)


def _draw_dome(rng: np.random.Generator, settings: Settings, bed: Blob, wall_mm: float) -> Dome:
    """The diaphragm, cranially of the kidney; in a view of the liver alone it may close the whole picture."""
    scale = settings.depth_mm / REFERENCE_DEPTH_MM
    if settings.has_liver and not settings.has_kidney and rng.random() < 0.6:  # noqa: PLR2004 - most such views
        middle = rng.uniform(-40, 40)
        return Dome(float(middle), wall_mm + rng.uniform(0, 25), float(rng.uniform(75, 120) * scale), 1e3)
    cranial = bed.x_mm + rng.uniform(-40, 25)
    if not settings.has_liver or rng.random() < 0.25:  # noqa: PLR2004 - the probe looks past the diaphragm
        cranial = -1e3
    return Dome(bed.x_mm - rng.uniform(10, 40), wall_mm + 8, float(rng.uniform(84, 116) * scale), float(cranial))
