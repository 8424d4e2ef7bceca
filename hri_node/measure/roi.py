"""A scene in, the pairs of windows to be measured out - or the reason why there are none."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from hri_node.measure.mixture import Tissue, middle_tissue, tissue_around
from hri_node.measure.pairs import DEPTH_TOLERANCE_MM, Pairs, joint_pairs, sequential_pairs
from hri_node.measure.scene import Scene
from hri_node.measure.shadow import find_shadows
from hri_node.measure.shell import outer_area
from hri_node.measure.types import Mask, Reason
from hri_node.measure.windows import CLASS_WEIGHT, WINDOW_MM, Tile, Windows, best_of_cells, find_windows

KIDNEY_FRACTION_MIN = 0.30
LIVER_FRACTION_MIN = 0.60
"""Least part of a window that is cortex, or parenchyma; ALGORITHM.md A8."""

FIT_AREA_MIN_MM2 = 10.0
"""A smaller part of an organ tells nothing of three tissues."""

LEVEL_AREA_MIN_MM2 = 150.0
"""Liver at the kidney's own depths, below which the liver's level is taken from the tolerance around them too."""


RIM_MM = (2.5, 7.0)
"""So far within the kidney's border lies hardly anything but cortex; ALGORITHM.md A5."""

CORTEX_MM = 10.0
"""Cortex is looked for no further than this from the border: most people's is 5 to 10 mm thick."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One organ's pixels, how its tissue was told apart, and the windows that fit.

    Attributes
    ----------
    tile
        The pixels.
    tissue
        The class of median brightness.
    windows
        The best of each cell of depth and width.
    side_mm
        Side of the windows: the largest that fits anywhere.
    """

    tile: Tile
    tissue: Tissue
    windows: Windows
    side_mm: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The pairs, best first, what they were chosen from, and where beams are in shadow (nowhere, if not looked at)."""

    kidney: Offer
    liver: Offer
    pairs: Pairs
    shadow: Mask


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one organ: all of it, what tissues are told apart in, what is surely the tissue, and what may be measured."""

    organ: Mask
    learned: Mask
    known: Mask
    searched: Mask


def choose(scene: Scene, method: str) -> Choice | Reason:
    """Search the windows in the way of `method`.

    Parameters
    ----------
    scene
        The organs on the grid.
    method
        ``joint`` or ``paper`` (see `Options`).
    """
    if not scene.kidney.any():
        return Reason.NO_KIDNEY_WINDOW
    literal = method == "paper"
    outer = outer_area(scene.kidney, scene.grid.spacing_mm, literal=literal)
    shadows = None if literal else find_shadows(scene)
    shadow = shadows.at(scene.depth, scene.beam) if shadows else np.zeros_like(scene.usable)
    parts = _parts(scene, outer, scene.usable & ~shadow, literal=literal)
    if isinstance(parts, Reason):
        return parts
    tiles = [_tile(scene, part, literal=literal) for part in parts]
    class_weight = 0.0 if literal else CLASS_WEIGHT
    middle = float(scene.depth[scene.kidney].mean())
    search = sequential_pairs if literal else partial(joint_pairs, kidney_middle_mm=middle, shadows=shadows)
    for start in range(len(WINDOW_MM)):
        kidney = _offer(tiles[0], KIDNEY_FRACTION_MIN, WINDOW_MM[start:], class_weight)
        liver = _offer(tiles[1], LIVER_FRACTION_MIN, WINDOW_MM[start:], class_weight)
        if kidney is None or liver is None:
            return Reason.NO_KIDNEY_WINDOW if kidney is None else Reason.NO_LIVER_WINDOW
        pairs = search((kidney.tile, kidney.windows), (liver.tile, liver.windows))
        if len(pairs):
            return Choice(kidney, liver, pairs, shadow)
    return Reason.NO_LIVER_AT_KIDNEY_DEPTH


def _parts(scene: Scene, outer: Mask, clear: Mask, *, literal: bool) -> tuple[Parts, Parts] | Reason:
    """Kidney and liver parts: the outer area, and the liver at its depths."""
    cortex = scene.inner(scene.kidney) & outer & clear
    if scene.area_mm2(cortex) < FIT_AREA_MIN_MM2:
        return Reason.NO_KIDNEY_WINDOW
    depths = scene.depth[cortex]
    low, high = depths.min(), depths.max()
    level = (scene.depth >= low) & (scene.depth <= high)
    reached = (scene.depth >= low - DEPTH_TOLERANCE_MM) & (scene.depth <= high + DEPTH_TOLERANCE_MM)
    searched = scene.inner(scene.liver) & clear & reached
    learned = searched & level
    if scene.area_mm2(learned) < LEVEL_AREA_MIN_MM2:
        learned = searched
    if scene.area_mm2(learned) < FIT_AREA_MIN_MM2:
        return Reason.NO_LIVER_AT_KIDNEY_DEPTH
    kidney, liver = scene.kidney & scene.usable, scene.liver & scene.usable & reached
    of_liver = Parts(liver, learned, learned, searched)
    if literal:
        return Parts(kidney, cortex, cortex, cortex), of_liver
    within = scene.within_mm(scene.kidney)
    rim = kidney & clear & (within > RIM_MM[0]) & (within < RIM_MM[1])
    near = cortex & (within < CORTEX_MM)
    if min(scene.area_mm2(rim), scene.area_mm2(near)) < FIT_AREA_MIN_MM2:
        rim = near = cortex
    return Parts(kidney, cortex, rim, near), of_liver


def _tile(scene: Scene, parts: Parts, *, literal: bool) -> tuple[Tile, Tissue]:
    """The organ's pixels of the class of median brightness."""
    smooth = scene.smooth(parts.organ)
    levels = np.rint(smooth[parts.learned]).astype(np.uint8)
    tissue = middle_tissue(levels) if literal else tissue_around(smooth[parts.known], levels)
    chosen = parts.searched & (smooth >= tissue.low) & (smooth < tissue.high)
    known = chosen & parts.learned
    target = float(scene.grey[known].mean(dtype=np.float64)) if known.any() else tissue.mean
    return Tile(scene.grid, scene.grey, smooth, scene.depth, scene.beam, chosen, target), tissue


def _offer(
    found: tuple[Tile, Tissue], fraction_min: float, sides_mm: tuple[float, ...], class_weight: float
) -> Offer | None:
    """The windows of the first size that fits anywhere."""
    for side_mm in sides_mm:
        windows = find_windows(found[0], side_mm, fraction_min, class_weight)
        if len(windows):
            return Offer(*found, best_of_cells(windows), side_mm)
    return None
