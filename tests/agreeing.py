"""Readings for tests of agreement: pairs with exact moments, small studies, CSV files."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from hri_node.study.estimate import Values
from hri_node.study.readings import Readings, Series

HEADER = "subject,rater,session,liver,kidney"


def pairs_with(means: tuple[float, float], sds: tuple[float, float], sd_difference: float, count: int = 294) -> Values:
    """Pairs of readings, shape (count, 2), that have these moments to the last digit, whatever was drawn."""
    drawn = np.random.default_rng(3).standard_normal((2, count))
    drawn -= drawn.mean(axis=1, keepdims=True)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(drawn)), drawn)
    shared = (sds[0] ** 2 + sds[1] ** 2 - sd_difference**2) / 2
    shape = np.linalg.cholesky(np.array([[sds[0] ** 2, shared], [shared, sds[1] ** 2]]))
    return np.asarray((shape @ white).T + means)


def small_study(
    raters: Sequence[str] = ("A", "B", "dcnn"), sessions: int = 2, count: int = 12, *, grades: bool = False
) -> Readings:
    """Readings of a few subjects that raters read with errors; `dcnn` has read once."""
    drawn = np.random.default_rng(5)
    truth = drawn.uniform(40, 90, (count, 2))
    names = [str(number + 1) for number in range(sessions)]
    series = {
        Series(rater, session): truth + drawn.normal(0, 4, truth.shape)
        for rater in raters
        for session in (names[:1] if rater == "dcnn" else names)
    }
    own = np.argsort(np.argsort(truth[:, 0] / truth[:, 1])) * 3 // count if grades else None
    return Readings(tuple(f"S{number}" for number in range(count)), MappingProxyType(series), own)


def csv_file(folder: Path, *lines: str, header: str = HEADER, name: str = "readings.csv") -> Path:
    """A file of readings."""
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def lines_of(subjects: int = 4, raters: Sequence[str] = ("A", "B"), sessions: Sequence[str] = ("1", "2")) -> list[str]:
    """Lines of a file in which every rater has read every subject."""
    return [
        f"S{subject},{rater},{session},{50 + 7 * subject + 3 * len(rater) + place},{40 + 3 * subject + place * subject}"
        for subject in range(subjects)
        for rater in raters
        for place, session in enumerate(sessions)
    ]
