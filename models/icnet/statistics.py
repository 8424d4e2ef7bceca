"""A frame's canonical picture comes in; figures that tell real frames from phantoms go out, one dictionary per frame.

All lengths are pixels of the canonical frame, all depths and beams shares of the sector's own, so that frames of
different scanners and settings can be laid beside each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter

from hri_node.measure.canonical import COLUMNS, ROWS, canonical_of
from hri_node.measure.sector import Sector, find_sector
from models.icnet.speckle import speckle

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Figures = dict[str, float]

BLACK_MAX = 4
"""Grey levels up to here show nothing: noise of a JPEG's black."""

WHITE_MIN = 245
DEPTH_BINS = 10
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)

MARGIN_PIXELS = 3
"""Pixels this close to the sector's border are left out where neighbours are compared."""

STRONG_EDGE = 12.0
"""Grey levels per pixel from which an edge is strong, after smoothing by 1 pixel."""

OCTAVES = (0.7, 1.4, 2.8, 5.6, 11.2, 22.4)
"""Widths (pixels) of the Gaussians between which the bands of contrast lie."""

POLAR = (32, 48)
"""Depths and beams of the table in which dark beams are looked for."""

DARK_SHARE = 0.35
"""A cell is dark below this part of what bright beams (upper quartile) show at its depth."""

DEEP_FROM = 0.5
"""A shadow is judged over the deeper half of a beam."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared of a frame, on the canonical grid.

    Attributes
    ----------
    grey
        Grey levels 0..255.
    inside
        The sector.
    depth
        0 at the probe's face, 1 at the lower arc.
    beam
        -1 at the left side of the sector, 1 at the right.
    half_angle_deg
        Half the opening of the sector.
    near
        Distance of the face from the apex, as share of the depth.
    """

    grey: Floats
    inside: Mask
    depth: Floats
    beam: Floats
    half_angle_deg: float
    near: float


def look_of(pixels: NDArray[np.uint8]) -> Look | None:
    """The canonical picture of a frame with its geometry; None where no fan is found.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    """
    sector = find_sector(pixels, None)
    return _look(pixels, sector) if sector.fan is not None else None


def _look(pixels: NDArray[np.uint8], sector: Sector) -> Look:
    fan = sector.fan
    assert fan is not None
    canonical = canonical_of(sector, (pixels.shape[0], pixels.shape[1]))
    rows = (canonical.top + (np.arange(ROWS) + 0.5) * canonical.step_row - 0.5).astype(np.float32)
    columns = (canonical.left + (np.arange(COLUMNS) + 0.5) * canonical.step_column - 0.5).astype(np.float32)
    depth, beam = sector.depth_and_beam(rows[:, None], columns[None, :])
    length, half_angle = fan.far_mm - fan.near_mm, float(np.rad2deg(fan.half_angle))
    on_source = (rows >= 0)[:, None] & (rows < pixels.shape[0])[:, None] & (columns >= 0) & (columns < pixels.shape[1])
    return Look(
        grey=canonical.picture(pixels).astype(np.float32),
        inside=(depth >= 0) & (depth <= length) & (np.abs(beam) <= half_angle) & on_source,
        depth=np.asarray(depth / length, np.float32),
        beam=np.asarray(beam / half_angle, np.float32),
        half_angle_deg=half_angle,
        near=fan.near_mm / length,
    )


def figures_of(look: Look) -> Figures:
    """Everything that is compared of one frame, by name."""
    return {
        **geometry(look),
        **grey_levels(look),
        **profiles(look),
        **speckle(look.grey, look.inside, look.depth, look.beam * look.half_angle_deg),
        **shadows(look),
        **edges(look),
        **octaves(look),
    }


def geometry(look: Look) -> Figures:
    """Opening, curvature and size of the sector."""
    return {
        "geometry: opening (deg)": 2 * look.half_angle_deg,
        "geometry: face radius / depth": look.near,
        "geometry: sector / frame area": float(look.inside.mean()),
    }


def grey_levels(look: Look) -> Figures:
    """Percentiles of the grey levels inside the sector, and how much is black or white."""
    grey = look.grey[look.inside]
    levels = np.percentile(grey, PERCENTILES)
    return {
        "grey: mean": float(grey.mean()),
        "grey: SD": float(grey.std()),
        "grey: share black": float((grey <= BLACK_MAX).mean()),
        "grey: share white": float((grey >= WHITE_MIN).mean()),
        **{f"grey: p{share}": float(level) for share, level in zip(PERCENTILES, levels, strict=True)},
        "grey: p99 / p50": float(levels[-1] / (levels[3] + 1)),
    }


