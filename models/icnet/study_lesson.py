"""A study comes in; what the network is to learn from it, when to stop, and how much that bought, go out.

Training subjects are learned from; validation subjects choose among the weights on the way; test subjects are only
looked at in the end. The view head learns nothing from a study, all of whose images show the same view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops

from hri_node.segment.channels import network_channels
from hri_node.study.project.records import Part
from models.icnet.augment import Augmentation, augmented
from models.icnet.data import UNKNOWN_KIND, UNSURE_BIT, Floats, Phantoms, targets_of
from models.icnet.losses import head_loss
from models.icnet.study_frames import StudyFrame, enough_of, frames_of
from models.icnet.study_gain import study_table
from models.icnet.study_marks import Subject
from models.icnet.tune import Best, Material

LOOKS = 6
"""How often validation subjects are looked at while the network learns."""

CHUNK = 4
"""Pictures that the network sees at once."""

PLAIN = Augmentation(geometry=0, light=0, convolutions=0)


@dataclass(frozen=True, slots=True)
class StudyLesson:
    """A study to learn from.

    Attributes
    ----------
    subjects
        Of each part.
    learned, watched
        Frames of the training and of the validation subjects.
    whole
        Readers outlined whole organs.
    """

    subjects: Mapping[Part, Sequence[Subject]]
    learned: Sequence[StudyFrame]
    watched: Sequence[StudyFrame]
    whole: bool

    @property
    def introduction(self) -> str:
        """What was learned from, in a sentence."""
        count = {part: len(own) for part, own in self.subjects.items()}
        what = "outlines of whole organs" if self.whole else "regions within organs; tissue that nobody marked"
        guessed = "" if self.whole else " counted only where the network was sure of it and saw most of the marks"
        return (
            f"Learned from {count[Part.TRAIN]} subjects of a reader study ({what}{guessed}); "
            f"{count[Part.VALIDATION]} others chose when to stop, {count[Part.TEST]} were left for the test."
        )

    @property
    def figures(self) -> dict[str, object]:
        """Numbers for the manifest."""
        outlined = sum(frame.is_whole for frame in self.learned)
        counts = {f"{part}_subjects": len(own) for part, own in self.subjects.items()}
        return {**counts, "labelled_frames": outlined, "partly_labelled_frames": len(self.learned) - outlined}

    def material(self, phantoms: Phantoms) -> Material:
        """What there is to learn from."""
        whole = [frame for frame in self.learned if frame.is_whole]
        parts = [frame for frame in self.learned if not frame.is_whole]
        labelled = _views(whole) if whole else None
        if not parts:
            return Material(labelled, np.zeros((0, *phantoms.pixels.shape[1:]), np.uint8), phantoms)
        views = _views(parts)
        return Material(labelled, views.pixels, phantoms, views.labels)

    def best(self, served: keras.Model, phantoms: Phantoms, steps: int) -> Best:
        """Loss on the validation subjects decides: of outlines; or of marks and, for what is outside, of phantoms."""
        groups = []
        whole = [frame for frame in self.watched if frame.is_whole]
        parts = [frame for frame in self.watched if not frame.is_whole]
        if whole:
            groups.append(_views(whole))
        if parts:
            views = _views(parts)
            marked = np.where(views.labels == 0, UNSURE_BIT, views.labels).astype(np.uint8)
            first = slice(len(parts))
            groups.append(Phantoms(views.pixels, marked, views.kinds))
            groups.append(Phantoms(phantoms.pixels[first], phantoms.labels[first], phantoms.kinds[first]))
        plain = [_plain(views, served.input_shape[1:3]) for views in groups]
        return Best(lambda learner: _loss(learner, plain), max(1, steps // LOOKS))

    def gain(self, versions: tuple[Path, Path], phantoms: Mapping[str, Phantoms]) -> list[str]:
        """What was won or lost, as lines of Markdown."""
        parts = {part: self.subjects[part] for part in (Part.VALIDATION, Part.TEST)}
        return study_table(versions, parts, phantoms, whole=self.whole)


def study_lesson(folder: Path, *, whole: bool) -> StudyLesson:
    """The lesson of a study.

    Parameters
    ----------
    folder
        Of the study, or of its export.
    whole
        Readers outlined whole organs.

    Raises
    ------
    Refused
        It is not as it should be, or there is too little to learn from.
    """
    subjects = enough_of(folder, whole=whole)
    learned, watched = (frames_of(subjects[part], whole=whole) for part in (Part.TRAIN, Part.VALIDATION))
    return StudyLesson(subjects, learned, watched, whole)


def _views(frames: Sequence[StudyFrame]) -> Phantoms:
    """Frames as training takes them."""
    pixels, labels = (np.stack([getattr(frame, name) for frame in frames]) for name in ("pixels", "labels"))
    return Phantoms(pixels, labels, np.full(len(frames), UNKNOWN_KIND, np.uint8))


def _plain(views: Phantoms, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Channels and targets of views as they are, at the network's size."""
    rng = np.random.default_rng(0)
    pairs = [augmented(rng, pair, shape, PLAIN) for pair in zip(views.pixels, views.labels, strict=True)]
    return np.stack([network_channels(grey) for grey, _ in pairs]), np.stack([targets_of(known) for _, known in pairs])


def _loss(learner: keras.Model, groups: Sequence[tuple[Floats, Floats]]) -> float:
    """Mean loss of the organs over chunks of pictures, none of which mixes groups."""
    losses: list[float] = []
    for channels, targets in groups:
        for first in range(0, len(channels), CHUNK):
            some = targets[first : first + CHUNK]
            logits = learner(channels[first : first + CHUNK], training=False)[0]
            losses += [float(head_loss(ops.convert_to_tensor(some), logits))] * len(some)
    return float(np.mean(losses))
