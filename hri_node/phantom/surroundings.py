"""What lies around liver and kidney: bowel, gallbladder, great vessels, spleen, spine, cysts, fluid."""

import math

import numpy as np

from hri_node.phantom.anatomy import Part
from hri_node.phantom.ranges import Kind, Settings
from hri_node.phantom.shapes import Blob, draw_blob
from hri_node.phantom.tissue import Tissue

Parts = tuple[Part, ...]


def draw_parts(rng: np.random.Generator, settings: Settings, bed: Blob, wall_mm: float) -> tuple[Parts, Parts]:
    """Parts painted before the kidney, and after it.

    Parameters
    ----------
    rng
        Where chance comes from.
    settings
        Which of them there are.
    bed
        Where the kidney lies.
    wall_mm
        Depth where the wall ends.
    """
    before: list[Part] = []
    after: list[Part] = []
    if settings.kind is Kind.LEFT_KIDNEY:
        before.append(_spleen(rng, bed, wall_mm))
    if settings.gallbladder:
        after += _gallbladder(rng, bed)
    if settings.bowel_gas:
        after += _bowel(rng, settings, bed)
    if rng.random() < 0.25 + 0.4 * (settings.kind in {Kind.LIVER, Kind.OTHER}):
        before += _great_vessel(rng, settings, bed)
    if rng.random() < 0.3:  # noqa: PLR2004 - the spine comes into view now and then
        before.append(_spine(rng, settings, bed))
    if settings.has_liver:
        before += _in_liver(rng, bed, wall_mm)
    if settings.has_kidney and rng.random() < 0.08:  # noqa: PLR2004 - cysts and stones
        after.append(_in_kidney(rng, bed))
    if settings.kind is Kind.OTHER:
        after += _anything(rng, settings, wall_mm)
    return tuple(before), tuple(after)


def _spleen(rng: np.random.Generator, bed: Blob, wall_mm: float) -> Part:
    """A crescent before the upper pole of the left kidney."""
    half_z = rng.uniform(16, 32)
    x = bed.x_mm - rng.uniform(-15, 45)
    z = max(bed.z_mm - bed.half_z_mm - 0.6 * half_z, wall_mm + 0.5 * half_z)
    return Part(
        draw_blob(rng, (x, z), (half_z * rng.uniform(1.5, 2.6), half_z), rng.uniform(-0.3, 0.7), waviness=0.08),
        Tissue.SPLEEN,
    )


def _gallbladder(rng: np.random.Generator, bed: Blob) -> list[Part]:
    """A bag of bile at the liver's lower border, seldom folded; its wall is bright now and then."""
    side = rng.choice([-1, 1], p=[0.25, 0.75])
    x = bed.x_mm + side * rng.uniform(5, 55)
    z = bed.z_mm - bed.half_z_mm - rng.uniform(8, 45)
    half_z = rng.uniform(5, 15)
    outline = draw_blob(rng, (x, z), (half_z * rng.uniform(1, 2.6), half_z), rng.uniform(-1.2, 1.2), waviness=0.08)
    if rng.random() < 0.5:  # noqa: PLR2004 - half of the walls are seen
        wall = draw_blob(rng, (x, z), (outline.half_x_mm + 1.8, half_z + 1.8), outline.tilt, waviness=0.04)
        return [Part(wall, Tissue.PERIRENAL), Part(outline, Tissue.FLUID)]
    return [Part(outline, Tissue.FLUID)]


def _bowel(rng: np.random.Generator, settings: Settings, bed: Blob) -> list[Part]:
    """Loops, mostly caudally of the liver: a dark wall with gas, fluid or food in it."""
    parts = []
    caudal = bed.x_mm + settings.liver_tip_mm * rng.uniform(0.5, 1.1)
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(6, 24)
        x, z = caudal + rng.uniform(0, 45), bed.z_mm + rng.uniform(-60, 25)
        core = rng.choice([Tissue.GAS, Tissue.FLUID, Tissue.PATCH, Tissue.PERIRENAL], p=[0.55, 0.1, 0.2, 0.15])
        outline = draw_blob(rng, (x, z), (size * rng.uniform(0.8, 1.8), size), rng.uniform(-0.6, 0.6), waviness=0.12)
        parts.append(Part(outline, Tissue.BOWEL, int(core)))
    if rng.random() < 0.3:  # noqa: PLR2004 - gas all along a loop
        parts.append(_gas_front(rng, (caudal + rng.uniform(0, 50), bed.z_mm - rng.uniform(10, 60))))
    return parts


def _gas_front(rng: np.random.Generator, place_mm: tuple[float, float]) -> Part:
    """A bright wavy front; behind it there is only haze."""
    half_axes = rng.uniform(12, 60), rng.uniform(3, 9)
    return Part(draw_blob(rng, place_mm, half_axes, rng.uniform(-0.4, 0.4), waviness=0.2), Tissue.GAS)


