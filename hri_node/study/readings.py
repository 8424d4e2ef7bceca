"""A CSV file of readings comes in; readings of every subject by rater and session go out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hri_node.errors import Refused
from hri_node.study.csv_rows import Row, rows_of, shown
from hri_node.study.estimate import Values
from hri_node.study.variance import SUBJECTS_MIN

COLUMNS = ("subject", "rater", "session", "liver", "kidney")
GRADE = "grade"
"""May be there: the reference, such as the grade of fat on histology, 0 for none."""

GREY_MAX = 65535.0
"""Mean grey levels of 16-bit images end here."""

RATERS_MAX = 20
SESSIONS_MAX = 10
"""More of them are a column that holds something else."""

NAME_MAX = 64
"""Characters of a subject, rater or session."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

GRADES = frozenset("0123456789")


class Measure(StrEnum):
    """What is compared."""

    LIVER = "liver"
    KIDNEY = "kidney"
    HRI = "hri"


class Series(NamedTuple):
    """One rater in one session."""

    rater: str
    session: str


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of a study: in every series every subject, once.

    Attributes
    ----------
    subjects
        Pseudonyms, in the order of the file.
    series
        Rater and session to mean grey levels of liver and kidney, shape (subjects, 2).
    grades
        Reference grade of each subject, or None.
    left_out
        How many subjects were left out because a reading was missing.
    """

    subjects: tuple[str, ...]
    series: Mapping[Series, Values]
    grades: NDArray[np.int64] | None = None
    left_out: int = 0

    @property
    def raters(self) -> tuple[str, ...]:
        """Raters in the order of the file."""
        return tuple(dict.fromkeys(each.rater for each in self.series))

    @property
    def sessions(self) -> tuple[str, ...]:
        """Sessions in order: by number where they are numbers."""
        return _ordered(each.session for each in self.series)

    def sessions_of(self, rater: str) -> tuple[str, ...]:
        """The sessions in which a rater read."""
        return tuple(session for session in self.sessions if (rater, session) in self.series)

    def values(self, rater: str, session: str, measure: Measure) -> Values:
        """One value per subject; the index is the ratio of its two grey levels."""
        levels = self.series[Series(rater, session)]
        liver, kidney = levels[:, 0], levels[:, 1]
        return liver / kidney if measure is Measure.HRI else liver if measure is Measure.LIVER else kidney

    def mean(self, raters: Sequence[str], measure: Measure) -> Values:
        """Mean over raters of each one's mean over sessions."""
        own = [np.mean([self.values(rater, each, measure) for each in self.sessions_of(rater)], 0) for rater in raters]
        return np.asarray(np.mean(own, axis=0))


@dataclass(slots=True)
class _Collected:
    """What has been read so far."""

    series: dict[Series, dict[str, tuple[float, float]]] = field(default_factory=dict)
    lines: dict[tuple[Series, str], int] = field(default_factory=dict)
    firsts: dict[str, Row] = field(default_factory=dict)


def read_readings(path: Path, *, skip_incomplete: bool = False) -> Readings:
    """Readings out of a CSV file with the columns `COLUMNS`, and perhaps `GRADE`.

    Parameters
    ----------
    path
        The file, in UTF-8.
    skip_incomplete
        Leave out subjects of which a reading is missing, rather than refuse the file.

    Raises
    ------
    Refused
        Something is not as it should be; one sentence with file and line, that names no subject.
    """
    collected = _Collected()
    for row in rows_of(path, COLUMNS, (GRADE,)):
        _collect(row, collected)
    if not collected.firsts:
        raise Refused(f"{path.name}: no reading below the header")
    subjects = _complete(collected, skip_incomplete=skip_incomplete)
    if len(subjects) < SUBJECTS_MIN:
        said = f"{len(subjects)} subject{'s' * (len(subjects) != 1)}"
        complete = " with every reading" if skip_incomplete else ""
        raise Refused(f"{path.name}: {said}{complete}, at least {SUBJECTS_MIN} needed")
    rank = {session: place for place, session in enumerate(_ordered(each.session for each in collected.series))}
    raters = list(dict.fromkeys(each.rater for each in collected.series))
    ordered = sorted(collected.series, key=lambda each: (raters.index(each.rater), rank[each.session]))
    series = {each: np.array([collected.series[each][subject] for subject in subjects]) for each in ordered}
    left_out = len(collected.firsts) - len(subjects)
    return Readings(tuple(subjects), MappingProxyType(series), _grades(subjects, collected.firsts), left_out)