def profiles(look: Look) -> Figures:
    """Mean grey by depth, and how dark the sides are against the middle."""
    grey, depth, beam = look.grey[look.inside], look.depth[look.inside], np.abs(look.beam[look.inside])
    bins = np.minimum((depth * DEPTH_BINS).astype(np.intp), DEPTH_BINS - 1)
    sums, counts = np.bincount(bins, grey, DEPTH_BINS), np.bincount(bins, minlength=DEPTH_BINS)
    means = sums / np.maximum(counts, 1)
    figures = {f"depth profile: grey at {10 * k}-{10 * k + 10} %": float(mean) for k, mean in enumerate(means)}
    sides = [grey[side] for side in _sides(look.beam[look.inside])]
    if all(side.size for side in sides):  # an export may have cut one off
        middle = float(grey[beam < 0.5].mean()) + 1  # noqa: PLR2004 - the inner half of the beams
        left, right = (float(side.mean()) / middle for side in sides)
        figures["lateral: darker side / middle"] = min(left, right)
        figures["lateral: brighter side / middle"] = max(left, right)
    return figures


def _sides(beam: Floats) -> tuple[Mask, Mask]:
    """The outer tenth of the beams on either side."""
    return beam < -0.8, beam > 0.8  # noqa: PLR2004 - of -1..1


def shadows(look: Look) -> Figures:
    """Beams that stay dark to their end: how many, how wide a group of them, and from which depth."""
    table = polar_means(look)
    usual = np.percentile(table, 75, axis=1, keepdims=True)
    dark = table < DARK_SHARE * (usual + 1)
    deep = dark[int(DEEP_FROM * POLAR[0]) :].mean(axis=0) > 0.8  # noqa: PLR2004 - a bright speck does not end a shadow
    to_the_end = np.logical_and.accumulate(dark[::-1], axis=0).sum(axis=0) / POLAR[0]
    starts = 1 - to_the_end[deep]
    starts_of_groups = np.count_nonzero(np.diff(np.concatenate([[0], deep.astype(np.int8)])) == 1)
    figures = {
        "shadow: share of dark beams": float(deep.mean()),
        "shadow: groups of dark beams": float(starts_of_groups),
        "shadow: share of dark cells": float(dark.mean()),
    }
    if starts_of_groups:
        figures["shadow: width of a group (share of beams)"] = float(deep.sum()) / starts_of_groups / POLAR[1]
        figures["shadow: start (share of depth)"] = float(np.median(starts))
    return figures


def polar_means(look: Look) -> NDArray[np.float64]:
    """Mean grey in cells of depth and beam, shape `POLAR`; cells without a pixel take 0."""
    depth = (look.depth[look.inside] * POLAR[0]).astype(np.intp).clip(0, POLAR[0] - 1)
    beam = ((look.beam[look.inside] + 1) / 2 * POLAR[1]).astype(np.intp).clip(0, POLAR[1] - 1)
    cell, size = depth * POLAR[1] + beam, POLAR[0] * POLAR[1]
    counts = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, look.grey[look.inside], size)
    return np.asarray(sums / np.maximum(counts, 1)).reshape(POLAR)


def edges(look: Look) -> Figures:
    """How much of the sector is a strong edge, in grey levels and against the local brightness."""
    core = binary_erosion(look.inside, iterations=MARGIN_PIXELS)
    figures = {}
    for width in (1.0, 3.0):
        smooth = gaussian_filter(look.grey, width)
        slope = np.hypot(*np.gradient(smooth))[core]
        figures[f"edges: share over {STRONG_EDGE / width:.0f} levels/px (smoothed {width:.0f} px)"] = float(
            (slope > STRONG_EDGE / width).mean()
        )
        figures[f"edges: mean slope / local grey (smoothed {width:.0f} px)"] = float(
            (slope / (smooth[core] + 5)).mean()
        )
    return figures


def octaves(look: Look) -> Figures:
    """Contrast in bands of size: standard deviation of each band over the mean grey."""
    weight = look.inside.astype(np.float32)
    core = binary_erosion(look.inside, iterations=MARGIN_PIXELS)
    smooth = [
        gaussian_filter(look.grey * weight, width) / np.maximum(gaussian_filter(weight, width), 1e-3)
        for width in OCTAVES
    ]
    mean = float(look.grey[core].mean()) + 1
    pairs = zip(OCTAVES, smooth[:-1], smooth[1:], strict=False)
    return {
        f"contrast: band {low:.1f}-{2 * low:.1f} px (SD / mean)": float((fine - coarse)[core].std()) / mean
        for low, fine, coarse in pairs
    }
