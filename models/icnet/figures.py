"""A checkpoint comes in; a sheet of what it finds on held-out phantoms, and the course of the training, go out."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from keras import ops

from hri_node.segment.channels import network_channels
from models.icnet.data import HIDDEN_BIT, Phantoms
from models.icnet.fold import served_network
from models.icnet.plots import Prediction, draw_curves, draw_predictions

__all__ = ["draw_curves", "draw_sheet", "watched_so_far"]

SHEET_VIEWS = 12


def draw_sheet(path: Path, phantoms: Phantoms, held_out: Phantoms, out: Path) -> None:
    """Held-out views with the contours of the truth and of what the checkpoint finds.

    Parameters
    ----------
    path
        The checkpoint.
    phantoms
        Views to take the statistics of batch normalisation from.
    held_out
        Views to draw.
    out
        The PNG to write.
    """
    model = served_network(path, phantoms)
    views = []
    for index in range(min(SHEET_VIEWS, len(held_out.pixels))):
        pixels, labels = np.asarray(held_out.pixels[index]), np.asarray(held_out.labels[index])
        seen = model(network_channels(pixels)[np.newaxis], training=False)[0]
        probabilities = ops.convert_to_numpy(seen)[0].transpose(2, 0, 1)
        views.append(Prediction(f"phantom {index}", pixels, labels & (HIDDEN_BIT - 1), probabilities))
    draw_predictions(views, out)


def watched_so_far(log: Path) -> dict[str, list[tuple[int, float]]]:
    """What a training's watcher wrote: name to (step, value) pairs.

    Parameters
    ----------
    log
        Lines of JSON.
    """
    watched = defaultdict(list)
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        seen = json.loads(line)
        for name, value in seen.items():
            if name != "step":
                watched[name].append((int(seen["step"]), float(value)))
    return dict(watched)
