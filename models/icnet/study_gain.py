"""A version, the one that was made of it, and subjects of a study come in; how either agrees with readers goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from hri_node.errors import Refused
from hri_node.measure.overlap import overlap_of
from hri_node.measure.types import Options
from hri_node.measuring import Source, look_at
from hri_node.read.picture import read_picture
from hri_node.records import Frame
from hri_node.sections import Runtime
from hri_node.segment.runtime import Segmenter, load
from hri_node.study.agreement import agreement_of
from hri_node.study.bland_altman import limits_of
from hri_node.study.estimate import Estimate, Values
from hri_node.study.project.records import Part
from models.icnet.consensus import Consensus, consensus_of
from models.icnet.data import UNSURE_BIT, Phantoms
from models.icnet.gain import gain_rows, phantom_scores
from models.icnet.markdown import NOTHING, Cell, count_of, table
from models.icnet.study_marks import Subject
from models.icnet.trial import ORGANS, Mask, found_of


@dataclass(frozen=True, slots=True)
class Found:
    """What a version makes of a subject.

    Attributes
    ----------
    jaccard
        Organ to its index, where readers outlined the whole of it; pixels on which they disagree do not count.
    marked
        Organ to the share of what readers marked that the network takes for that organ.
    index
        Hepatorenal index; None where it is not measurable.
    """

    jaccard: dict[str, float]
    marked: dict[str, float]
    index: float | None


WHOLE = (
    "The readers' index is that of their whole outlines, kidney sinus included where they went round it; the network "
    "measures regions of 15 mm in liver and cortex: part of the difference is of that."
)

Outcome = dict[Part, list[Found]]


def study_table(
    versions: tuple[Path, Path],
    parts: Mapping[Part, Sequence[Subject]],
    phantoms: Mapping[str, Phantoms],
    *,
    whole: bool,
) -> list[str]:
    """Agreement with readers before and after, as lines of Markdown.

    Parameters
    ----------
    versions
        Folder of the version that was started from, and of the new one.
    parts
        Subjects to look at.
    phantoms
        Preset to views that neither version was trained on.
    whole
        Readers outlined whole organs.
    """
    names = [folder.name for folder in versions]
    outcomes, scores = [], []
    for folder in versions:
        segmenter = load(folder, Runtime.CPU)
        outcomes.append({part: _look(part, own, segmenter, whole=whole) for part, own in parts.items()})
        scores.append(phantom_scores(segmenter, phantoms))
    before, after = outcomes
    rows = [row for part in parts for row in _overlap_rows(part, before[part], after[part])]
    rows += [[*row[:1], f"{row[1]}, Jaccard", *row[2:]] for row in gain_rows(*scores)]
    head = ["pictures", "figure", "how many", "before", "after", "gain"]
    caution = ["", WHOLE] if whole else []
    return [*table(head, rows), "", *_index_table(names, parts, (before, after)), *caution]


def _look(part: Part, subjects: Sequence[Subject], segmenter: Segmenter, *, whole: bool) -> list[Found]:
    """What a version makes of each subject of a part."""
    shown = track(subjects, f"{part} subjects", console=Console(stderr=True))
    return [found_on(each, segmenter, whole=whole) for each in shown]


def found_on(subject: Subject, segmenter: Segmenter, *, whole: bool) -> Found:
    """What a version makes of a subject, its image measured as the node measures it for the study.

    Parameters
    ----------
    subject
        Of a study.
    segmenter
        The version.
    whole
        Readers outlined whole organs.
    """
    pixels = read_picture(subject.image).pixels
    frame = Frame(pixels, 1, subject.spacing_mm, subject.spacing_source)
    looked = look_at(frame, Source(subject.name, None, subject.image), (segmenter, Options()), 0.0)
    said = consensus_of(subject.marks, pixels.shape, subject.spacing_mm, whole=whole)
    jaccard, marked = _agreement(found_of(looked), said)
    return Found(jaccard, marked, looked.result.hri)


def _agreement(found: Mapping[str, Mask], said: Consensus) -> tuple[dict[str, float], dict[str, float]]:
    """Jaccard indices where they mean something, and shares of marked tissue that was found."""
    jaccard: dict[str, float] = {}
    marked: dict[str, float] = {}
    counted = said.labels != UNSURE_BIT
    for organ, value in ORGANS.items():
        truth = said.labels == value
        if not truth.any():
            continue
        marked[organ] = float(found[organ][truth].mean())
        index = overlap_of(found[organ] & counted, truth).jaccard
        if said.is_whole and index is not None:
            jaccard[organ] = index
    return jaccard, marked


def _overlap_rows(part: Part, before: Sequence[Found], after: Sequence[Found]) -> list[list[Cell]]:
    """Means over the subjects of a part."""
    rows: list[list[Cell]] = []
    for name, words in (("jaccard", "Jaccard"), ("marked", "marked tissue found")):
        for organ in ORGANS:
            pairs = [
                (getattr(one, name)[organ], getattr(other, name)[organ])
                for one, other in zip(before, after, strict=True)
                if organ in getattr(one, name)
            ]
            if pairs:
                first, second = np.mean(pairs, axis=0).tolist()
                rows.append([part.value, f"{organ}, {words}", len(pairs), first, second, f"{second - first:+.3f}"])
    return rows


def _index_table(
    names: Sequence[str], parts: Mapping[Part, Sequence[Subject]], outcomes: tuple[Outcome, Outcome]
) -> list[str]:
    """The index of the network minus that of the readers, of subjects that both versions measure."""
    rows: list[list[Cell]] = []
    for part, subjects in parts.items():
        own = [outcome[part] for outcome in outcomes]
        indices = [
            each
            for each in zip(*([one.index for one in found] for found in own), (s.index for s in subjects), strict=True)
            if None not in each
        ]
        columns = np.array(indices, np.float64).reshape(-1, len(own) + 1).T
        for name, found, network in zip(names, own, columns, strict=False):
            measured = count_of(sum(each.index is not None for each in found), len(found))
            rows.append([part.value, name, measured, len(indices), *_compared(network, columns[-1])])
    head = ["subjects", "version", "index measured", "compared", "bias", "limits of agreement", "ICC(1,1)"]
    return [
        "Hepatorenal index, network minus mean of readers, of the subjects that both versions measure:",
        "",
        *table(head, rows),
    ]


def _compared(network: Values, readers: Values) -> list[Cell]:
    """Bias, limits and coefficient; nothing of too few subjects, or of an index that does not vary."""
    try:
        limits = limits_of(network, readers)
        icc = agreement_of(np.stack([network, readers], axis=1)).paper.estimate
    except Refused:
        return [NOTHING] * 3
    return [_with_interval(limits.bias), f"{limits.lower.value:.3f} to {limits.upper.value:.3f}", _with_interval(icc)]


def _with_interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.lower:.3f} to {estimate.upper:.3f})"