def _great_vessel(rng: np.random.Generator, settings: Settings, bed: Blob) -> list[Part]:
    """Vena cava or aorta, lengthwise or across."""
    radius = rng.uniform(5, 13)
    long = rng.random() < 0.55  # noqa: PLR2004 - about half of them
    x = bed.x_mm + rng.uniform(-60, 40)
    z = rng.uniform(0.35, 0.75) * settings.depth_mm
    half_x = rng.uniform(50, 140) if long else radius * rng.uniform(1, 1.5)
    return [Part(draw_blob(rng, (x, z), (half_x, radius), rng.uniform(-0.5, 0.5), waviness=0.05), Tissue.VESSEL)]


def _spine(rng: np.random.Generator, settings: Settings, bed: Blob) -> Part:
    """A vertebra behind everything."""
    x, z = bed.x_mm + rng.uniform(-50, 50), max(bed.z_mm + bed.half_z_mm + 15, 0.75 * settings.depth_mm)
    return Part(draw_blob(rng, (x, z + 12), (rng.uniform(12, 28), rng.uniform(9, 16)), 0.0, waviness=0.12), Tissue.BONE)


def _in_liver(rng: np.random.Generator, bed: Blob, wall_mm: float) -> list[Part]:
    """Cysts and masses (5 %), and fluid between liver and kidney (4 %)."""
    parts = []
    if rng.random() < 0.05:  # noqa: PLR2004 - SCIENCE-given share
        x, z = bed.x_mm + rng.uniform(-50, 30), rng.uniform(wall_mm + 10, max(bed.z_mm, wall_mm + 20))
        size = rng.uniform(4, 20)
        tissue = rng.choice([Tissue.FLUID, Tissue.PATCH + 1, Tissue.PATCH + 2])
        parts.append(Part(draw_blob(rng, (x, z), (size * rng.uniform(1, 1.3), size)), int(tissue)))
    if rng.random() < 0.04:  # noqa: PLR2004
        film = rng.uniform(2, 9)
        half_axes = bed.half_x_mm + film, bed.half_z_mm + film
        parts.append(Part(draw_blob(rng, (bed.x_mm, bed.z_mm), half_axes, bed.tilt, waviness=0.05), Tissue.FLUID))
    return parts


def _in_kidney(rng: np.random.Generator, bed: Blob) -> Part:
    """A cyst, or a stone, which casts a shadow."""
    angle, share = rng.uniform(0, 2 * math.pi), rng.uniform(0.2, 0.95)
    x = bed.x_mm + share * bed.half_x_mm * math.cos(angle)
    z = bed.z_mm + share * bed.half_z_mm * math.sin(angle)
    if rng.random() < 0.75:  # noqa: PLR2004 - cysts are commoner than stones
        size = rng.uniform(4, 14)
        return Part(draw_blob(rng, (x, z), (size, size)), Tissue.FLUID)
    size = rng.uniform(1.5, 4)
    return Part(draw_blob(rng, (bed.x_mm, bed.z_mm), (size, size)), Tissue.BONE)


def _anything(rng: np.random.Generator, settings: Settings, wall_mm: float) -> list[Part]:
    """Views of something else: bowel, vessels, muscle, a left lobe of the liver."""
    parts = []
    choices = [Tissue.BOWEL, Tissue.VESSEL, Tissue.MUSCLE, Tissue.FLUID, *(Tissue.PATCH + i for i in range(6))]
    for _ in range(int(rng.integers(2, 12))):
        size = rng.uniform(4, 30)
        x = rng.uniform(-0.5, 0.5) * settings.depth_mm
        z = rng.uniform(wall_mm, settings.depth_mm)
        tissue = rng.choice([int(choice) for choice in choices])
        core = int(rng.choice([Tissue.GAS, Tissue.FLUID, Tissue.PATCH, Tissue.FAT])) if tissue == Tissue.BOWEL else None
        stretch = rng.uniform(1, 3.5)
        outline = draw_blob(rng, (x, z), (size * stretch, size), rng.uniform(-0.7, 0.7), waviness=0.14)
        parts.append(Part(outline, int(tissue), core))
    if rng.random() < 0.45:  # noqa: PLR2004 - gas in front of all
        parts.append(_gas_front(rng, (rng.uniform(-50, 50), wall_mm + rng.uniform(4, 40))))
    if rng.random() < 0.35:  # noqa: PLR2004 - the left lobe before the great vessels
        half_z = rng.uniform(10, 28)
        place = (rng.uniform(-40, 40), wall_mm + 0.8 * half_z)
        outline = draw_blob(rng, place, (half_z * rng.uniform(1.5, 3), half_z), rng.uniform(-0.4, 0.4))
        parts.append(Part(outline, Tissue.LIVER))
    return parts
