"""A site's frames and a version's weights come in; a version of the site's own, and what it bought, go out."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from hri_node.errors import Refused
from hri_node.segment.manifest import FILE_NAME, Manifest, read_manifest
from hri_node.segment.runtime import verify
from models.icnet.card import CARD, NOTES, site_card
from models.icnet.data import Phantoms, mixture
from models.icnet.evaluate import PROJECT
from models.icnet.export import held_out, write_version
from models.icnet.gain import gain_table
from models.icnet.openvino_ir import FILE_STEM, read_ir
from models.icnet.recipe import Tuning
from models.icnet.site import SiteFrame, labelled_views, parted, read_site
from models.icnet.study_lesson import study_lesson
from models.icnet.study_marks import is_study
from models.icnet.tune import Best, Material, tune

VERSION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")
"""What a version may be called: it names a folder, and stands in reports (LO, 64 characters, PS3.5 6.2)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be made.

    Attributes
    ----------
    work
        Folder, outside the project, for phantoms and the new version.
    site
        Folder of the site's frames.
    weights
        Folder of the version to start from, or of versions, of which the last is taken.
    version
        Name of the new one.
    leave_out
        Frames whose names begin so are not learned from, only looked at; None: all are learned from. Of a study, its
        own split says so.
    whole_organs
        Readers of a study outlined whole organs, not regions within them.
    """

    work: Path
    site: Path
    weights: Path
    version: str
    leave_out: str | None = None
    whole_organs: bool = False


class Lesson(Protocol):
    """What a site gives to learn from."""

    @property
    def introduction(self) -> str:
        """What it is, in a sentence; may be empty."""

    @property
    def figures(self) -> dict[str, object]:
        """Numbers for the manifest."""

    def material(self, phantoms: Phantoms) -> Material:
        """What there is to learn from."""

    def best(self, served: keras.Model, phantoms: Phantoms, steps: int) -> Best | None:
        """Who chooses among the weights on the way; None: the last ones are taken."""

    def gain(self, versions: tuple[Path, Path], phantoms: Mapping[str, Phantoms]) -> list[str]:
        """What was won or lost by the second of two versions, as lines of Markdown."""


@dataclass(frozen=True, slots=True)
class FramesLesson:
    """A folder of frames and label maps: what is learned from, and what is only looked at."""

    kept: list[SiteFrame]
    left_out: list[SiteFrame]
    prefix: str | None

    @property
    def introduction(self) -> str:
        """What was left out."""
        return f"Frames whose names begin with {self.prefix} were left out." if self.prefix else ""

    @property
    def figures(self) -> dict[str, object]:
        """How many frames."""
        labelled = sum(frame.known is not None for frame in self.kept)
        return {"labelled_frames": labelled, "unlabelled_frames": len(self.kept) - labelled}

    def material(self, phantoms: Phantoms) -> Material:
        """What there is to learn from."""
        bare = [frame.pixels for frame in self.kept if frame.known is None]
        shape = (0, *phantoms.pixels.shape[1:])
        return Material(labelled_views(self.kept), np.stack(bare) if bare else np.zeros(shape, np.uint8), phantoms)

    def best(self, served: keras.Model, phantoms: Phantoms, steps: int) -> None:
        """Nobody chooses: every frame that is not left out is learned from."""

    def gain(self, versions: tuple[Path, Path], phantoms: Mapping[str, Phantoms]) -> list[str]:
        """Jaccard indices."""
        return gain_table(versions, (self.kept, self.left_out), phantoms)


def finetune(request: Request, tuning: Tuning) -> Path:
    """Make a site's own version, and say what it bought.

    Parameters
    ----------
    request
        What is to be made.
    tuning
        How.

    Returns
    -------
    Path
        Folder of the new version; its ``training.md`` holds the figures.

    Raises
    ------
    Refused
        The site's folder is not as it should be, the new version is there already, or Keras runs on another backend.
    Misconfigured
        The version to start from cannot be used.
    """
    folder, cache = _new_folder(request), request.work / "cache"
    origin = _origin(request.weights)
    lesson = _lesson(request)
    phantoms = mixture(cache, tuning.views)
    # Rendered before TensorFlow has threads, which do not survive a fork.
    views = held_out(cache)
    served = read_ir(origin.folder / f"{FILE_STEM}.xml")
    best = lesson.best(served, phantoms, tuning.steps)
    tune(served, lesson.material(phantoms), tuning, best)
    if best and not best.step:
        said = ", ".join(f"{loss:.4f} after {step}" for step, loss in best.looks)
        raise Refused(f"no step made {origin.algorithm.version} better on the validation subjects (loss {said} steps)")
    learned: dict[str, object] = {
        "started_from": origin.algorithm.version,
        "started_from_device_uid": origin.algorithm.device_uid,
        "steps": best.step if best else tuning.steps,
        **lesson.figures,
    }
    write_version(served, folder, learned, cache)
    lines = _notes(origin, lesson, best, lesson.gain((origin.folder, folder), views))
    (folder / NOTES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / CARD).write_text(site_card(folder), encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return folder


def _lesson(request: Request) -> Lesson:
    """A study where the folder is one, else frames with label maps."""
    if not is_study(request.site):
        if request.whole_organs:
            raise Refused(f"{request.site} is no study: --whole-organs is about the marks of one")
        return FramesLesson(*parted(read_site(request.site), request.leave_out), request.leave_out)
    if request.leave_out:
        raise Refused(f"{request.site} is a study: its split says which subjects are left out, not --leave-out")
    return study_lesson(request.site, whole=request.whole_organs)


def _new_folder(request: Request) -> Path:
    """Where the new version goes: a name that is free, and a backend that can export it."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise Refused(
            f"Keras runs on {backend}, but a version is exported through TensorFlow: KERAS_BACKEND=tensorflow"
        )
    if not VERSION_NAME.fullmatch(request.version):
        raise Refused(f"version {request.version!r} must be 1 to 64 letters, digits and . + _ -")
    if request.work.resolve().is_relative_to(PROJECT):
        raise Refused(f"{request.work} lies in the project: a site's weights are kept elsewhere, and never shipped")
    folder = request.work / request.version
    if (folder / FILE_NAME).exists():
        raise Refused(f"{folder} is a version already: give the new one another name")
    return folder


def _origin(weights: Path) -> Manifest:
    """The version to start from, every file proved."""
    algorithm = verify(weights)
    return read_manifest(weights if (weights / FILE_NAME).is_file() else weights / algorithm.version)


def _notes(origin: Manifest, lesson: Lesson, best: Best | None, gain: list[str]) -> list[str]:
    """What the version is and what it bought, for its card."""
    algorithm = origin.algorithm
    first = f"A site's own version, fine-tuned from {algorithm.version} (Device UID {algorithm.device_uid})."
    lines = [f"{first} {lesson.introduction}".rstrip(), ""]
    if best:
        losses = ", ".join(f"{loss:.4f} after {step}" for step, loss in best.looks)
        lines += [f"Loss on the validation subjects: {losses} steps; those after {best.step} were taken.", ""]
    return [*lines, *gain]
