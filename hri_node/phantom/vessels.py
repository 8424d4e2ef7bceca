"""Settings of a view come in; rasters of hepatic and portal vessels, to be sampled at points in millimetres, go out."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from hri_node.phantom.fields import Field, Floats

STEP_MM = 0.5
"""Raster of the drawing: half the thinnest lumen that is drawn."""

ORIGIN_MM = -180.0
SIDE = 840


@dataclass(frozen=True, slots=True)
class Vessels:
    """Blood (hepatic veins and portal branches) and the bright walls of the portal branches, each 0..1."""

    lumen: Field
    wall: Field


def draw_vessels(rng: np.random.Generator, root_mm: tuple[float, float]) -> Vessels:
    """Two to four trees that branch from around `root_mm` (x, z) into the liver."""
    lumen, wall = (Image.new("L", (SIDE, SIDE)) for _ in range(2))
    pens = ImageDraw.Draw(lumen), ImageDraw.Draw(wall)
    for _ in range(int(rng.integers(3, 8))):
        start = (root_mm[0] + rng.normal(0, 32), root_mm[1] + rng.normal(0, 22))
        portal = rng.random() < 0.5  # noqa: PLR2004 - one in two
        _branch(rng, pens if portal else pens[:1], _Twig(*start, rng.uniform(0, 2 * math.pi), rng.uniform(1.0, 4.5)))
    blood = _scaled(lumen)
    return Vessels(Field(blood, STEP_MM, ORIGIN_MM), Field(_scaled(wall) * (1 - blood), STEP_MM, ORIGIN_MM))


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
