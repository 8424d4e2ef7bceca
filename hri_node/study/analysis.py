"""Readings come in; everything that `hri-node agreement` tells about them goes out as one record."""

from dataclasses import dataclass

import numpy as np

from hri_node.errors import Refused
from hri_node.study.comparison import Comparison, comparisons_of, name_of_mean
from hri_node.study.estimate import Values
from hri_node.study.readings import Measure, Readings
from hri_node.study.roc import CLASS_MIN, AreaDifference, Roc, area_difference, roc_of

DCNN = "dcnn"
"""The rater that is taken for the network where none is named, in any case."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A series' mean and standard deviation of one measure."""

    rater: str
    session: str
    measure: Measure
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Detection:
    """How well an index tells subjects of a grade or more from the others.

    Attributes
    ----------
    of
        A rater, mean over sessions, or the mean of the readers.
    grade
        From which on a subject counts as diseased.
    values, diseased
        Shape (subjects,).
    against_dcnn
        Area of this one minus that of the network; None for the network itself, and where there is none.
    """

    of: str
    grade: int
    values: Values
    diseased: Values
    roc: Roc
    against_dcnn: AreaDifference | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A reader study.

    Attributes
    ----------
    dcnn
        The rater that is the network, or None.
    notes
        What was left out and why, as sentences.
    """

    readings: Readings
    dcnn: str | None
    means: tuple[Mean, ...]
    comparisons: tuple[Comparison, ...]
    detections: tuple[Detection, ...]
    notes: tuple[str, ...]

    @property
    def readers(self) -> tuple[str, ...]:
        """Raters but for the network."""
        return tuple(rater for rater in self.readings.raters if rater != self.dcnn)


def analysis_of(readings: Readings, dcnn: str | None = None) -> Analysis:
    """The reader study of readings.

    Parameters
    ----------
    readings
        Of all raters.
    dcnn
        The rater that is the network; left out, the one called `DCNN`, if there is one.

    Raises
    ------
    Refused
        No such rater, nothing to compare, or readings that do not vary.
    """
    network = _network(readings, dcnn)
    readers = tuple(rater for rater in readings.raters if rater != network)
    means = tuple(
        Mean(rater, session, measure, float(values.mean()), float(values.std(ddof=1)))
        for rater, session in readings.series
        for measure in Measure
        for values in [readings.values(rater, session, measure)]
    )
    detections, unknown = _detections(readings, readers, network)
    notes = [*_notes(readings), *unknown]
    return Analysis(readings, network, means, comparisons_of(readings, network), detections, tuple(notes))


def _network(readings: Readings, dcnn: str | None) -> str | None:
    if dcnn is not None:
        if dcnn not in readings.raters:
            raise Refused(f"--dcnn: no rater is called {dcnn}, there are {', '.join(readings.raters)}")
        return dcnn
    named = [rater for rater in readings.raters if rater.casefold() == DCNN]
    if len(named) > 1:
        raise Refused(f"raters {' and '.join(named)} may both be the network; --dcnn names the one that is")
    return named[0] if named else None


def _notes(readings: Readings) -> list[str]:
    once = [rater for rater in readings.raters if len(readings.sessions_of(rater)) == 1]
    notes = [f"{', '.join(once)}: one session, so no intra-observer agreement"] if once else []
    if readings.left_out:
        left_out = readings.left_out
        notes.append(f"{left_out} subject{'s' * (left_out > 1)} left out, of which a reading is missing")
    return notes


def _detections(
    readings: Readings, readers: tuple[str, ...], network: str | None
) -> tuple[tuple[Detection, ...], list[str]]:
    """ROC of each rater and of the readers' mean, from each grade on, and which grades are too rare for it."""
    if readings.grades is None:
        return (), []
    indices = {rater: readings.mean([rater], Measure.HRI) for rater in readings.raters}
    if len(readers) > 1:
        indices[name_of_mean(readers)] = readings.mean(readers, Measure.HRI)
    found, notes = [], []
    for grade in np.unique(readings.grades)[1:].tolist():
        diseased = np.asarray(readings.grades >= grade)
        rarer = min(int(diseased.sum()), int((~diseased).sum()))
        if rarer < CLASS_MIN:
            notes.append(f"grade {grade} or more against less: {rarer} subject on one side, too few for a ROC curve")
            continue
        for name, values in indices.items():
            other = None if network in {None, name} else area_difference(values, indices[str(network)], diseased)
            found.append(Detection(name, grade, values, diseased, roc_of(values, diseased), other))
    return tuple(found), notes
