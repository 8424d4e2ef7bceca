"""Seeds come in; phantoms cached on disk and augmented training batches go out."""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from scipy.ndimage import gaussian_filter

from hri_node.phantom.geometry import COLUMNS, ROWS
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, make_view

HELD_OUT_SEED = 1_000_000
"""Seeds from here on are never trained on."""

DEEP_SHADOW_DB = 12
"""From here on nothing of the tissue is seen."""

DEEP_SHADOW_WEIGHT = 0.3
"""Weight of such pixels in the loss: organs should close behind ribs and gas, but what is seen comes first."""

SHADOW_BIT = 128
"""Set in cached labels where the shadow is deep."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phantoms:
    """Cached views: `pixels` and `labels` (bit 7: deep shadow), uint8, shape (views, 480, 640)."""

    pixels: Bytes
    labels: Bytes


def cached_phantoms(folder: Path, count: int, first_seed: int = 0, preset: str = "training") -> Phantoms:
    """`count` views from `first_seed` on, rendered once into `folder` and mapped into memory afterwards.

    Parameters
    ----------
    folder
        Where the cache lies; made if needed.
    count
        How many views.
    first_seed
        Seed of the first; the others follow.
    preset
        Family of the phantoms: ``training`` or ``paper``.

    Returns
    -------
    Phantoms
        Arrays mapped read-only from the cache.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{preset}-{first_seed}-{count}.npy"
    if not path.exists():
        partial = path.with_suffix(".partial")
        store = np.lib.format.open_memmap(partial, "w+", np.uint8, (2, count, ROWS, COLUMNS))
        seeds = [(seed, preset) for seed in range(first_seed, first_seed + count)]
        with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
            rendered = pool.map(_render, seeds, chunksize=8)
            for index, pair in enumerate(track(rendered, f"phantoms ({preset})", total=count)):
                store[:, index] = pair
        store.flush()
        partial.rename(path)
    pixels, labels = np.load(path, mmap_mode="r")
    return Phantoms(pixels, labels)


def _render(job: tuple[int, str]) -> Bytes:
    """Pixels and labels of one view."""
    view = make_view(job[0], PRESETS[job[1]])
    return np.stack([
        view.pixels,
        view.labels | np.where(view.shadow_db >= DEEP_SHADOW_DB, SHADOW_BIT, 0).astype(np.uint8),
    ])


@dataclass(frozen=True, slots=True)
class Batch:
    """Grey levels (batch, rows, columns, 1), and targets (…, 3): liver, kidney, weight in the loss."""

    pixels: Floats
    targets: Floats


def training_batch(phantoms: Phantoms, rng: np.random.Generator, size: int, shape: tuple[int, int]) -> Batch:
    """A batch of augmented views.

    Parameters
    ----------
    phantoms
        Views to choose from.
    rng
        Where chance comes from.
    size
        Views in the batch.
    shape
        (rows, columns) of the batch.

    Returns
    -------
    Batch
        What one step of training sees.
    """
    chosen = rng.integers(0, len(phantoms.pixels), size)
    pairs = [_augmented(phantoms.pixels[index], phantoms.labels[index], rng, shape) for index in chosen]
    return Batch(np.stack([p for p, _ in pairs]), np.stack([t for _, t in pairs]))


def targets_of(labels: Bytes) -> Floats:
    """Targets (…, 3) of cached labels."""
    deep, plain = labels >= SHADOW_BIT, labels & (SHADOW_BIT - 1)
    weight = np.where(deep, DEEP_SHADOW_WEIGHT, 1.0)
    return np.stack([plain == LIVER_LABEL, plain == KIDNEY_LABEL, weight], axis=-1).astype(np.float32)


def _augmented(pixels: Bytes, labels: Bytes, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """One view: cropped or shrunk, flipped now and then, with other grey levels and another sharpness."""
    rows, columns = ROWS * rng.uniform(0.75, 1), COLUMNS * rng.uniform(0.75, 1)
    top, left = (ROWS - rows) * rng.random(), (COLUMNS - columns) * rng.random()
    box, size = (left, top, left + columns, top + rows), (shape[1], shape[0])
    window = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, box)
    marked = Image.fromarray(labels).resize(size, Image.Resampling.NEAREST, box)
    grey, target = np.asarray(window, np.float32), targets_of(np.asarray(marked))
    if rng.random() < 0.01:  # noqa: PLR2004 - a probe that was put down: nothing is seen, nothing is to be found
        return np.zeros_like(grey)[..., None], target * np.array([0, 0, 1], np.float32)
    if rng.random() < 0.05:  # noqa: PLR2004 - flipped views exist, but the side means something
        grey, target = grey[:, ::-1], target[:, ::-1]
    if rng.random() < 0.3:  # noqa: PLR2004 - three in ten
        grey = gaussian_filter(grey, rng.uniform(0.3, 1.2))
    seen = grey > 2  # noqa: PLR2004 - gain must not lift the black around the sector
    grey = 255 * (grey / 255) ** rng.uniform(0.7, 1.5) * rng.uniform(0.7, 1.35) + seen * rng.uniform(-15, 15)
    return np.clip(grey, 0, 255)[..., None].astype(np.float32), np.ascontiguousarray(target)
