"""Seeds come in; phantoms, cut to their sector and cached on disk, and training batches go out."""

import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from scipy.ndimage import binary_opening

from hri_node.measure.canonical import COLUMNS, ROWS, Canonical, canonical_of
from hri_node.measure.sector import Sector
from hri_node.phantom.ranges import PRESETS, Kind
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, View, make_view
from hri_node.segment.channels import network_channels
from models.icnet.augment import Augmentation, augmented

HELD_OUT_SEED = 1_000_000
"""Seeds from here on are never trained on."""

HIDDEN_BIT = 128
"""Set in cached labels where nothing of the tissue can be seen."""

HIDDEN_WEIGHT = 0.05
"""Weight in the loss of what is hidden in narrow places: organs close behind ribs, but nothing can be learned."""

UNSURE_BIT = 64
"""Set in labels that the network gave itself, where it was not sure: such pixels do not count at all."""

UNKNOWN_KIND = 255
"""Kind of a view of which only the organs are known."""

CELL = 8
WIDE_CELLS = 3
"""Three cells of eight pixels both ways, about 15 mm, and more: such a shadow is where an organ's outline ends."""

WIDE_WEIGHT = 0.4
"""Weight of what is hidden in wide places. There is no organ to be found there: readers stop at the shadow, and a
network that is not told so calls every even darkness liver."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phantoms:
    """Cached views: `pixels`, `labels` (bit 7: hidden), shape (views, 256, 320), and the index of each view's kind."""

    pixels: Bytes
    labels: Bytes
    kinds: Bytes


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
    kinds_path = path.with_suffix(".kinds.npy")
    if not path.exists():
        partial = path.with_suffix(".partial")
        store = np.lib.format.open_memmap(partial, "w+", np.uint8, (2, count, ROWS, COLUMNS))
        kinds = np.zeros(count, np.uint8)
        seeds = [(seed, preset) for seed in range(first_seed, first_seed + count)]
        with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
            rendered = pool.map(_render, seeds, chunksize=8)
            for index, (pair, kind) in enumerate(track(rendered, f"phantoms ({preset})", total=count)):
                store[:, index], kinds[index] = pair, kind
        store.flush()
        np.save(kinds_path, kinds)
        partial.rename(path)
    pixels, labels = np.load(path, mmap_mode="r")
    return Phantoms(pixels, labels, np.load(kinds_path))


def mixture(folder: Path, views: Mapping[str, int]) -> Phantoms:
    """Phantoms of several presets together.

    Parameters
    ----------
    folder
        Where the cache lies.
    views
        Preset to how many of it, from its first seed on.
    """
    sets = [cached_phantoms(folder, count, preset=preset) for preset, count in views.items()]
    if len(sets) == 1:
        return sets[0]
    return Phantoms(*(np.concatenate([getattr(each, name) for each in sets]) for name in ("pixels", "labels", "kinds")))


def cut(view: View) -> tuple[Bytes, Bytes]:
    """Pixels and labels of a view on the network's frame, shape (256, 320) each.

    Parameters
    ----------
    view
        A phantom; its own sector is taken, not one that is looked for.
    """
    inside = view.sector.beams()[2]
    frame = canonical_of(Sector(inside, None, view.spacing_mm), inside.shape)
    marked = view.labels | np.where(view.hidden, HIDDEN_BIT, 0).astype(np.uint8)
    return frame.picture(view.pixels), cut_labels(marked, frame)


def cut_labels(labels: Bytes, frame: Canonical) -> Bytes:
    """A label map on the network's frame, shape (256, 320); 0 beyond the source.

    Parameters
    ----------
    labels
        Shape of the source.
    frame
        How the network's frame lies on it.
    """
    steps = (frame.step_column, 0, frame.left, 0, frame.step_row, frame.top)
    way = Image.Transform.AFFINE, steps, Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(labels).transform((COLUMNS, ROWS), *way))


def _render(job: tuple[int, str]) -> tuple[Bytes, int]:
    """Pixels and labels of one view, and its kind."""
    view = make_view(job[0], PRESETS[job[1]])
    return np.stack(cut(view)), list(Kind).index(view.kind)


@dataclass(frozen=True, slots=True)
class Batch:
    """Channels (batch, rows, columns, 2), targets (…, 3): liver, kidney, weight in the loss; kinds of view (batch,)."""

    channels: Floats
    targets: Floats
    kinds: NDArray[np.int32]


def training_batch(
    phantoms: Phantoms,
    rng: np.random.Generator,
    size: int,
    shape: tuple[int, int] = (ROWS, COLUMNS),
    augmentation: Augmentation | None = None,
) -> Batch:
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
    augmentation
        What is done to them; all of it by default.

    Returns
    -------
    Batch
        What one step of training sees.
    """
    chosen = rng.integers(0, len(phantoms.pixels), size)
    how = augmentation or Augmentation()
    pairs = [augmented(rng, (phantoms.pixels[index], phantoms.labels[index]), shape, how) for index in chosen]
    channels = np.stack([network_channels(pixels) for pixels, _ in pairs])
    return Batch(
        channels, np.stack([targets_of(labels) for _, labels in pairs]), phantoms.kinds[chosen].astype(np.int32)
    )


def targets_of(labels: Bytes) -> Floats:
    """Targets (…, 3) of cached labels, shape (rows, columns), multiples of eight."""
    hidden, unsure, plain = labels >= HIDDEN_BIT, (labels & UNSURE_BIT) > 0, labels & (UNSURE_BIT - 1)
    wide = _wide(hidden)
    weight = np.where(wide, WIDE_WEIGHT, np.where(hidden, HIDDEN_WEIGHT, 1.0)) * ~unsure
    organs = (np.where(wide, 0, plain) == label for label in (LIVER_LABEL, KIDNEY_LABEL))
    return np.stack([*organs, weight], axis=-1).astype(np.float32)


def _wide(hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is hidden and part of a wide place."""
    rows, columns = hidden.shape
    cells = hidden.reshape(rows // CELL, CELL, columns // CELL, CELL).mean(axis=(1, 3)) > 0.85  # noqa: PLR2004 - most of it
    core = binary_opening(cells, np.ones((WIDE_CELLS, WIDE_CELLS), np.bool_))
    return np.repeat(np.repeat(core, CELL, axis=0), CELL, axis=1) & hidden
