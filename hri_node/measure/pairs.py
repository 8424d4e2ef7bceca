"""The kidney's and the liver's windows in, the pairs that compare like with like out, best first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.shadow import Shadows
from hri_node.measure.windows import CELL_MM, Tile, Windows

Floats = NDArray[np.float64]

DEPTH_TOLERANCE_MM = 10.0
"""Greatest difference in depth between the ROIs; SCIENCE 6.2 A9."""

DEPTH_COST = 0.1
"""Cost of a pair at the tolerance; less in proportion."""

LATERAL_FREE_MM = 30.0
LATERAL_COST_PER_MM = 0.1 / 20
"""Every 20 mm across beyond the first 30 mm cost 0.1; SCIENCE 6.2 A10."""

FAR_SIDE_COST = 0.1
"""Cost of cortex behind the middle of the kidney, whose echoes have crossed the sinus; SCIENCE 6.2 A10."""

TYPICAL_COST = 1.0
"""Cost of a pair whose ratio is off the typical one by a factor e: the pair stands for the whole picture.

On 150 phantoms it took the mean error from 8.8 to 8.1 % and the bias from -0.049 to -0.042.
"""

PATH_POINTS = 24
"""Places between the ROIs at which a shadow is looked for."""

KEPT = 5
"""The best pair, and those that tell how much the choice matters; SCIENCE 6.3 hri_unstable."""

Offered = tuple[Tile, Windows]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Indices into the kidney's and the liver's windows, and the cost of each pair, ascending."""

    kidney: NDArray[np.intp]
    liver: NDArray[np.intp]
    cost: Floats

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
    ratio = np.maximum(parenchyma.mean, 1.0) / np.maximum(cortex.mean, 1.0)[:, np.newaxis]
    cost = (cortex.score + FAR_SIDE_COST * (cortex.depth > kidney_middle_mm))[:, np.newaxis] + parenchyma.score
    cost += DEPTH_COST * apart / DEPTH_TOLERANCE_MM + LATERAL_COST_PER_MM * np.maximum(across - LATERAL_FREE_MM, 0)
    cost += TYPICAL_COST * np.abs(np.log(ratio / _typical_ratio(kidney[0], liver[0])))
    return _cheapest(cost, apart, lambda pair: shadows is not None and _crosses(cortex, parenchyma, pair, shadows))


def sequential_pairs(kidney: Offered, liver: Offered) -> Pairs:
    """The kidney's best window, then the best of the liver's at similar depth (the paper's order).

    Parameters
    ----------
    kidney, liver
        Pixels and windows to choose from, at least one each.
    """
    (_, cortex), (_, parenchyma) = kidney, liver
    apart = np.abs(cortex.depth[:, np.newaxis] - parenchyma.depth)
    first = int(cortex.score.argmin())
    cost = cortex.score[:, np.newaxis] + parenchyma.score
    return _cheapest(cost, apart, lambda pair: pair[0] != first)


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


def _cheapest(cost: Floats, apart: Floats, refused: Callable[[tuple[int, int]], bool]) -> Pairs:
    """Up to `KEPT` pairs within the depth tolerance that are not refused, cheapest first."""
    order = np.flatnonzero(apart.ravel() <= DEPTH_TOLERANCE_MM)
    order = order[np.argsort(cost.ravel()[order], kind="stable")]
    chosen: list[int] = []
    for pair in order:
        if not refused(divmod(int(pair), cost.shape[1])):
            chosen.append(int(pair))
        if len(chosen) == KEPT:
            break
    indices = np.array(chosen, dtype=np.intp)
    return Pairs(indices // cost.shape[1], indices % cost.shape[1], cost.ravel()[indices])


def _crosses(cortex: Windows, parenchyma: Windows, pair: tuple[int, int], shadows: Shadows) -> bool:
    """Whether the way from one ROI to the other meets a shadow."""
    share = np.linspace(0, 1, PATH_POINTS, dtype=np.float32)
    depth = cortex.depth[pair[0]] + share * (parenchyma.depth[pair[1]] - cortex.depth[pair[0]])
    beam = cortex.beam[pair[0]] + share * (parenchyma.beam[pair[1]] - cortex.beam[pair[0]])
    return bool(shadows.at(depth.astype(np.float32), beam.astype(np.float32)).any())
