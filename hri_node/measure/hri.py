"""The chosen windows in, the hepatorenal index, its regions and its interval out."""

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.grid import odd
from hri_node.measure.roi import Choice, Offer
from hri_node.measure.summary import DECIMALS
from hri_node.measure.types import Grey, Region, Window

MOVE_MM = 3.0
"""How far each ROI is moved to see whether the index holds; ALGORITHM.md, hri_unstable."""

MOVED_TISSUE_MIN = 0.5
"""A moved window counts while it holds at least this part of the tissue that it held before."""


def hepatorenal_index(liver: Region, cortex: Region) -> float:
    """Ratio of mean echo intensity, liver over renal cortex.

    Parameters
    ----------
    liver, cortex
        Regions of interest; the cortex is not black.

    Returns
    -------
    float
        The index, dimensionless (UCUM ``1``), three decimals.

    References
    ----------
    Webb et al., AJR 2009; Cha et al. 2021; ALGORITHM.md A14.
    """
    return round(liver.mean / cortex.mean, DECIMALS)


def region_of(pixels: Grey, offer: Offer, index: int) -> Region:
    """The tissue inside one window, with its grey levels from the original pixels.

    Parameters
    ----------
    pixels
        Source grey levels.
    offer
        The organ.
    index
        Which of its windows.
    """
    grid, windows = offer.tile.grid, offer.windows
    extent = []
    for axis, place in enumerate((windows.rows[index], windows.columns[index])):
        length = odd(offer.side_mm * grid.steps[axis] / grid.spacing_mm[axis])
        middle = grid.origin[axis] + int(place) * grid.steps[axis] + grid.steps[axis] // 2
        start = max(0, middle - length // 2)
        extent.append((start, min(grid.source_shape[axis], middle + length // 2 + 1) - start))
    (row, rows), (column, columns) = extent
    box = (slice(row, row + rows), slice(column, column + columns))
    mask = np.zeros(grid.source_shape, dtype=np.bool_)
    mask[box] = grid.on_source(offer.tile.tissue)[box]
    levels = pixels[mask].astype(np.float64)
    return Region(
        mean=float(levels.mean()),
        sd=float(levels.std()),
        pixel_count=len(levels),
        depth_mm=round(float(windows.depth[index]), 1),
        window=Window(row, column, rows, columns),
        mask=mask,
    )


def interval_of(choice: Choice, hri: float) -> tuple[float, float]:
    """Range of the index that nine in ten of all pairs of windows at similar depth give.

    It tells how much the choice of place matters. It is no confidence interval for the patient: the picture's settings
    and the tissue beside the windows move the index further.

    Parameters
    ----------
    choice
        What was measured, and its rivals.
    hri
        The index itself.

    Returns
    -------
    tuple[float, float]
        Three decimals each; the index lies between them.
    """
    return _scaled(choice, hri, list(choice.pairs.usual))


def moved_range(choice: Choice, hri: float) -> tuple[float, float]:
    """Lowest and highest index where one ROI lies 3 mm away, or where one of the next best pairs is taken.

    Parameters
    ----------
    choice
        What was measured, and its rivals.
    hri
        The index itself.

    References
    ----------
    ALGORITHM.md, hri_unstable.
    """
    kidney = _moved_means(choice.kidney, int(choice.pairs.kidney[0]))
    liver = _moved_means(choice.liver, int(choice.pairs.liver[0]))
    moved = [liver[0] / max(other, 1.0) for other in kidney] + [other / max(kidney[0], 1.0) for other in liver]
    return _scaled(choice, hri, moved + list(_ratios(choice)))


def _ratios(choice: Choice) -> NDArray[np.float64]:
    """Ratio of each chosen pair, on the grid."""
    cortex = choice.kidney.windows.mean[choice.pairs.kidney]
    return np.asarray(choice.liver.windows.mean[choice.pairs.liver] / np.maximum(cortex, 1.0))


def _scaled(choice: Choice, hri: float, ratios: list[float]) -> tuple[float, float]:
    """Range of ratios as a range around the index: on the grid the chosen pair has a ratio of its own, of blocks."""
    changes = np.array(ratios) / max(_ratios(choice)[0], np.finfo(np.float64).tiny)
    return round(hri * min(1.0, float(changes.min())), DECIMALS), round(hri * max(1.0, float(changes.max())), DECIMALS)


def _moved_means(offer: Offer, index: int) -> list[float]:
    """Mean grey level in the window, then in those 3 mm up, down, left and right of it that still hold tissue."""
    spacing, windows = offer.tile.grid.spacing_mm, offer.windows
    down, right = round(MOVE_MM / spacing[0]), round(MOVE_MM / spacing[1])
    row, column = int(windows.rows[index]), int(windows.columns[index])
    places = [(row, column), (row - down, column), (row + down, column), (row, column - right), (row, column + right)]
    levels = [_levels(offer, place) for place in places]
    needed = max(1.0, MOVED_TISSUE_MIN * len(levels[0]))
    return [float(found.mean(dtype=np.float64)) for found in levels if len(found) >= needed]


def _levels(offer: Offer, middle: tuple[int, int]) -> NDArray[np.float32]:
    """Grey levels of the tissue in a window around a grid pixel, as far as the grid reaches."""
    rows, columns = (
        slice(max(0, place - size // 2), max(0, place + size // 2 + 1))
        for place, size in zip(middle, offer.windows.size, strict=True)
    )
    return offer.tile.grey[rows, columns][offer.tile.tissue[rows, columns]]
