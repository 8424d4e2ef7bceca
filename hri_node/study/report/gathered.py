"""A study comes in; its readings, as the statistics take them, and why some do not count, go out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from hri_node.errors import Refused
from hri_node.study.analysis import Analysis, analysis_of
from hri_node.study.estimate import Values
from hri_node.study.project.outcomes import Demographics, Reading
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.store import Study
from hri_node.study.readings import Readings, Series
from hri_node.study.report.content import FromFile, counted
from hri_node.study.variance import SUBJECTS_MIN


@dataclass(frozen=True, slots=True)
class Gathered:
    """The readings of a study, analysed.

    Attributes
    ----------
    analysis
        Of all raters, on the subjects that every one of them could measure; None where there is none.
    notes
        Sentences about what does not count.
    of_readers
        Of the readers alone, where the network has no index of some subjects: what it cannot measure is no reason to
        leave readings out. None where that is the same.
    """

    analysis: Analysis | None
    notes: tuple[str, ...]
    of_readers: Analysis | None = None

    @property
    def between_readers(self) -> Analysis | None:
        """What tells about the readers."""
        return self.of_readers or self.analysis


def gathered(study: Study, file: FromFile | None = None) -> Gathered:
    """The analysis of a study's readings.

    Only sessions that are read to their end count, and of those, subjects that every rater could measure.

    Parameters
    ----------
    study
        Which.
    file
        Readings in the place of the marks.
    """
    series, notes = _series(study.readings(), len(study.included()))
    if file is not None:
        notes = []
        series = {key: own for key, own in series.items() if key.rater == DCNN} | _of_file(file.readings)
    if not series:
        return Gathered(None, (*notes, "No session has been read to its end, and the network has measured nothing."))
    included, known = study.included(), study.demographics()
    subjects = _common(series, included)
    of_readers = {key: own for key, own in series.items() if key.rater != DCNN}
    read = _common(of_readers, included) if of_readers else subjects
    if len(read) < len(included):
        left_out = counted(len(included) - len(read), "included subject")
        notes.append(f"{left_out} left out of the comparison: not every rater has a reading.")
    if len(subjects) < len(read):
        notes.append(
            f"Comparisons with the network leave out {len(read) - len(subjects)} more, of which it has no index."
        )
    if len(subjects) < SUBJECTS_MIN:
        few = f"{counted(len(subjects), 'subject')} with every reading are too few to compare."
        return Gathered(None, (*notes, few))
    found = _analysed(_readings(series, subjects, known), notes)
    if found.analysis is None or len(subjects) == len(read):
        return found
    return replace(found, of_readers=_analysed(_readings(of_readers, read, known), []).analysis)


def _common(series: dict[Series, "_Levels"], included: Sequence[str]) -> list[str]:
    """Subjects with every reading."""
    common = set.intersection(*(set(own) for own in series.values()))
    return [subject for subject in included if subject in common]


def _analysed(readings: Readings, notes: list[str]) -> Gathered:
    try:
        analysis = analysis_of(readings, DCNN if DCNN in readings.raters else None)
    except Refused as error:
        return Gathered(None, (*notes, f"The readings cannot be compared: {error}."))
    # Nobody expects two sessions of the network.
    own = [f"{note}." for note in analysis.notes if not note.startswith(f"{DCNN}: one session")]
    return Gathered(analysis, (*notes, *own))


_Levels = dict[str, tuple[float, float]]


def _series(readings: Sequence[Reading], total: int) -> tuple[dict[Series, _Levels], list[str]]:
    """Complete sessions, the network's as well where it failed on some, and which ones are not complete."""
    found: dict[Series, _Levels] = {}
    for each in readings:
        found.setdefault(Series(each.rater, str(each.session)), {})[each.subject] = (each.liver, each.kidney)
    complete = {key: own for key, own in found.items() if len(own) == total or key.rater == DCNN}
    notes = [
        f"Session {key.session} of {key.rater} does not count yet: {len(own)} of {total} images are finished."
        for key, own in found.items()
        if key not in complete
    ]
    return complete, notes


def _of_file(readings: Readings) -> dict[Series, _Levels]:
    return {
        key: {subject: (pair[0], pair[1]) for subject, pair in zip(readings.subjects, levels.tolist(), strict=True)}
        for key, levels in readings.series.items()
    }


def _readings(series: dict[Series, _Levels], subjects: list[str], known: Sequence[Demographics]) -> Readings:
    """Readers before the network, sessions in order; grades where every subject has one."""
    raters = list(dict.fromkeys(key.rater for key in sorted(series, key=lambda key: key.rater == DCNN)))
    ordered = sorted(
        series, key=lambda key: (raters.index(key.rater), int(key.session) if key.session.isdecimal() else 0)
    )
    values: dict[Series, Values] = {key: np.array([series[key][subject] for subject in subjects]) for key in ordered}
    grades = {each.subject: each.grade for each in known}
    told = [grades[subject] for subject in subjects]
    reference = np.array([int(grade) for grade in told], np.int64) if all(told) else None
    return Readings(tuple(subjects), MappingProxyType(values), reference)
