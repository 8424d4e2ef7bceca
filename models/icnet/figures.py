"""A checkpoint comes in; a sheet of what it finds on held-out phantoms goes out."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.icnet import checkpoint
from models.icnet.architecture import build_icnet
from models.icnet.data import HELD_OUT_SEED, SHADOW_BIT, Phantoms, cached_phantoms
from models.icnet.evaluate import ORGANS, THRESHOLD
from models.icnet.fold import recompute_statistics
from models.icnet.plots import draw_curves

__all__ = ["draw_curves", "draw_sheet", "overlay"]

SHEET_VIEWS = 12
SHEET_COLUMNS = 4

COLOURS = {"liver": (255, 120, 60), "kidney": (60, 200, 255)}


def draw_sheet(path: Path, phantoms: Phantoms, out: Path) -> None:
    """Held-out views with outlines of the truth (thin) and of what the checkpoint finds (filled).

    Parameters
    ----------
    path
        The checkpoint; held-out views lie in ``cache`` beside it, or are made there.
    phantoms
        Views to take the statistics of batch normalisation from.
    out
        The PNG to write.
    """
    model = build_icnet(training=True)
    checkpoint.averaged(path, model)
    recompute_statistics(model, phantoms)
    held_out = cached_phantoms(path.parent / "cache", SHEET_VIEWS, HELD_OUT_SEED)
    tiles = []
    for pixels, labels in zip(held_out.pixels, held_out.labels, strict=True):
        logits = model.predict(np.asarray(pixels, np.float32)[None, :, :, None], verbose=0)[0][0]
        tiles.append(overlay(np.asarray(pixels), np.asarray(labels % SHADOW_BIT, np.uint8), 1 / (1 + np.exp(-logits))))
    rows = [np.hstack(tiles[start : start + SHEET_COLUMNS]) for start in range(0, SHEET_VIEWS, SHEET_COLUMNS)]
    sheet = Image.fromarray(np.vstack(rows))
    sheet.resize((sheet.width // 2, sheet.height // 2)).save(out)


def overlay(
    pixels: NDArray[np.uint8], labels: NDArray[np.uint8], probabilities: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """A picture in colour: found organs tinted, true borders drawn.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    labels
        Label map of the same shape.
    probabilities
        Shape (rows, columns, 2).

    Returns
    -------
    NDArray
        RGB, shape (rows, columns, 3).
    """
    picture = np.repeat(pixels[..., None], 3, axis=2).astype(np.float32)
    for channel, (organ, value) in enumerate(ORGANS.items()):
        tint = np.asarray(COLOURS[organ], np.float32)
        found = probabilities[..., channel] > THRESHOLD
        picture[found] = 0.7 * picture[found] + 0.3 * tint
        truth = labels == value
        inner = truth & np.roll(truth, 1, 0) & np.roll(truth, -1, 0) & np.roll(truth, 1, 1) & np.roll(truth, -1, 1)
        picture[truth & ~inner] = tint
    return picture.astype(np.uint8)
