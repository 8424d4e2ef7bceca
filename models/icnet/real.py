"""A folder of real frames with outlines comes in; what the node makes of each goes out. No pixel is kept.

The folder is laid out as ``real-dev``: ``images``; ``hepatorenal/outlines.json`` (which frames show the view, and how
sure the outlines are) with a label map per outlined frame; ``masks`` with other label maps (1 liver, 4 kidney).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from hri_node.measure.overlap import Overlap, overlap_of
from hri_node.measure.types import Options, Outcome
from hri_node.measuring import Source, look_at
from hri_node.read.labels import read_labels
from hri_node.read.picture import read_picture
from hri_node.report.compare import compared
from hri_node.segment.runtime import Segmenter
from models.icnet.trial import HEPATORENAL, ORGANS, Mask, found_of

SURE = frozenset({"medium", "high"})
"""Outlines of this confidence count in the means."""

OTHER_KIDNEY = 4
"""The kidney in the label maps of ``masks``; liver is 1 in all maps."""

OUTLINED, UNCERTAIN, NEGATIVE, NO_KIDNEY, KIDNEY = (
    "outlined hepatorenal view",
    "uncertain",
    "another view, by eye",
    "label map without kidney",
    "label map with kidney",
)
"""Groups of frames."""


@dataclass(frozen=True, slots=True)
class RealFrame:
    """One real frame.

    Attributes
    ----------
    confidence
        Organ to how sure its outline is.
    organs
        Organ to agreement, where there is an outline.
    """

    name: str
    group: str
    confidence: dict[str, str]
    organs: dict[str, Overlap]
    outcome: str
    reasons: tuple[str, ...]
    probability: float

    @property
    def measured(self) -> bool:
        """Whether the node gives an index."""
        return self.outcome == Outcome.MEASURED


@dataclass(frozen=True, slots=True)
class Job:
    """A frame to look at: its picture and group; its label map, the organs' values in it, how sure their outlines are.

    Only some structures of a frame are labelled in ``masks``: an organ is compared where the map shows it.
    """

    image: Path
    group: str
    labels: Path | None = None
    values: dict[str, int] = field(default_factory=lambda: dict(ORGANS))
    confidence: dict[str, str] = field(default_factory=dict)


def jobs_of(folder: Path) -> list[Job]:
    """Every frame of which something is known.

    Parameters
    ----------
    folder
        Laid out as told above.
    """
    said = json.loads((folder / "hepatorenal" / "outlines.json").read_text(encoding="utf-8"))
    jobs = []
    for name, each in said.items():
        is_outlined = each["hepatorenal"] is True
        group = OUTLINED if is_outlined else NEGATIVE if each["hepatorenal"] is False else UNCERTAIN
        labels = folder / "hepatorenal" / f"{Path(name).stem}.png"
        confidence = {organ: str(each["confidence"][organ]) for organ in ORGANS} if is_outlined else {}
        jobs.append(Job(folder / "images" / name, group, labels if is_outlined else None, confidence=confidence))
    known = {job.image.stem for job in jobs}
    for path in sorted((folder / "masks").glob("*.png")):
        images = [image for image in (folder / "images").glob(f"{path.stem}.*") if path.stem not in known]
        group = KIDNEY if (read_labels(path) == OTHER_KIDNEY).any() else NO_KIDNEY
        jobs += [Job(image, group, path, {**ORGANS, "kidney": OTHER_KIDNEY}) for image in images]
    return jobs


def run_frames(folder: Path, segmenter: Segmenter, pictures: Path) -> list[RealFrame]:
    """What the node makes of each frame, as it would of an uncalibrated picture.

    Parameters
    ----------
    folder
        Real frames.
    segmenter
        The network.
    pictures
        Folder, outside the project, for pictures of every outlined frame and of every frame that should not have been
        measured and was.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    jobs = jobs_of(folder)
    return [_run(job, segmenter, pictures) for job in track(jobs, "real frames", console=Console(stderr=True))]


def _run(job: Job, segmenter: Segmenter, pictures: Path) -> RealFrame:
    frame = read_picture(job.image)
    looked = look_at(frame, Source(job.image.name, None, job.image), (segmenter, Options()), 0.0)
    found, truth = found_of(looked), _truth(job)
    result = RealFrame(
        name=job.image.stem,
        group=job.group,
        confidence=job.confidence,
        organs={name: overlap_of(found[name], mask) for name, mask in truth.items()},
        outcome=looked.result.outcome,
        reasons=looked.result.reasons,
        probability=float(looked.result.view.get(HEPATORENAL, float("nan"))),
    )
    if truth or (result.measured and job.group in {NEGATIVE, NO_KIDNEY}):
        _draw(result, compared(frame.pixels, found, truth, [_line(result)]), pictures)
    return result


def _truth(job: Job) -> dict[str, Mask]:
    """The organs that the label map shows."""
    if job.labels is None:
        return {}
    labels = read_labels(job.labels)
    return {name: labels == value for name, value in job.values.items() if (labels == value).any()}


def _line(frame: RealFrame) -> str:
    indices = [f"{name} {each.jaccard:.2f}" for name, each in frame.organs.items() if each.jaccard is not None]
    return f"{frame.name}: {', '.join([*indices, frame.outcome, *frame.reasons])}"


def _draw(frame: RealFrame, picture: NDArray[np.uint8], folder: Path) -> None:
    """Worst first in the order of the names."""
    worst = min((each.jaccard or 0.0 for each in frame.organs.values()), default=0.0)
    Image.fromarray(picture).save(folder / f"{worst:.2f}_{frame.name}.png")


def sure_indices(frames: Sequence[RealFrame], organ: str) -> list[float]:
    """Jaccard indices over the outlines of an organ that are sure enough.

    Parameters
    ----------
    frames
        Real frames.
    organ
        ``liver`` or ``kidney``.
    """
    own = [frame.organs[organ].jaccard for frame in frames if frame.confidence.get(organ) in SURE]
    return [index for index in own if index is not None]


def indices(frames: Sequence[RealFrame], group: str, organ: str) -> list[float]:
    """Jaccard indices over all outlines of an organ in a group, however sure.

    Parameters
    ----------
    frames
        Real frames.
    group
        One of the groups above.
    organ
        ``liver`` or ``kidney``.
    """
    own = [frame.organs[organ].jaccard for frame in frames if frame.group == group and organ in frame.organs]
    return [index for index in own if index is not None]


def measured_of(frames: Sequence[RealFrame], *groups: str) -> tuple[int, int]:
    """How many frames of some groups are measured, and how many there are."""
    own = [frame for frame in frames if frame.group in groups]
    return sum(frame.measured for frame in own), len(own)
