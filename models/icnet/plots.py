"""Figures and pictures come in; PNG files that a person looks at go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.measure.overlap import overlap_of
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view
from hri_node.report.compare import compared
from hri_node.segment.runtime import Segmenter
from models.icnet.totals import LIMITS_SDS, index_pairs, indices_of
from models.icnet.trial import ORGANS, Trial, found_of, frame_of, look, truth_of

TILE = (400, 340)
"""Columns and rows of a picture on a sheet."""

SHEET_COLUMNS = 4
DPI = 110
JPEG_QUALITY = 82

THRESHOLD = 0.5
"""Probability from which a pixel belongs to an organ (paper)."""

RGB = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A picture, its label map (both rows, columns) and the probabilities of liver and kidney (2, rows, columns)."""

    name: str
    pixels: NDArray[np.uint8]
    labels: NDArray[np.integer]
    probabilities: NDArray[np.floating]


def draw_jaccard(trials: Mapping[str, Sequence[Trial]], path: Path) -> None:
    """Histograms of the Jaccard index, one panel per organ, one line per preset.

    Parameters
    ----------
    trials
        Preset to its phantoms.
    path
        The PNG to write.
    """
    figure, panels = _panels(len(ORGANS))
    edges = np.linspace(0, 1, 41)
    for axes, organ in zip(panels, ORGANS, strict=True):
        for preset, own in trials.items():
            indices = indices_of([trial.organs[organ] for trial in own if organ in trial.organs])
            if len(indices):
                share = 100 / len(indices) * np.ones(len(indices))
                label = f"{preset} (mean {indices.mean():.3f}, {len(indices)} views)"
                axes.hist(indices, edges, weights=share, histtype="step", label=label)
        axes.set(xlabel=f"Jaccard index, {organ}", ylabel="% of views")
        axes.legend(loc="upper left", fontsize="small")
    _save(figure, path)


def draw_index(trials: Sequence[Trial], path: Path) -> None:
    """The index against the truth, and their difference against their mean (Bland-Altman).

    Parameters
    ----------
    trials
        Phantoms.
    path
        The PNG to write.
    """
    figure, (left, right) = _panels(2)
    truth, found = index_pairs(trials)
    left.scatter(truth, found, s=6, alpha=0.5)
    ends = [
        float(min(truth.min(initial=1), found.min(initial=1))),
        float(max(truth.max(initial=1), found.max(initial=1))),
    ]
    left.plot(ends, ends, color="0.5", linewidth=0.8)
    left.set(xlabel="display-domain truth", ylabel="index found")
    difference = found - truth
    right.scatter((found + truth) / 2, difference, s=6, alpha=0.5)
    if len(difference) > 1:
        bias, spread = float(difference.mean()), LIMITS_SDS * float(difference.std(ddof=1))
        for level, style in ((bias, "-"), (bias - spread, "--"), (bias + spread, "--")):
            right.axhline(level, color="0.4", linestyle=style, linewidth=0.8)
            right.annotate(f"{level:+.3f}", (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    right.set(xlabel="mean of truth and index", ylabel="index - truth")
    _save(figure, path)


def draw_worst(trials: Sequence[Trial], segmenter: Segmenter, out: Path) -> list[Path]:
    """A picture of each phantom with found and true contours, named worst first; made again from its seed.

    Parameters
    ----------
    trials
        The worst phantoms, the very worst first.
    segmenter
        The network that found the organs.
    out
        Folder to write to.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for rank, trial in enumerate(trials, start=1):
        view = make_view(trial.seed, PRESETS[trial.preset])
        found = found_of(look(view, segmenter))
        indices = [f"{organ} {each.jaccard:.2f}" for organ, each in trial.organs.items() if each.jaccard is not None]
        head = f"{trial.preset} {trial.seed}: {', '.join(indices)}"
        paths.append(out / f"{rank:03d}_{trial.preset}_{trial.seed}.png")
        lines = [head, ", ".join([trial.outcome, *trial.reasons])]
        Image.fromarray(compared(frame_of(view).pixels, found, truth_of(view), lines)).save(paths[-1])
    return paths


def draw_predictions(views: Sequence[Prediction], path: Path) -> None:
    """A sheet of pictures with the contours of what the network finds and of the truth.

    Parameters
    ----------
    views
        What it was shown, what is true and what it said.
    path
        The picture to write.
    """
    tiles = []
    for view in views:
        found = {organ: share > THRESHOLD for organ, share in zip(ORGANS, view.probabilities, strict=True)}
        truth = {organ: view.labels == value for organ, value in ORGANS.items()}
        overlaps = {organ: overlap_of(found[organ], truth[organ]) for organ in ORGANS}
        indices = [f"{organ} {each.jaccard:.2f}" for organ, each in overlaps.items() if each.jaccard is not None]
        tiles.append(compared(view.pixels, found, truth, [", ".join([view.name, *indices])]))
    draw_sheet_of(tiles, path)


def draw_sheet_of(pictures: Sequence[RGB], path: Path) -> None:
    """Pictures of any size on one sheet, four in a row.

    Parameters
    ----------
    pictures
        Colours, each of shape (rows, columns, 3).
    path
        The picture to write: PNG, or JPEG where it is to stay small.
    """
    rows = -(-len(pictures) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_COLUMNS * TILE[0], rows * TILE[1]))
    for place, picture in enumerate(pictures):
        tile = Image.fromarray(picture)
        tile.thumbnail(TILE)
        sheet.paste(tile, (place % SHEET_COLUMNS * TILE[0], place // SHEET_COLUMNS * TILE[1]))
    sheet.save(path, quality=JPEG_QUALITY)


def draw_curves(
    losses: Sequence[float], path: Path, watched: Mapping[str, Sequence[tuple[int, float]]] | None = None
) -> None:
    """The loss of each step with its running mean, and what was watched on the way.

    Parameters
    ----------
    losses
        One per step.
    path
        The PNG to write.
    watched
        Name to (step, value) pairs, such as the Jaccard index on real frames after every epoch.
    """
    figure, panels = _panels(2 if watched else 1)
    axes = panels[0]
    axes.plot(losses, color="0.8", linewidth=0.5, label="step")
    window = max(1, min(50, len(losses)))
    mean = np.convolve(losses, np.ones(window) / window, mode="valid")
    axes.plot(np.arange(window - 1, len(losses)), mean, color="tab:blue", label=f"mean of {window}")
    axes.set(xlabel="step", ylabel="loss", yscale="log")
    axes.legend()
    for name, values in (watched or {}).items():
        steps, shown = np.array(values, np.float64).reshape(-1, 2).T
        panels[-1].plot(steps, shown, marker=".", label=name)
    if watched:
        panels[-1].set(xlabel="step", ylabel="watched")
        panels[-1].legend(fontsize="small")
    _save(figure, path)


def _panels(count: int) -> tuple[Any, list[Any]]:
    """A figure with panels side by side."""
    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    figure, axes = plt.subplots(1, count, figsize=(5.5 * count, 4), squeeze=False, layout="constrained")
    return figure, list(axes[0])


def _save(figure: Any, path: Path) -> None:  # noqa: ANN401 - matplotlib has no types
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    figure.savefig(path, dpi=DPI)
    plt.close(figure)
