"""Pixels, organs and the sector in, everything that the search looks at out, on one grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.grid import Grid, box_of, grid_over
from hri_node.measure.organs import Organ
from hri_node.measure.sector import Sector
from hri_node.measure.types import Grey, Mask

Floats = NDArray[np.float32]

SMOOTHING_MM = 1.35
"""Deviation of the Gaussian that turns speckle into tissue; ALGORITHM.md A3."""

EDGE_MM = 2.0
"""Rim of an organ that is left out: capsule, and errors of the outline; ALGORITHM.md A3, A13."""

MARGIN_MM = 8.0
"""Room around the organs: half a window, so that one may stand on an organ's edge."""

SATURATED = 255
"""A pixel at the top of the scale is text or clipped echo."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The organs on the grid of the search.

    Attributes
    ----------
    grid
        Where the arrays lie.
    grey
        Mean grey level.
    depth, beam
        Millimetres from the probe face, and the beam (see `Sector.depth_and_beam`).
    liver, kidney
        Organ masks.
    usable
        Inside the sector, neither coloured nor saturated.
    """

    grid: Grid
    grey: Floats
    depth: Floats
    beam: Floats
    liver: Mask
    kidney: Mask
    usable: Mask

    def area_mm2(self, part: Mask) -> float:
        """Area of a part, square millimetres."""
        return int(np.count_nonzero(part)) * self.grid.spacing_mm[0] * self.grid.spacing_mm[1]

    def smooth(self, part: Mask) -> Floats:
        """Grey levels smoothed within a part, so that nothing bright or dark outside reaches into it; 0 elsewhere."""
        deviations = [SMOOTHING_MM / spacing for spacing in self.grid.spacing_mm]
        out = np.zeros(part.shape, dtype=np.float32)
        box = box_of(part)
        inside = part[box]
        both = np.stack([inside, np.where(inside, self.grey[box], 0)], dtype=np.float32)
        weight, level = ndimage.gaussian_filter(both, (0, *deviations), truncate=3, mode="constant")
        np.divide(level, weight, out=out[box], where=inside)
        return out

    def inner(self, organ: Mask) -> Mask:
        """The organ without its rim."""
        rim = [2 * round(EDGE_MM / spacing) + 1 for spacing in self.grid.spacing_mm]
        out = np.zeros_like(organ)
        box = box_of(organ)
        out[box] = ndimage.minimum_filter(organ[box], rim, mode="constant")
        return out

    def within_mm(self, organ: Mask) -> Floats:
        """Millimetres from the organ's border, 0 outside; where the organ is cut off by the sector there is none."""
        box = box_of(organ)
        around = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)
        solid = organ[around] | ~self.usable[around]
        out = np.zeros(organ.shape, dtype=np.float32)
        if not solid.all():
            away = ndimage.distance_transform_edt(solid, sampling=self.grid.spacing_mm)
            out[around] = np.where(organ[around], away, 0)
        return out


def build_scene(pixels: Grey, organs: tuple[Organ, Organ], sector: Sector, excluded: Mask | None = None) -> Scene:
    """Bring everything to a grid over both organs.

    Parameters
    ----------
    pixels
        Source grey levels.
    organs
        Liver and kidney, both found.
    sector
        Where echoes can be; its spacing is the source's.
    excluded
        Pixels that are no echo (colour), or None.
    """
    boxes = [organ.box for organ in organs]
    box = tuple(slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(*boxes, strict=True))
    grid = grid_over((box[0], box[1]), pixels.shape, sector.spacing_mm, MARGIN_MM)
    depth, beam = sector.depth_and_beam(*grid.source_coordinates())
    liver, kidney = (grid.centres(organ.mask) for organ in organs)
    echo = sector.mask & (pixels < SATURATED)
    usable = grid.wholly(echo if excluded is None else echo & ~excluded)
    return Scene(grid, grid.means(pixels), depth, beam, liver & ~kidney, kidney, usable)
