"""A folder of real frames comes in; a table of how far the phantoms are from them goes out, figure by figure.

``python -m models.icnet.realism FRAMES --count 200 --preset training``. The ranges of the simulator are set from this
table. Of real frames it keeps figures only, never a pixel.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import ks_2samp

from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view
from hri_node.read.picture import is_picture, read_picture
from models.icnet.statistics import Figures, figures_of, look_of
from models.icnet.trial import frame_of

FIRST_SEED = 2_000_000
"""Neither training nor the held-out views take seeds from here on."""

LEVELS = 256
TABLE_WIDTH = 140
EXCESS = 0.15
"""A row is marked where the distance is larger than between real frames by this much, twice where by twice as much."""

FEW = 5
"""A figure that fewer frames of either kind have is not compared."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What is kept of one frame: its figures (None where no sector was found) and its histogram inside the sector."""

    figures: Figures | None
    histogram: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the table: median and 5th to 95th percentile on either side, and how far apart they are.

    Attributes
    ----------
    distance
        Kolmogorov-Smirnov statistic of the two samples: 0 alike, 1 wholly apart.
    floor
        The same between the first and the second half of the real frames by name, as far as that can be other people:
        phantoms need not be closer than real frames are to each other.
    """

    name: str
    real: tuple[float, float, float]
    phantom: tuple[float, float, float]
    distance: float
    floor: float


def sample_of(pixels: NDArray[np.uint8]) -> Sample:
    """Figures and histogram of one frame.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    """
    look = look_of(pixels)
    if look is None:
        return Sample(None, np.zeros(LEVELS, np.int64))
    levels = np.clip(np.rint(look.grey[look.inside]), 0, LEVELS - 1).astype(np.intp)
    return Sample(figures_of(look), np.bincount(levels, minlength=LEVELS))


def compare(real: Sequence[Sample], phantom: Sequence[Sample]) -> list[Row]:
    """Every figure that both kinds have, in the order in which they were computed.

    Parameters
    ----------
    real, phantom
        Samples of either kind.
    """
    sides = [[sample.figures for sample in samples if sample.figures is not None] for samples in (real, phantom)]
    # The frame with the most figures comes first: it gives the order.
    names = dict.fromkeys(name for figures in sorted(sides[0], key=len, reverse=True) for name in figures)
    rows = []
    for name in names:
        ours, theirs = ([figures[name] for figures in side if name in figures] for side in sides)
        if min(len(ours), len(theirs)) >= FEW:
            middle = len(ours) // 2
            distances = [float(ks_2samp(*pair).statistic) for pair in ((ours, theirs), (ours[:middle], ours[middle:]))]
            rows.append(Row(name, _spread(ours), _spread(theirs), distances[0], distances[1]))
    return rows


def histogram_distance(real: Sequence[Sample], phantom: Sequence[Sample]) -> float:
    """Wasserstein distance, in grey levels, of the pooled histograms; every frame weighs the same."""
    shares = []
    for samples in (real, phantom):
        counts = np.array([sample.histogram for sample in samples if sample.figures is not None], np.float64)
        shares.append((counts / counts.sum(axis=1, keepdims=True)).mean(axis=0))
    return float(np.abs(np.cumsum(shares[0] - shares[1])).sum())


def histogram_shape_distance(real: Sequence[Sample], phantom: Sequence[Sample]) -> float:
    """The same with every frame's grey levels divided by their mean: the shape without the gain."""
    grids = []
    for samples in (real, phantom):
        cumulative = [_cumulative(sample.histogram) for sample in samples if sample.figures is not None]
        grids.append(np.mean(cumulative, axis=0))
    return float(np.abs(grids[0] - grids[1]).sum() * SHAPE_STEP)


SHAPE_STEP = 0.05
"""Of the grid of relative grey levels, 0 to 8 times the mean."""


