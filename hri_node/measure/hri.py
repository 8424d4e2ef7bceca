"""The chosen windows in, the hepatorenal index, its regions and its interval out."""

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.grid import odd
from hri_node.measure.roi import Choice, Offer
from hri_node.measure.summary import DECIMALS
from hri_node.measure.types import Grey, Region, Window

MOVE_MM = 3.0
"""How far each ROI is moved to see whether the index holds; ALGORITHM.md, hri_unstable."""

NINE_IN_TEN = 1.645
"""Standard deviations of a Gaussian between its middle and its 95th percentile."""

PLACE_SHARE = 0.6
"""Part of the spread of single pairs that counts: the chosen pair lies where many of them agree."""

TINY = float(np.finfo(np.float64).tiny)
"""Stands in for 0 where something is divided by it."""

CORRELATION = (0.01, 0.95)
"""Bounds of the correlation of neighbours, whatever a few pixels say."""

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
    mask[box] = grid.on_box(offer.tile.tissue, box)
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
    """Interval that holds the index of the whole tissues, as this picture shows them, nine times in ten.

    Three deviations of the logarithm of the index are added in squares: of moving each region by 3 mm and of taking
    the next best pairs; six tenths of that of all pairs at similar depth; and of the means, over as many independent
    samples as the speckle in both regions leaves. The interval is the index over and times the exponential of 1.645
    of the sum. It knows nothing of gain, dynamic range and bent grey maps, nor of a wrong outline: it speaks of one
    picture, not of the patient.

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

    References
    ----------
    ALGORITHM.md, the interval: how often it holds the truth of phantoms.
    """
    moved = np.log(np.maximum(_changes(choice), TINY))
    place = np.log(choice.pairs.usual[1] / choice.pairs.usual[0]) / (2 * NINE_IN_TEN) * PLACE_SHARE
    sampled = sum(
        _sampling_variance(offer, int(chosen[0]))
        for offer, chosen in ((choice.kidney, choice.pairs.kidney), (choice.liver, choice.pairs.liver))
    )
    factor = float(np.exp(NINE_IN_TEN * np.sqrt((moved**2).mean() + place**2 + sampled)))
    return round(hri / factor, DECIMALS), round(hri * factor, DECIMALS)


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
    changes = _changes(choice)
    return round(hri * min(1.0, float(changes.min())), DECIMALS), round(hri * max(1.0, float(changes.max())), DECIMALS)


def _changes(choice: Choice) -> NDArray[np.float64]:
    """Index of each moved region and of each of the best pairs, over that of the chosen pair; on the grid."""
    kidney = _moved_means(choice.kidney, int(choice.pairs.kidney[0]))
    liver = _moved_means(choice.liver, int(choice.pairs.liver[0]))
    moved = [max(kidney[0], 1.0) / max(other, 1.0) for other in kidney[1:]]
    moved += [max(other, 1.0) / max(liver[0], 1.0) for other in liver[1:]]
    ratios = _ratios(choice)
    return np.array([*moved, *(ratios / max(ratios[0], TINY))])


def _ratios(choice: Choice) -> NDArray[np.float64]:
    """Ratio of each chosen pair, on the grid."""
    cortex = choice.kidney.windows.mean[choice.pairs.kidney]
    return np.asarray(choice.liver.windows.mean[choice.pairs.liver] / np.maximum(cortex, 1.0))


def _sampling_variance(offer: Offer, index: int) -> float:
    """Variance of the logarithm of a region's mean, were its speckle drawn anew.

    Speckle is about a Gaussian wide: where neighbours have the correlation r, as many of them as the root of
    pi / -ln r make one independent sample, on each axis.
    """
    box = _extent(offer, (int(offer.windows.rows[index]), int(offer.windows.columns[index])))
    tissue = offer.tile.tissue[box]
    level = float(offer.windows.mean[index])
    off = np.where(tissue, offer.tile.grey[box] - level, 0)
    count = max(1, int(np.count_nonzero(tissue)))
    variance = max(float((off**2).sum()) / count, TINY)
    independent = float(count)
    for here, there in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        both = max(1, int(np.count_nonzero(tissue[here] & tissue[there])))
        alike = float(np.clip((off[here] * off[there]).sum() / (both * variance), *CORRELATION))
        independent *= min(1.0, float(np.sqrt(-np.log(alike) / np.pi)))
    return variance / max(1.0, independent) / max(level, 1.0) ** 2


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
    box = _extent(offer, middle)
    return offer.tile.grey[box][offer.tile.tissue[box]]


def _extent(offer: Offer, middle: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a window around a grid pixel, as far as the grid reaches."""
    rows, columns = (
        slice(max(0, place - size // 2), max(0, place - size // 2 + size))
        for place, size in zip(middle, offer.windows.size, strict=True)
    )
    return rows, columns
