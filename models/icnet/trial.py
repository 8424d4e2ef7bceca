"""A model version and seeds come in; what the node makes of each phantom, against its truth, goes out.

Every phantom is rendered, segmented and measured in one process, so that the work spreads over all cores and nothing
but figures comes back.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from hri_node.masks import label_map
from hri_node.measure.frame import measure_frame
from hri_node.measure.outline import look_for
from hri_node.measure.overlap import Overlap, overlap_of
from hri_node.measure.types import Measurement, Options, Outcome
from hri_node.measuring import Looked, Source, look_at
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, View, make_view
from hri_node.read.grey import grey_of_rgb
from hri_node.records import Frame
from hri_node.sections import Runtime
from hri_node.segment.runtime import Segmenter, load

ORGANS = {"liver": LIVER_LABEL, "kidney": KIDNEY_LABEL}

FIRST_SEED = 3_000_000
"""Neither trained on nor watched while training."""

HEPATORENAL = "hepatorenal"
"""The view that is to be measured; all others are not."""

PRESENT_SHARE = 0.005
"""An organ that covers less of the picture is neither scored nor missed: about 2 cm²."""

DEEP_SHADOW_DB = 12
"""From here on nothing of the tissue is seen."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """One phantom.

    Attributes
    ----------
    kind, screen
        What the view shows, and the vendor-like family of its screen.
    truth
        Display-domain ratio of liver over cortex; None where they share no depth.
    organs, visible
        Agreement of each organ that is there or was found, in all and outside deep shadow.
    outcome, reasons, hri, interval
        What the node says of the picture.
    views
        Probability of each view, as the network gives it.
    score
        What the whole view check says of a hepatorenal view: the network, and whether the masks are plausible.
    given_hri, given_interval, given_reasons
        What the measurement says when it is given the true masks.
    """

    seed: int
    preset: str
    kind: str
    screen: str
    truth: float | None
    organs: dict[str, Overlap]
    visible: dict[str, Overlap]
    outcome: str
    reasons: tuple[str, ...]
    hri: float | None
    interval: tuple[float, float] | None
    views: dict[str, float]
    score: float
    given_hri: float | None
    given_interval: tuple[float, float] | None
    given_reasons: tuple[str, ...]

    @property
    def is_hepatorenal(self) -> bool:
        """Whether it should be measured."""
        return self.kind == HEPATORENAL

    @property
    def measured(self) -> bool:
        """Whether it was."""
        return self.outcome == Outcome.MEASURED

    @property
    def worst(self) -> float:
        """The lowest index of the organs that are there; 0 where one was found that is not."""
        indices = [
            1.0 - bool(each.found_pixels) if each.jaccard is None else each.jaccard for each in self.organs.values()
        ]
        return min(indices, default=1.0)


def run_trials(model_dir: Path, preset: str, seeds: Sequence[int]) -> list[Trial]:
    """What the node makes of one phantom per seed, on all cores.

    Parameters
    ----------
    model_dir
        Folder of the version.
    preset
        Family of the phantoms.
    seeds
        One per phantom.
    """
    jobs = [(model_dir, preset, seed) for seed in seeds]
    # Spawned, not forked: the network's runtime has threads.
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count() or 1), get_context("spawn")) as pool:
        made: Iterator[Trial] = pool.map(_run, jobs, chunksize=4)
        return list(track(made, f"phantoms ({preset})", total=len(jobs), console=Console(stderr=True)))


def _run(job: tuple[Path, str, int]) -> Trial:
    model_dir, preset, seed = job
    return trial_of(make_view(seed, PRESETS[preset]), preset, segmenter_of(model_dir))


@cache
def segmenter_of(model_dir: Path) -> Segmenter:
    """The network on one thread: every core has a process of its own."""
    return load(model_dir, Runtime.CPU, 1)


def trial_of(view: View, preset: str, segmenter: Segmenter) -> Trial:
    """What the node makes of one phantom.

    Parameters
    ----------
    view
        The phantom.
    preset
        Its family.
    segmenter
        The network.
    """
    looked, given = look(view, segmenter), measure_given(view)
    truth, visible = view.truth(), visible_of(view)
    masks, found = truth_of(view), found_of(looked)
    organs = {name: found[name] for name in masks if _counts(masks[name])}
    return Trial(
        seed=view.seed,
        preset=preset,
        kind=str(truth.get("kind") or _plain_kind(masks)),
        screen=str(truth.get("screen", "-")),
        truth=view.ratio,
        organs={name: overlap_of(mask, masks[name], view.spacing_mm) for name, mask in organs.items()},
        visible={name: overlap_of(mask & visible, masks[name] & visible) for name, mask in organs.items()},
        outcome=looked.result.outcome,
        reasons=looked.result.reasons,
        hri=looked.result.hri,
        interval=looked.result.hri_interval,
        views=network_views(looked.result.view),
        score=looked.result.view[HEPATORENAL],
        given_hri=given.hri,
        given_interval=given.hri_interval,
        given_reasons=tuple(reason.value for reason in given.reasons),
    )


def network_views(said: dict[str, float]) -> dict[str, float]:
    """What the network alone says of each view: the node gives the whole check's word for the first of them."""
    others = {name: value for name, value in said.items() if name != HEPATORENAL}
    return {HEPATORENAL: max(0.0, 1 - sum(others.values())), **others} if others else said


def look(view: View, segmenter: Segmenter) -> Looked:
    """The phantom as the node sees a calibrated picture."""
    source = Source(f"phantom {view.seed}", None, Path())
    return look_at(frame_of(view), source, (segmenter, Options()), 0.0)


def frame_of(view: View) -> Frame:
    """The phantom's picture as `read` would give it."""
    pixels, coloured = view.pixels, None
    if pixels.ndim == 3:  # noqa: PLR2004 - rows, columns, colours
        pixels, coloured = grey_of_rgb(pixels)
    return Frame(pixels, 1, view.spacing_mm, "argument", coloured)


def truth_of(view: View) -> dict[str, Mask]:
    """The true masks."""
    return {name: view.labels == value for name, value in ORGANS.items()}


def found_of(looked: Looked) -> dict[str, Mask]:
    """The masks as the node writes them: no pixel is both organs."""
    labels = label_map(looked.masks)
    return {name: labels == value for name, value in ORGANS.items()}


def visible_of(view: View) -> Mask:
    """Where something of the tissue can be seen."""
    hidden: Mask = getattr(view, "hidden", view.shadow_db >= DEEP_SHADOW_DB)
    return ~hidden


def measure_given(view: View) -> Measurement:
    """The measurement without the network's faults: it is given the true masks and the view."""
    frame = frame_of(view)
    outline = look_for(frame.seen, frame.spacing_mm, frame.coloured)
    drawn = [outline.canonical.picture(np.where(mask, 255, 0).astype(np.uint8)) for mask in truth_of(view).values()]
    probabilities = np.stack(drawn).astype(np.float32) / np.float32(255)
    return measure_frame(outline, probabilities, None, Options(any_view=True))


def _counts(truth: Mask) -> bool:
    """Whether an organ is there to be found, or is not there at all; a sliver is neither."""
    share = float(truth.mean())
    return share == 0 or share >= PRESENT_SHARE


def _plain_kind(masks: dict[str, Mask]) -> str:
    """What a view without a kind of its own shows."""
    there = [name for name, mask in masks.items() if mask.any()]
    return HEPATORENAL if len(there) == len(masks) else "".join(there) or "other"
