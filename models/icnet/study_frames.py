"""Subjects of a study come in; their images on the network's frame, with what readers say of them, go out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from hri_node.errors import Refused
from hri_node.measure.outline import look_for
from hri_node.read.picture import read_picture
from hri_node.study.project.records import Organ, Part
from models.icnet.consensus import consensus_of, is_outlined
from models.icnet.data import Bytes, cut_labels
from models.icnet.study_marks import OUTLINES, Subject, read_study

NEEDED = {Part.TRAIN: 10, Part.VALIDATION: 3, Part.TEST: 3}
"""Subjects: fewer to learn from are a handful of pictures, fewer to compare have no limits of agreement."""

ORGAN_MM2 = 1000.0
"""A whole liver or kidney covers more in a picture; outlines that cover less, as a rule, are regions."""


@dataclass(frozen=True, slots=True)
class StudyFrame:
    """The image of a subject on the network's frame, shape (256, 320), with its consensus cut likewise."""

    pixels: Bytes
    labels: Bytes
    is_whole: bool


def enough_of(folder: Path, *, whole: bool) -> dict[Part, list[Subject]]:
    """Subjects of each part that can be used.

    Parameters
    ----------
    folder
        Of a study or an export.
    whole
        Readers outlined whole organs.

    Raises
    ------
    Refused
        There are too few, or outlines are too small for whole organs.
    """
    subjects = read_study(folder)
    usable = [each for each in subjects if not whole or is_outlined(each.marks)]
    count = Counter(each.part for each in usable)
    if any(count[part] < needed for part, needed in NEEDED.items()):
        marked = "outlines of both organs" if whole else "finished marks on both organs"
        said = ", ".join(f"{part} {count[part]} of {needed}" for part, needed in NEEDED.items())
        raise Refused(
            f"{folder} has too few subjects with {marked} ({said} needed): `study new --split` sets the parts"
        )
    if whole:
        _refuse_small(usable)
    chosen = {part: [each for each in subjects if each.part is part] for part in Part}
    return chosen | {part: [each for each in usable if each.part is part] for part in (Part.VALIDATION, Part.TEST)}


def _refuse_small(subjects: Sequence[Subject]) -> None:
    for organ in Organ:
        areas = [
            mark.area_mm2 for each in subjects for mark in each.marks if mark.organ is organ and mark.shape in OUTLINES
        ]
        if np.median(areas) < ORGAN_MM2:
            raise Refused(
                f"outlines of the {organ} cover {np.median(areas):.0f} mm², {ORGAN_MM2:.0f} mm² needed for whole "
                "organs: these are regions, leave --whole-organs out"
            )


def frames_of(subjects: Sequence[Subject], *, whole: bool) -> list[StudyFrame]:
    """Images cut as the node cuts them.

    Parameters
    ----------
    subjects
        Of one part.
    whole
        Readers outlined whole organs.
    """
    shown = track(subjects, "study's images", console=Console(stderr=True))
    return [_frame(each, whole=whole) for each in shown]


def _frame(subject: Subject, *, whole: bool) -> StudyFrame:
    read = read_picture(subject.image)
    outline = look_for(read.seen, subject.spacing_mm, read.coloured)
    said = consensus_of(subject.marks, read.pixels.shape, subject.spacing_mm, whole=whole)
    return StudyFrame(outline.picture, cut_labels(said.labels, outline.canonical), said.is_whole)
