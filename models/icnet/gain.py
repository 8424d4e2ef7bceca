"""A version, the one that was made of it, frames and phantoms come in; the table of what was won or lost goes out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from hri_node.measure.overlap import overlap_of
from hri_node.measure.types import Options, Outcome
from hri_node.measuring import Source, look_at
from hri_node.read.labels import read_labels
from hri_node.read.picture import read_picture
from hri_node.sections import Runtime
from hri_node.segment.runtime import Segmenter, load
from models.icnet.data import Phantoms
from models.icnet.evaluate import evaluate
from models.icnet.markdown import Cell, count_of, table
from models.icnet.site import SiteFrame
from models.icnet.trial import ORGANS, found_of

LEARNED, LEFT_OUT = "site, learned from", "site, left out"

Scores = dict[tuple[str, str], tuple[int, float]]
"""Set and organ to how many pictures show it, and their mean Jaccard index."""


def gain_table(
    versions: tuple[Path, Path],
    frames: tuple[Sequence[SiteFrame], Sequence[SiteFrame]],
    phantoms: Mapping[str, Phantoms],
) -> list[str]:
    """Jaccard indices before and after, as lines of a Markdown table, and how many frames are measured.

    Parameters
    ----------
    versions
        Folder of the version that was started from, and of the new one.
    frames
        Those learned from, and those left out; frames without a label map do not count.
    phantoms
        Preset to views that neither version was trained on.
    """
    sets = {
        name: [frame for frame in own if frame.labels] for name, own in zip((LEARNED, LEFT_OUT), frames, strict=True)
    }
    before, after = (_scores(load(folder, Runtime.CPU), sets, phantoms) for folder in versions)
    measured = [
        f"Measured of the frames {name}: {count_of(before[1][name], len(own))} before, "
        f"{count_of(after[1][name], len(own))} after."
        for name, own in sets.items()
        if own
    ]
    head = ["pictures", "organ", "how many", "Jaccard before", "after", "gain"]
    return [*table(head, gain_rows(before[0], after[0])), *(line for sentence in measured for line in ("", sentence))]


def gain_rows(before: Scores, after: Scores) -> list[list[Cell]]:
    """Rows of a table: pictures, organ, how many, before, after, gain."""
    return [[*key, count, mean, after[key][1], f"{after[key][1] - mean:+.3f}"] for key, (count, mean) in before.items()]


def phantom_scores(segmenter: Segmenter, phantoms: Mapping[str, Phantoms]) -> Scores:
    """Mean indices of a version on phantoms.

    Parameters
    ----------
    segmenter
        The version.
    phantoms
        Preset to views that it was not trained on.
    """
    return {
        (f"phantoms, {preset}", organ): (score.views, score.jaccard)
        for preset, views in phantoms.items()
        for organ, score in evaluate(segmenter, views).items()
    }


def _scores(
    segmenter: Segmenter, sets: Mapping[str, Sequence[SiteFrame]], phantoms: Mapping[str, Phantoms]
) -> tuple[Scores, dict[str, int]]:
    """Mean indices of one version, and how many frames of each set it measures."""
    scores: Scores = {}
    measured = {}
    for name, own in sets.items():
        looked = [_look(frame, segmenter) for frame in own]
        measured[name] = sum(is_measured for _, is_measured in looked)
        for organ in ORGANS:
            indices = [organs[organ] for organs, _ in looked if organ in organs]
            if indices:
                scores[name, organ] = len(indices), float(np.mean(indices))
    return scores | phantom_scores(segmenter, phantoms), measured


def _look(frame: SiteFrame, segmenter: Segmenter) -> tuple[dict[str, float], bool]:
    """Jaccard index of each organ that the label map shows, on the source as the node writes it; whether measured."""
    assert frame.labels is not None, f"{frame.image.name} has no label map"
    looked = look_at(read_picture(frame.image), Source(frame.image.name, None, frame.image), (segmenter, Options()), 0)
    labels, found = read_labels(frame.labels), found_of(looked)
    overlaps = {organ: overlap_of(found[organ], labels == value) for organ, value in ORGANS.items()}
    indices = {organ: each.jaccard for organ, each in overlaps.items() if each.jaccard is not None}
    return indices, looked.result.outcome == Outcome.MEASURED