def _cumulative(histogram: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of pixels up to each multiple of the frame's mean."""
    total = max(int(histogram.sum()), 1)
    mean = max(float((histogram * np.arange(LEVELS)).sum()) / total, 1e-6)
    grid = np.arange(0, 8, SHAPE_STEP) * mean
    return np.asarray(np.interp(grid, np.arange(LEVELS), np.cumsum(histogram) / total))


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    median, low, high = np.percentile(values, (50, 5, 95))
    return float(median), float(low), float(high)


def real_samples(paths: Iterable[Path]) -> list[Sample]:
    """Samples of every picture in folders and files."""
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    pictures = [file for file in files if file.is_file() and is_picture(file)]
    return [sample_of(read_picture(file).pixels) for file in track(pictures, "real frames", console=_progress())]


def phantom_samples(count: int, preset: str, first_seed: int = FIRST_SEED) -> list[Sample]:
    """Samples of `count` phantoms, rendered on all cores.

    Parameters
    ----------
    count
        How many.
    preset
        Family of the phantoms.
    first_seed
        Seed of the first.
    """
    jobs = [(seed, preset) for seed in range(first_seed, first_seed + count)]
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(min(count, os.cpu_count() or 1), get_context("spawn")) as pool:
        made: Iterator[Sample] = pool.map(_phantom_sample, jobs, chunksize=2)
        return list(track(made, f"phantoms ({preset})", total=count, console=_progress()))


def _phantom_sample(job: tuple[int, str]) -> Sample:
    return sample_of(frame_of(make_view(job[0], PRESETS[job[1]])).pixels)


def _progress() -> Console:
    return Console(stderr=True)


def table_of(rows: Sequence[Row]) -> Table:
    """The table that a person reads; rows that are farther apart than real frames are from each other are marked."""
    table = Table("figure", "real", "5-95 %", "phantom", "5-95 %", "distance (KS)", "real halves")
    for row in rows:
        cells = [
            text
            for median, low, high in (row.real, row.phantom)
            for text in (f"{median:.3g}", f"{low:.3g} to {high:.3g}")
        ]
        excess = row.distance - row.floor
        mark = "  <<" if excess > 2 * EXCESS else "  <" if excess > EXCESS else ""
        table.add_row(row.name, *cells, f"{row.distance:.2f}{mark}", f"{row.floor:.2f}")
    return table


def main(
    frames: Annotated[list[Path], typer.Argument(help="Real frames: folders or files, PNG or JPEG.", exists=True)],
    count: Annotated[int, typer.Option(min=FEW, help="Phantoms to compare with.")] = 200,
    preset: Annotated[str, typer.Option(help="Family of the phantoms.")] = "training",
    seed: Annotated[int, typer.Option(help="Seed of the first phantom.")] = FIRST_SEED,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of the table.")] = False,
) -> None:
    """Compare phantoms with real frames."""
    if preset not in PRESETS:
        raise typer.BadParameter(f"{preset} is none of {', '.join(PRESETS)}", param_hint="--preset")
    real, phantom = real_samples(frames), phantom_samples(count, preset, seed)
    rows = compare(real, phantom)
    # One scanner's geometry is one of many: it should lie inside the phantoms' range, not be their middle.
    counted = [row for row in rows if not row.name.startswith("geometry")]
    distances = {
        "histogram_levels": histogram_distance(real, phantom),
        "histogram_shape": histogram_shape_distance(real, phantom),
        "mean_distance": float(np.mean([row.distance for row in counted])),
        "mean_distance_of_real_halves": float(np.mean([row.floor for row in counted])),
        "real_without_fan": sum(sample.figures is None for sample in real) / max(len(real), 1),
        "phantom_without_fan": sum(sample.figures is None for sample in phantom) / max(len(phantom), 1),
    }
    if as_json:
        sys.stdout.write(json.dumps({**distances, "rows": [asdict(row) for row in rows]}) + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    console.print(table_of(rows))
    console.print(f"{len(real)} real frames, {len(phantom)} phantoms of preset {preset}")
    for name, value in distances.items():
        console.print(f"{name.replace('_', ' ')}: {value:.3f}")


if __name__ == "__main__":
    typer.run(main)