def _collect(row: Row, collected: _Collected) -> None:
    """Check one line and keep it."""
    subject, series = _name(row, "subject"), Series(_name(row, "rater"), _name(row, "session"))
    first = collected.firsts.setdefault(subject, row)
    if row.get(GRADE, "") != first.get(GRADE, ""):
        raise row.refused(f"grade {shown(row[GRADE])}, but {shown(first[GRADE])} of this subject in line {first.line}")
    if series not in collected.series:
        collected.series[series] = {}
        _check_counts(row, collected)
    own = collected.series[series]
    if subject in own:
        earlier = collected.lines[series, subject]
        raise row.refused(f"{_said(series)} has this subject a second time, after line {earlier}")
    own[subject] = (_grey(row, "liver"), _grey(row, "kidney"))
    collected.lines[series, subject] = row.line


def _check_counts(row: Row, collected: _Collected) -> None:
    """A column that holds something else has many names."""
    for count, most, name in (
        (len({each.rater for each in collected.series}), RATERS_MAX, "rater"),
        (len({each.session for each in collected.series}), SESSIONS_MAX, "session"),
    ):
        if count > most:
            raise row.refused(f"this is {name} number {count}, at most {most} are compared")


def _complete(collected: _Collected, *, skip_incomplete: bool) -> list[str]:
    """Subjects that are there in every series."""
    missing = [
        (first, series)
        for subject, first in collected.firsts.items()
        for series, own in collected.series.items()
        if subject not in own
    ]
    if missing and not skip_incomplete:
        row, series = missing[0]
        more = f", and {len(missing) - 1} readings more" if len(missing) > 1 else ""
        raise row.refused(
            f"{_said(series)} lacks the subject of this line{more}; --skip-incomplete leaves such subjects out"
        )
    return [subject for subject in collected.firsts if all(subject in own for own in collected.series.values())]


def _grades(subjects: Sequence[str], firsts: Mapping[str, Row]) -> NDArray[np.int64] | None:
    """The reference of each subject, where there is one."""
    if not any(firsts[subject].get(GRADE) for subject in subjects):
        return None
    for subject in subjects:
        if firsts[subject][GRADE] not in GRADES:
            raise firsts[subject].refused(f"grade is {shown(firsts[subject][GRADE])}, a digit needed")
    return np.array([int(firsts[subject][GRADE]) for subject in subjects], np.int64)


def _name(row: Row, column: str) -> str:
    text = row[column]
    if not text:
        raise row.refused(f"{column} is empty")
    if len(text) > NAME_MAX or not text.isprintable():
        raise row.refused(f"{column} has {len(text)} characters, 1 to {NAME_MAX} printable ones needed")
    return text


def _grey(row: Row, column: str) -> float:
    text = row[column]
    if not NUMBER.fullmatch(text):
        comma = ' with "." as decimal mark' if "," in text else ""
        raise row.refused(f"{column} is {shown(text)}, a number{comma} needed" if text else f"{column} is empty")
    value = float(text)
    if not 0 < value <= GREY_MAX:
        raise row.refused(f"{column} is {shown(text)}, a grey level above 0 and up to {GREY_MAX:.0f} needed")
    return value


def _said(series: Series) -> str:
    return f"rater {series.rater}, session {series.session},"


def _ordered(sessions: Iterable[str]) -> tuple[str, ...]:
    """Each session once: by number where all are numbers, else as they came."""
    names = list(dict.fromkeys(sessions))
    return tuple(sorted(names, key=int) if all(name.isdecimal() for name in names) else names)
