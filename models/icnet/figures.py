"""A checkpoint comes in; a sheet of what it finds on held-out phantoms goes out."""

from pathlib import Path

import numpy as np

from models.icnet import checkpoint
from models.icnet.architecture import build_icnet
from models.icnet.data import HELD_OUT_SEED, SHADOW_BIT, Phantoms, cached_phantoms
from models.icnet.fold import recompute_statistics
from models.icnet.plots import Prediction, draw_curves, draw_predictions

__all__ = ["draw_curves", "draw_sheet"]

SHEET_VIEWS = 12


def draw_sheet(path: Path, phantoms: Phantoms, out: Path) -> None:
    """Held-out views with the contours of the truth and of what the checkpoint finds.

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
    views = []
    for index, (pixels, labels) in enumerate(zip(held_out.pixels, held_out.labels, strict=True)):
        logits = model.predict(np.asarray(pixels, np.float32)[None, :, :, None], verbose=0)[0][0]
        probabilities = 1 / (1 + np.exp(-logits.transpose(2, 0, 1)))
        name = f"phantom {HELD_OUT_SEED + index}"
        views.append(Prediction(name, np.asarray(pixels), np.asarray(labels % SHADOW_BIT), probabilities))
    draw_predictions(views, out)
