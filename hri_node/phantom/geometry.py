"""Where a convex probe's beams run: screen pixels come in; depth, angle and position in millimetres go out."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.fields import Floats
from hri_node.phantom.ranges import Settings

ROWS, COLUMNS = 480, 640
"""The screen, as in the paper."""

NEAR_MM = 35.0
"""Depth over which layers cease to follow the face of the probe."""


@dataclass(frozen=True, slots=True)
class Points:
    """Places in the body: `depth_mm` along the beam, `angle` in radians, `x_mm` to the right, `z_mm` downwards."""

    depth_mm: Floats
    angle: Floats
    x_mm: Floats
    z_mm: Floats


def points_on_beams(depth_mm: Floats, angle: Floats, radius_mm: float) -> Points:
    """Places at given depths and angles of a probe with face radius `radius_mm`.

    The abdominal wall follows the face, so close to it `z_mm` is counted from the face and not from its lowest point.
    """
    x_mm = (radius_mm + depth_mm) * np.sin(angle)
    sag_mm = radius_mm * (1 - np.cos(angle)) * np.exp(-depth_mm / NEAR_MM)
    z_mm = (radius_mm + depth_mm) * np.cos(angle) - radius_mm + sag_mm
    return Points(depth_mm, angle, x_mm.astype(np.float32), z_mm.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Sector:
    """The picture's sector on the screen.

    Attributes
    ----------
    apex_row, apex_column
        Centre of curvature of the probe's face, in pixels (its row is above the sector, often negative).
    radius_mm, depth_mm
        Radius of the face, and depth from there to the lower arc.
    half_angle
        Half the opening angle in radians.
    spacing_mm
        (row, column) distance of neighbouring pixels.
    """

    apex_row: float
    apex_column: float
    radius_mm: float
    depth_mm: float
    half_angle: float
    spacing_mm: tuple[float, float]

    def beams(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Depth (mm) and angle (radians) of every pixel, and where that is inside the sector."""
        return _beams(self)


@lru_cache(maxsize=2)
def _beams(sector: Sector) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Worked out once per view, for it is asked for many times."""
    rows = (np.arange(ROWS, dtype=np.float32)[:, None] - sector.apex_row) * sector.spacing_mm[0]
    columns = (np.arange(COLUMNS, dtype=np.float32)[None, :] - sector.apex_column) * sector.spacing_mm[1]
    depth_mm = np.hypot(rows, columns) - sector.radius_mm
    angle = np.arctan2(columns, rows + 0 * columns)
    inside = (depth_mm >= 0) & (depth_mm < sector.depth_mm) & (np.abs(angle) < sector.half_angle)
    return depth_mm.astype(np.float32), angle.astype(np.float32), inside


def place_sector(rng: np.random.Generator, settings: Settings) -> Sector:
    """The sector on the screen: as high as the settings say, shifted sideways, its top and bottom margins by chance."""
    half_angle = np.deg2rad(settings.field_deg) / 2
    edge_mm = settings.probe_radius_mm * np.cos(half_angle)
    height_px = ROWS * settings.sector_height
    row_mm = (settings.probe_radius_mm + settings.depth_mm - edge_mm) / height_px
    top = (ROWS - height_px) * rng.uniform(0.2, 0.8)
    column = COLUMNS * (0.5 + settings.sector_shift)
    return Sector(
        apex_row=float(top - edge_mm / row_mm),
        apex_column=float(column),
        radius_mm=settings.probe_radius_mm,
        depth_mm=settings.depth_mm,
        half_angle=float(half_angle),
        spacing_mm=(float(row_mm), float(row_mm * settings.aspect)),
    )
