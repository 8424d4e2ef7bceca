"""Places come in; rasters of vessels and of bright folds, to be sampled at points in millimetres, go out."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from hri_node.phantom.fields import Field, Floats
from hri_node.phantom.ranges import Settings
from hri_node.phantom.shapes import Blob

STEP_MM = 0.5
"""Raster of the drawing: half the thinnest lumen that is drawn."""

ORIGIN_MM = -180.0
SIDE = 840


@dataclass(frozen=True, slots=True)
class Vessels:
    """Blood (hepatic veins and portal branches) and the bright walls of the portal branches, each 0..1."""

    lumen: Field
    wall: Field


def draw_vessels(rng: np.random.Generator, where: Blob | tuple[float, float]) -> Vessels:
    """Trees that leave a porta and a vena cava, and vessels that the plane only crosses.

    Parameters
    ----------
    rng
        Where chance comes from.
    where
        The lobe they run in, or the middle (x, z) of the liver in mm.
    """
    lumen, wall = (Image.new("L", (SIDE, SIDE)) for _ in range(2))
    pens = ImageDraw.Draw(lumen), ImageDraw.Draw(wall)
    x, z = (where.x_mm, where.z_mm) if isinstance(where, Blob) else where
    porta, cava = _near(rng, (x, z), 35), _near(rng, (x, z), 50)
    for root, bright, most in ((porta, True, 3), (cava, False, 3)):
        for _ in range(int(rng.integers(0, most + 1))):
            _branch(rng, pens if bright else pens[:1], _Twig(*root, rng.uniform(0, 2 * math.pi), rng.uniform(1.2, 5)))
    # Most vessels leave the plane after a short way: what is seen of them are ovals and streaks.
    for _ in range(int(rng.integers(0, 24))):
        bright = rng.random() < 0.6  # noqa: PLR2004 - portal triads more often than veins
        start = _Twig(*_near(rng, (x, z), 34), rng.uniform(0, 2 * math.pi), rng.uniform(0.4, 3.2))
        length = rng.exponential(7)
        end = (start.x_mm + length * math.cos(start.direction), start.z_mm + length * math.sin(start.direction))
        _stroke(pens if bright else pens[:1], start, _Twig(*end, start.direction, start.radius_mm))
    # Fissures and ligaments cross the liver as bright lines; they are no border of it.
    for _ in range(int(rng.choice(4, p=[0.4, 0.3, 0.2, 0.1]))):
        _fissure(rng, pens[1], (x, z))
    blood = _scaled(lumen)
    return Vessels(Field(blood, STEP_MM, ORIGIN_MM), Field(_scaled(wall) * (1 - blood), STEP_MM, ORIGIN_MM))


def _fissure(rng: np.random.Generator, pen: ImageDraw.ImageDraw, middle: tuple[float, float]) -> None:
    """A bright line, straight or gently bent, mostly across the beam."""
    place, direction = _near(rng, middle, 26), rng.normal(0, 0.5)
    length, bend, points = rng.uniform(20, 110), rng.normal(0, 0.01), []
    x = place[0] - length / 2 * math.cos(direction)
    z = place[1] - length / 2 * math.sin(direction)
    for _ in range(int(length / 3)):
        points.append(((x - ORIGIN_MM) / STEP_MM, (z - ORIGIN_MM) / STEP_MM))
        direction += bend + rng.normal(0, 0.05)
        x, z = x + 3 * math.cos(direction), z + 3 * math.sin(direction)
    pen.line(points, fill=int(rng.uniform(60, 255)), width=int(rng.integers(2, 8)))


def draw_folds(rng: np.random.Generator, settings: Settings, bed_mm: tuple[float, float]) -> Field:
    """Sheets of connective tissue that lie across the beam: around the kidney, in fat, between muscles.

    Parameters
    ----------
    rng
        Where chance comes from.
    settings
        How much clutter there is.
    bed_mm
        Middle of the kidney (x, z), behind which most of them lie.
    """
    raster = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(raster)
    for _ in range(int(rng.poisson(4 + 34 * settings.clutter))):
        x, z = bed_mm[0] + rng.normal(0, 50), bed_mm[1] + rng.normal(10, 38)
        direction, bend = rng.normal(0, 0.45), rng.normal(0, 0.012)
        points = []
        for _ in range(int(rng.integers(3, 28))):
            points.append(((x - ORIGIN_MM) / STEP_MM, (z - ORIGIN_MM) / STEP_MM))
            x, z, direction = (
                x + 2 * math.cos(direction),
                z + 2 * math.sin(direction),
                direction + bend + rng.normal(0, 0.08),
            )
        pen.line(points, fill=int(rng.uniform(25, 255)), width=int(rng.choice([2, 3, 4, 6])))
    return Field(_scaled(raster), STEP_MM, ORIGIN_MM)


def _near(rng: np.random.Generator, middle: tuple[float, float], spread_mm: float) -> tuple[float, float]:
    """A place around another."""
    return float(middle[0] + rng.normal(0, spread_mm)), float(middle[1] + rng.normal(0, 0.7 * spread_mm))


@dataclass(frozen=True, slots=True)
class _Twig:
    """The end of a vessel that still grows: place, direction, radius."""

    x_mm: float
    z_mm: float
    direction: float
    radius_mm: float


def _branch(rng: np.random.Generator, pens: tuple[ImageDraw.ImageDraw, ...], twig: _Twig) -> None:
    """Draw a vessel in short strokes until it is too thin to be seen; it forks now and then."""
    while twig.radius_mm > 0.5:  # noqa: PLR2004 - mm, the raster's step
        length = rng.uniform(4, 5 + 2 * twig.radius_mm)
        direction = twig.direction + rng.normal(0, 0.25)
        end = _Twig(
            twig.x_mm + length * math.cos(direction),
            twig.z_mm + length * math.sin(direction),
            direction,
            twig.radius_mm * rng.uniform(0.78, 0.97),
        )
        _stroke(pens, twig, end)
        if rng.random() < 0.25:  # noqa: PLR2004 - one stroke in four ends in a fork
            side = rng.choice([-1, 1]) * rng.uniform(0.5, 1.0)
            _branch(rng, pens, _Twig(end.x_mm, end.z_mm, direction + side, end.radius_mm * 0.7))
        twig = end


def _stroke(pens: tuple[ImageDraw.ImageDraw, ...], start: _Twig, end: _Twig) -> None:
    """One piece of a vessel; the second pen draws it wider, as its wall."""
    for pen, margin_mm in zip(pens, (0.0, 1.2), strict=False):
        points = [((p.x_mm - ORIGIN_MM) / STEP_MM, (p.z_mm - ORIGIN_MM) / STEP_MM) for p in (start, end)]
        radius = (start.radius_mm + margin_mm) / STEP_MM
        pen.line(points, fill=255, width=max(1, round(2 * radius)))
        pen.ellipse(
            [points[1][0] - radius, points[1][1] - radius, points[1][0] + radius, points[1][1] + radius], fill=255
        )


def _scaled(image: Image.Image) -> Floats:
    """Bytes as shares of one."""
    return np.asarray(image, np.float32) / np.float32(255)
