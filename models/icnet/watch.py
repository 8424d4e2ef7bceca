"""Checkpoints come in while a training runs; how good each is on held-out phantoms and on real frames goes out."""

import json
from pathlib import Path

from models.icnet.data import Phantoms
from models.icnet.fold import trained_network
from models.icnet.monitor import look, watched_frames, watched_phantoms

WATCHED_PHANTOMS = 64


class OnTheWay:
    """Looks at a checkpoint and keeps what it saw, a line of JSON each."""

    def __init__(self, phantoms: Phantoms, held_out: Phantoms, real: tuple[Path, Path] | None, log: Path) -> None:
        """Read what is to be looked at.

        Parameters
        ----------
        phantoms
            Views of the training, for the statistics of batch normalisation.
        held_out
            Views that are not trained on.
        real
            Folders of real pictures and their label maps, or None.
        log
            Where the lines go.
        """
        self._phantoms, self._log = phantoms, log
        self._sets = {"phantom": watched_phantoms(held_out, WATCHED_PHANTOMS)}
        if real is not None:
            self._sets["real"] = watched_frames(*real)

    def __call__(self, path: Path, step: int) -> str:
        """Jaccard indices of the checkpoint at `path`, in words."""
        model = trained_network(path, self._phantoms)
        seen: dict[str, float] = {"step": step}
        for name, watched in self._sets.items():
            seen[f"{name}_liver"], seen[f"{name}_kidney"] = (round(value, 3) for value in look(model, watched))
        with self._log.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(seen) + "\n")
        return "  ".join(f"{name} {value}" for name, value in seen.items())
