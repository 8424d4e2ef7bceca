"""Readings come in; each comparison of the paper goes out: within a reader, between readers, readers and network."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from hri_node.errors import Refused
from hri_node.study.agreement import Agreement, agreement_of
from hri_node.study.bland_altman import Limits, limits_of, ratio_limits_of
from hri_node.study.estimate import Values
from hri_node.study.readings import Measure, Readings

MEAN = "mean of readers"


class Kind(StrEnum):
    """Who is compared: sessions of a reader, readers in a session, or readers and the network."""

    INTRA = "intra"
    INTER = "inter"
    DCNN = "dcnn"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns of a comparison: Bland and Altman's limits of first minus second, and of first over second.

    Attributes
    ----------
    ratio
        Of the index only, whose differences grow with its size; None for grey levels.
    """

    first: str
    second: str
    limits: Limits
    ratio: Limits | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Readings side by side.

    Attributes
    ----------
    kind, measure
        What is compared.
    of
        The reader (intra), the session (inter), or who is compared with the network.
    columns
        Names of the columns of `values`.
    values
        Shape (subjects, columns).
    agreement
        Intraclass correlation coefficients of all columns together.
    pairs
        Each two columns.
    """

    kind: Kind
    of: str
    measure: Measure
    columns: tuple[str, ...]
    values: Values
    agreement: Agreement
    pairs: tuple[Pair, ...]


def comparisons_of(readings: Readings, dcnn: str | None) -> tuple[Comparison, ...]:
    """Every comparison that the readings allow.

    Parameters
    ----------
    readings
        Of all raters.
    dcnn
        The rater that is the network, or None.

    Raises
    ------
    Refused
        Nothing can be compared, or readings do not vary.
    """
    found = tuple(
        _compared(kind, of, measure, columns)
        for kind, of, measure, columns in [*_intra(readings), *_inter(readings, dcnn), *_with(readings, dcnn)]
    )
    if not found:
        raise Refused("one rater in one session: nothing to compare")
    return found


def name_of_mean(readers: tuple[str, ...]) -> str:
    """How the mean of readers is called; that of one is he himself."""
    return readers[0] if len(readers) == 1 else MEAN


_Task = tuple[Kind, str, Measure, dict[str, Values]]


def _intra(readings: Readings) -> Iterator[_Task]:
    """Sessions of each rater."""
    for rater in readings.raters:
        sessions = readings.sessions_of(rater)
        if len(sessions) > 1:
            for measure in Measure:
                columns = {f"session {each}": readings.values(rater, each, measure) for each in sessions}
                yield Kind.INTRA, rater, measure, columns


def _inter(readings: Readings, dcnn: str | None) -> Iterator[_Task]:
    """Readers of each session."""
    for session in readings.sessions:
        readers = [rater for rater, own in readings.series if own == session and rater != dcnn]
        if len(readers) > 1:
            for measure in Measure:
                columns = {reader: readings.values(reader, session, measure) for reader in readers}
                yield Kind.INTER, session, measure, columns


def _with(readings: Readings, dcnn: str | None) -> Iterator[_Task]:
    """The network and: the mean of all readings (paper), and each reader in each session.

    Of a network that has read more than once, the mean counts.
    """
    readers = tuple(rater for rater in readings.raters if rater != dcnn)
    if dcnn is None or not readers:
        return
    for measure in Measure:
        own = readings.mean([dcnn], measure)
        name = name_of_mean(readers)
        yield Kind.DCNN, name, measure, {name: readings.mean(readers, measure), dcnn: own}
    for reader in readers:
        for session in readings.sessions_of(reader):
            name = f"{reader}, session {session}"
            for measure in Measure:
                own = readings.mean([dcnn], measure)
                yield Kind.DCNN, name, measure, {name: readings.values(reader, session, measure), dcnn: own}


def _compared(kind: Kind, of: str, measure: Measure, columns: dict[str, Values]) -> Comparison:
    table = np.stack(list(columns.values()), axis=1)
    try:
        agreement = agreement_of(table)
        pairs = tuple(_pair(columns, measure, *names) for names in combinations(columns, 2))
    except Refused as error:
        raise Refused(f"{measure} of {' and '.join(columns)}: {error}") from error
    return Comparison(kind, of, measure, tuple(columns), table, agreement, pairs)


def _pair(columns: dict[str, Values], measure: Measure, first: str, second: str) -> Pair:
    ratio = ratio_limits_of(columns[first], columns[second]) if measure is Measure.HRI else None
    return Pair(first, second, limits_of(columns[first], columns[second]), ratio)
