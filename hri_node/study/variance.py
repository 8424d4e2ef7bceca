"""A table of readings comes in; its analysis of variance, from which every coefficient is made, goes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hri_node.errors import Refused
from hri_node.study.estimate import ROUNDING, Values, table_of

SUBJECTS_MIN = 3
"""With two subjects and two raters ICC(A,1) may be 0 / 0."""


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Analysis of variance of a table of readings, one reading per cell.

    Attributes
    ----------
    subjects, raters
        Size of the table.
    between, within
        Between subjects, and within them (one-way).
    columns, residual
        What is within subjects, split into raters and the rest (two-way).
    """

    subjects: int
    raters: int
    between: float
    within: float
    columns: float
    residual: float


def mean_squares(readings: ArrayLike) -> MeanSquares:
    """Analysis of variance of readings.

    Parameters
    ----------
    readings
        Shape (subjects, raters): at least 3 subjects and 2 raters, every reading there.

    Raises
    ------
    Refused
        Missing values, too few subjects or raters, or no variance, where a coefficient would be 0 / 0.
    """
    table = table_of(readings, subjects_min=SUBJECTS_MIN)
    rounding = ROUNDING * float(np.abs(table).max())
    table = _clean(table - table.mean(), rounding)
    rows = _clean(table.mean(axis=1, keepdims=True), rounding)
    columns = _clean(table.mean(axis=0, keepdims=True), rounding)
    within, residual = _clean(table - rows, rounding), _clean(table - rows - columns, rounding)
    if not table.any():
        raise Refused("all readings are equal: without variance there is no intraclass correlation")
    if not rows.any() and not residual.any():
        raise Refused("subjects do not differ: without variance between them there is no intraclass correlation")
    subjects, raters = table.shape
    return MeanSquares(
        subjects=subjects,
        raters=raters,
        between=raters * _square_sum(rows) / (subjects - 1),
        within=_square_sum(within) / (subjects * (raters - 1)),
        columns=subjects * _square_sum(columns) / (raters - 1),
        residual=_square_sum(residual) / ((subjects - 1) * (raters - 1)),
    )


def _clean(values: Values, rounding: float) -> Values:
    """Zeros instead of what is floating-point rounding only."""
    return values if np.abs(values).max() > rounding else np.zeros_like(values)


def _square_sum(values: Values) -> float:
    return float(np.sum(values**2))
