"""The kidney's and the liver's windows in, the pairs that compare like with like out, best first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.shadow import BEAM_STEP, Shadows
from hri_node.measure.types import Mask
from hri_node.measure.windows import CELL_MM, Tile, Windows

Floats = NDArray[np.float64]

DEPTH_TOLERANCE_MM = 10.0
"""Greatest difference in depth between the ROIs; ALGORITHM.md A9."""

DEPTH_COST = 0.1
"""Cost of a pair at the tolerance; less in proportion."""

LATERAL_FREE_MM = 30.0
LATERAL_COST_PER_MM = 0.1 / 20
"""Every 20 mm across beyond the first 30 mm cost 0.1; ALGORITHM.md A10."""

FAR_SIDE_COST = 0.1
"""Cost of cortex behind the middle of the kidney, whose echoes have crossed the sinus; ALGORITHM.md A10."""

TYPICAL_COST = 4.0
"""Cost of a pair whose ratio is off the typical one by a factor e: the pair stands for the whole picture.

On 150 phantoms it took the mean error from 8.8 to 8.1 % and the bias from -0.049 to -0.042.
"""

PATH_POINTS = 32
"""Places between the ROIs at which a shadow is looked for."""

NARROW_BEAMS = 3.2
"""A way meets a shadow where it runs through more beams of it than a vessel darkens: one, and those beside it."""

KEPT = 5
"""The best pair, and those that tell how much the choice matters; ALGORITHM.md, hri_unstable."""

USUAL_PERCENTILES = (5.0, 95.0)

SAMPLED = 1000
"""The usual range is that of every second, third ... pair, so that at least half as many are sorted."""

BATCH = 64

Offered = tuple[Tile, Windows]
Indices = NDArray[np.intp]
Refusal = Callable[[Indices, Indices], Mask]
"""Takes indices of kidney and liver windows; True where such a pair is not to be measured."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The chosen pairs and what the others say.

    Attributes
    ----------
    kidney, liver
        Indices into the windows, best pair first.
    cost
        Of each pair, ascending.
    usual
        Range of the ratio that nine in ten of all pairs at similar depth give.
    """

    kidney: NDArray[np.intp]
    liver: NDArray[np.intp]
    cost: Floats
    usual: tuple[float, float]

    def __len__(self) -> int:
        return len(self.cost)


def joint_pairs(kidney: Offered, liver: Offered, kidney_middle_mm: float, shadows: Shadows | None) -> Pairs:
    """The best pairs at similar depth with no shadow between them, both windows chosen together.

    Parameters
    ----------
    kidney, liver
        Pixels and windows to choose from, at least one each.
    kidney_middle_mm
        Depth of the middle of the kidney.
    shadows
        None where there are none.

    Returns
    -------
    Pairs
        At most `KEPT`; none where no two windows lie at similar depth.
    """
    (_, cortex), (_, parenchyma) = kidney, liver
    apart = np.abs(cortex.depth[:, np.newaxis] - parenchyma.depth)
    across = np.abs(cortex.right[:, np.newaxis] - parenchyma.right)
    ratio = _ratios(cortex, parenchyma)
    cost = (cortex.score + FAR_SIDE_COST * (cortex.depth > kidney_middle_mm))[:, np.newaxis] + parenchyma.score
    cost += DEPTH_COST * apart / DEPTH_TOLERANCE_MM + LATERAL_COST_PER_MM * np.maximum(across - LATERAL_FREE_MM, 0)
    cost += TYPICAL_COST * np.abs(np.log(ratio / _typical_ratio(kidney[0], liver[0])))
    refused = _none if not shadows else _crossing(cortex, parenchyma, shadows)
    return _cheapest((cost, ratio), apart <= DEPTH_TOLERANCE_MM, refused)


def sequential_pairs(kidney: Offered, liver: Offered) -> Pairs:
    """The kidney's best window, then the best of the liver's at similar depth (the paper's order).

    Parameters
    ----------
    kidney, liver
        Pixels and windows to choose from, at least one each.
    """
    (_, cortex), (_, parenchyma) = kidney, liver
    apart = np.abs(cortex.depth[:, np.newaxis] - parenchyma.depth)
    allowed = apart <= DEPTH_TOLERANCE_MM
    allowed[np.arange(len(cortex)) != cortex.score.argmin()] = False
    cost = cortex.score[:, np.newaxis] + parenchyma.score
    return _cheapest((cost, _ratios(cortex, parenchyma)), allowed, _none)


def _ratios(cortex: Windows, parenchyma: Windows) -> Floats:
    """Liver over cortex of every pair; black is taken as grey level 1."""
    return np.asarray(np.maximum(parenchyma.mean, 1.0) / np.maximum(cortex.mean, 1.0)[:, np.newaxis])


def _typical_ratio(kidney: Tile, liver: Tile) -> float:
    """Liver over cortex where both tissues share a depth, each depth weighted by how much of both it holds."""
    start = min(float(tile.depth[tile.tissue].min()) for tile in (kidney, liver))
    (cortex, cortex_sum), (parenchyma, parenchyma_sum) = (_by_depth(tile, start) for tile in (kidney, liver))
    shared = slice(0, min(len(cortex), len(parenchyma)))
    weight = np.minimum(cortex[shared], parenchyma[shared])
    dark = float((weight * cortex_sum[shared] / np.maximum(cortex[shared], 1)).sum())
    bright = float((weight * parenchyma_sum[shared] / np.maximum(parenchyma[shared], 1)).sum())
    if min(dark, bright) <= 0:
        return max(liver.target, 1.0) / max(kidney.target, 1.0)
    return bright / dark


def _by_depth(tile: Tile, start: float) -> tuple[Floats, Floats]:
    """Number of pixels and sum of grey levels of the tissue in each depth cell."""
    cells = ((tile.depth[tile.tissue] - start) / CELL_MM[0]).astype(np.intp)
    sums = np.bincount(cells, weights=tile.grey[tile.tissue])
    return np.bincount(cells).astype(np.float64), np.asarray(sums, dtype=np.float64)


def _cheapest(of_pairs: tuple[Floats, Floats], allowed: Mask, refused: Refusal) -> Pairs:
    """Up to `KEPT` allowed pairs that are not refused, cheapest first; takes cost and ratio of every pair."""
    cost, ratio = of_pairs
    allowed_at = np.flatnonzero(allowed)
    order = allowed_at[np.argsort(cost.ravel()[allowed_at], kind="stable")]
    chosen = np.zeros(0, dtype=np.intp)
    # In batches: most often the first batch holds enough, and to look for shadows on the way of every pair takes long.
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        chosen = np.concatenate([chosen, batch[~refused(*np.divmod(batch, cost.shape[1]))]])
        if len(chosen) >= KEPT:
            break
    kidney, liver = np.divmod(chosen[:KEPT], cost.shape[1])
    sample = ratio.ravel()[allowed_at[:: 1 + len(allowed_at) // SAMPLED]]
    low, high = np.percentile(sample, USUAL_PERCENTILES) if len(order) else (np.nan, np.nan)
    return Pairs(kidney, liver, cost[kidney, liver], (float(low), float(high)))


def _none(kidney: Indices, liver: Indices) -> Mask:
    """No pair is refused."""
    return np.zeros(np.broadcast_shapes(kidney.shape, liver.shape), dtype=np.bool_)


def _crossing(cortex: Windows, parenchyma: Windows, shadows: Shadows) -> Refusal:
    """Refusal of pairs on whose way from one ROI to the other a shadow lies."""

    def refused(kidney: Indices, liver: Indices) -> Mask:
        share = np.linspace(0, 1, PATH_POINTS)[:, np.newaxis]
        depth = cortex.depth[kidney] + share * (parenchyma.depth[liver] - cortex.depth[kidney])
        beam = cortex.beam[kidney] + share * (parenchyma.beam[liver] - cortex.beam[kidney])
        across = np.abs(parenchyma.beam[liver] - cortex.beam[kidney])
        return np.asarray(shadows.at(depth, beam).mean(axis=0) * across > NARROW_BEAMS * BEAM_STEP)

    return refused
