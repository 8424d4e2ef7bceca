"""A version, or a network and views with known labels, comes in; its model card, or each organ's score, goes out.

``python -m models.icnet.evaluate models/icnet/1.0.0 --work WORK --real FOLDER`` renders phantoms that were never
trained on, measures them and the real frames as the node does, and writes ``card.md`` with its figures. Pictures of
real frames go to WORK alone.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL
from hri_node.segment.runtime import Seen
from models.icnet import plots
from models.icnet.card import CARD, FIGURES, Evidence, card_of
from models.icnet.data import HIDDEN_BIT, Phantoms
from models.icnet.real import run_frames
from models.icnet.totals import worst_of
from models.icnet.trial import FIRST_SEED, Trial, run_trials, segmenter_of

THRESHOLD = 0.5
"""Probability from which a pixel belongs to an organ (paper)."""

PRESENT_PIXELS = 800
"""An organ of which fewer pixels are in the frame is not scored: about 2 cm²."""

ORGANS = {"liver": LIVER_LABEL, "kidney": KIDNEY_LABEL}
"""Channels of the network and their values in a label map."""

PROJECT = Path(__file__).resolve().parents[2]
ABLATIONS = Path(__file__).parent / "ablations.toml"

WORST = 12
"""Pictures of the worst phantoms on the card's sheet."""

Segment = Callable[[NDArray[np.uint8]], Seen]
"""From the network's frame to what it sees there."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one organ is found.

    Attributes
    ----------
    jaccard
        Mean Jaccard index over the views that show the organ.
    visible_jaccard
        The same without pixels in deep shadow.
    lowest
        The worst view's Jaccard index.
    views
        How many views show the organ.
    false_pixels
        Mean number of pixels found in views without the organ; None where all views show it.
    """

    jaccard: float
    visible_jaccard: float
    lowest: float
    views: int
    false_pixels: float | None


def jaccard(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Shared pixels over all pixels of two masks; 1 where both are empty."""
    either = np.count_nonzero(found | truth)
    return float(np.count_nonzero(found & truth) / either) if either else 1.0


def evaluate(segment: Segment, phantoms: Phantoms) -> dict[str, Score]:
    """The score of each organ over `phantoms`, on the network's frame.

    Parameters
    ----------
    segment
        The network.
    phantoms
        Views it was not trained on.

    Returns
    -------
    dict
        Organ to score.
    """
    rows: dict[str, list[tuple[float, float]]] = {organ: [] for organ in ORGANS}
    false: dict[str, list[int]] = {organ: [] for organ in ORGANS}
    for pixels, labels in zip(phantoms.pixels, phantoms.labels, strict=True):
        visible, plain = labels < HIDDEN_BIT, labels & (HIDDEN_BIT - 1)
        for (organ, value), probability in zip(ORGANS.items(), segment(np.asarray(pixels)).probabilities, strict=True):
            found, truth = probability > THRESHOLD, plain == value
            if np.count_nonzero(truth) >= PRESENT_PIXELS:
                rows[organ].append((jaccard(found, truth), jaccard(found & visible, truth & visible)))
            elif not truth.any():
                false[organ].append(int(np.count_nonzero(found)))
    return {organ: _score(rows[organ], false[organ]) for organ in ORGANS}


def _score(pairs: list[tuple[float, float]], false: Iterable[int]) -> Score:
    """Means over views."""
    plain, visible = np.array(pairs, float).reshape(-1, 2).T
    absent = list(false)
    return Score(
        jaccard=float(plain.mean()),
        visible_jaccard=float(visible.mean()),
        lowest=float(plain.min()),
        views=len(plain),
        false_pixels=float(np.mean(absent)) if absent else None,
    )


def write_card(folder: Path, work: Path, trials: dict[str, list[Trial]], real: Path | None) -> Path:
    """Write the card of a version, with its figures.

    Parameters
    ----------
    folder
        Of the version.
    work
        Folder, outside the project, for what is not to be kept with it.
    trials
        Preset to what was made of its phantoms.
    real
        Real frames, laid out as ``models.icnet.real`` tells, or None.
    """
    segmenter, figures = segmenter_of(folder), folder / FIGURES
    figures.mkdir(exist_ok=True)
    plots.draw_jaccard(trials, figures / "jaccard.png")
    pictures = {"jaccard.png": "Distribution of the Jaccard index."}
    for preset, own in trials.items():
        plots.draw_index(own, figures / f"index-{preset}.png")
        pictures[f"index-{preset}.png"] = f"Index against the display-domain truth, preset {preset}."
    worst = worst_of([trial for own in trials.values() for trial in own], WORST)
    drawn = plots.draw_worst(worst, segmenter, work / "worst")
    if drawn:
        plots.draw_sheet_of([np.asarray(Image.open(path)) for path in drawn], figures / "worst.jpg")
        pictures["worst.jpg"] = "The worst hepatorenal phantoms: what was found, and the truth."
    frames = run_frames(real, segmenter, work / "real") if real else []
    card = folder / CARD
    card.write_text(card_of(Evidence(folder, trials, frames, ABLATIONS, pictures)), encoding="utf-8")
    return card


def _keep(trials: Sequence[Trial], path: Path) -> None:
    """One line of JSON per phantom, for whoever wants to look closer."""
    path.write_text("".join(f"{json.dumps(asdict(trial))}\n" for trial in trials), encoding="utf-8")


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of the version.", exists=True, file_okay=False)],
    work: Annotated[Path, typer.Option(help="Folder for pictures and single figures; outside the project.")],
    views: Annotated[int, typer.Option(min=1, help="Phantoms of each preset.")] = 1000,
    presets: Annotated[str, typer.Option(help="Families of phantoms.")] = "paper,training",
    real: Annotated[Path | None, typer.Option(help="Real frames with outlines.", exists=True, file_okay=False)] = None,
) -> None:
    """Evaluate a version and write its model card."""
    names = presets.split(",")
    if not set(names) <= set(PRESETS):
        raise typer.BadParameter(f"{presets} must be some of {', '.join(PRESETS)}", param_hint="--presets")
    if real and work.resolve().is_relative_to(PROJECT):
        raise typer.BadParameter(f"{work} must lie outside the project: it gets real frames", param_hint="--work")
    work.mkdir(parents=True, exist_ok=True)
    trials = {}
    for name in names:
        trials[name] = run_trials(folder, name, range(FIRST_SEED, FIRST_SEED + views))
        _keep(trials[name], work / f"trials-{name}.jsonl")
    sys.stdout.write(f"{write_card(folder, work, trials, real)}\n")


if __name__ == "__main__":
    typer.run(main)
