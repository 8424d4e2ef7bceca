"""A table of readings comes in; intraclass correlation coefficients with intervals and F tests go out."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from hri_node.study.estimate import CONFIDENCE, ROUNDING, Estimate, normal_quantile
from hri_node.study.variance import MeanSquares, mean_squares


class Form(StrEnum):
    """Forms of the coefficient, by the names of McGraw and Wong; Shrout and Fleiss call A 2 and C 3.

    ``1``: raters are any raters (one-way random). ``A``: absolute agreement of these raters (two-way). ``C``: their
    consistency, whatever the offset between them. ``,1``: of one reading; ``,k``: of the mean of all k.
    """

    ONE_WAY = "ICC(1,1)"
    AGREEMENT = "ICC(A,1)"
    CONSISTENCY = "ICC(C,1)"
    ONE_WAY_MEAN = "ICC(1,k)"
    AGREEMENT_MEAN = "ICC(A,k)"
    CONSISTENCY_MEAN = "ICC(C,k)"


PAPER_FORM = Form.ONE_WAY
"""The only form that fits all numbers in which the paper (Cha 2021) agrees with itself; it names none."""


class Band(StrEnum):
    """The paper's words for a coefficient."""

    POOR = "poor"
    MODERATE = "moderate"
    HIGH = "high"
    EXCELLENT = "excellent"


BANDS = ((0.90, Band.EXCELLENT), (0.70, Band.HIGH), (0.50, Band.MODERATE))
"""Above which value a band begins. The paper writes 0-0.50, 0.51-0.70, 0.71-0.90 and 0.91-1.0, and calls 0.701 high:
so what lies between two of its bands belongs to the higher one."""


@dataclass(frozen=True, slots=True)
class Icc:
    """One form of the coefficient.

    Attributes
    ----------
    form
        Which.
    estimate
        Coefficient with its confidence interval; below 0 where readings of one subject differ more than subjects do.
    f, df1, df2, p
        F test of no agreement (coefficient 0) and its degrees of freedom; `f` is infinite where readings are equal.
    """

    form: Form
    estimate: Estimate
    f: float
    df1: int
    df2: int
    p: float

    @property
    def band(self) -> Band:
        """The paper's word for it."""
        return band_of(self.estimate.value)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well the columns of a table of readings agree.

    Attributes
    ----------
    squares
        The analysis of variance behind it.
    iccs
        Every form.
    """

    squares: MeanSquares
    iccs: dict[Form, Icc]

    @property
    def paper(self) -> Icc:
        """The form that compares with the paper."""
        return self.iccs[PAPER_FORM]

    @property
    def within_sd(self) -> float:
        """Standard error of measurement: SD of readings of one subject, offsets between raters included."""
        return float(np.sqrt(self.squares.within))

    @property
    def repeatability(self) -> float:
        """Repeatability coefficient: 95 % of pairs of readings of one subject differ by less (Bland, Altman 1999)."""
        return 1.96 * float(np.sqrt(2)) * self.within_sd


def agreement_of(readings: ArrayLike, confidence: float = CONFIDENCE) -> Agreement:
    """Intraclass correlation coefficients of readings, in every form.

    Parameters
    ----------
    readings
        Shape (subjects, raters): at least 3 subjects and 2 raters, every reading there.
    confidence
        Level of the intervals, 0..1.

    Raises
    ------
    Refused
        Missing values, too few subjects or raters, or no variance, where the coefficient is 0 / 0.

    References
    ----------
    Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979;86:420-428.
    McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods
    1996;1:30-46 (and the correction in 1996;1:390).
    """
    return agreement_from(mean_squares(readings), confidence)


def agreement_from(squares: MeanSquares, confidence: float = CONFIDENCE) -> Agreement:
    """The coefficients, from an analysis of variance.

    Parameters
    ----------
    squares
        Mean squares; not all of them 0.
    confidence
        Level of the intervals, 0..1.
    """
    normal_quantile(confidence)
    count, raters = squares.subjects, squares.raters
    one_way = (count - 1, count * (raters - 1))
    two_way = (count - 1, (count - 1) * (raters - 1))
    ratio_one, ratio_two = _ratio(squares.between, squares.within), _ratio(squares.between, squares.residual)
    single = {
        Form.ONE_WAY: _from_ratio(ratio_one, one_way, raters, confidence),
        Form.AGREEMENT: _absolute(squares, confidence),
        Form.CONSISTENCY: _from_ratio(ratio_two, two_way, raters, confidence),
    }
    means = dict(zip(list(Form)[3:], [_of_mean(each, raters) for each in single.values()], strict=True))
    iccs = {}
    for form, estimate in (single | means).items():
        is_one_way = form in {Form.ONE_WAY, Form.ONE_WAY_MEAN}
        f, degrees = (ratio_one, one_way) if is_one_way else (ratio_two, two_way)
        iccs[form] = Icc(form, estimate, f, *degrees, float(stats.f.sf(f, *degrees)))
    return Agreement(squares, iccs)


def interval_of(value: float, subjects: int, raters: int = 2, confidence: float = CONFIDENCE) -> Estimate:
    """The interval of an ICC(1,1) of which only the value is known, as out of a publication.

    Parameters
    ----------
    value
        The coefficient, -1/(raters-1) < value < 1.
    subjects, raters
        Size of the study.
    confidence
        Level of the interval, 0..1.
    """
    ratio = (1 + (raters - 1) * value) / (1 - value)
    return _from_ratio(ratio, (subjects - 1, subjects * (raters - 1)), raters, confidence)


def band_of(value: float) -> Band:
    """The paper's word for a coefficient."""
    return next((band for above, band in BANDS if value > above), Band.POOR)


def _ratio(between: float, error: float) -> float:
    """F, which is infinite where there is no error."""
    return between / error if error else float("inf")


def _from_ratio(ratio: float, degrees: tuple[int, int], raters: int, confidence: float) -> Estimate:
    """Coefficient and interval of the forms that depend on one F ratio alone."""
    tail = (1 + confidence) / 2

    def coefficient(f: float) -> float:
        return 1.0 if np.isinf(f) else (f - 1) / (f + raters - 1)

    lower, upper = ratio / _quantile(tail, *degrees), ratio * _quantile(tail, *degrees[::-1])
    return Estimate(coefficient(ratio), coefficient(lower), coefficient(upper))


@lru_cache(maxsize=256)
def _quantile(tail: float, df1: float, df2: float) -> float:
    """Of the F distribution; the same few are asked for again and again."""
    return float(stats.f.ppf(tail, df1, df2))


def _absolute(squares: MeanSquares, confidence: float) -> Estimate:
    """ICC(A,1), whose interval takes its degrees of freedom from Satterthwaite (McGraw and Wong, table 7)."""
    n, k = squares.subjects, squares.raters
    if not squares.columns and not squares.residual:
        return Estimate(1.0, 1.0, 1.0)
    other = k * squares.columns + (k * n - k - n) * squares.residual

    def coefficient(f: float) -> float:
        return n * (squares.between - f * squares.residual) / (f * other + n * squares.between)

    value = coefficient(1.0)
    degrees = _satterthwaite(squares, value)
    tail = (1 + confidence) / 2
    lower = coefficient(_quantile(tail, n - 1, degrees))
    upper = coefficient(1 / _quantile(tail, degrees, n - 1))
    return Estimate(value, lower, upper)


def _satterthwaite(squares: MeanSquares, value: float) -> float:
    """Degrees of freedom of the error of ICC(A,1)."""
    n, k = squares.subjects, squares.raters
    columns = k * value * squares.columns
    residual = (n * (1 - value) + k * value * (n - 1)) * squares.residual
    spread = columns**2 / (k - 1) + residual**2 / ((n - 1) * (k - 1))
    found = (columns + residual) ** 2 / spread if spread else (n - 1) * (k - 1)
    # Fewer than of its smallest part there cannot be, but by a coefficient below 0, whose parts cancel.
    return max(float(found), float(k - 1))


def _of_mean(single: Estimate, raters: int) -> Estimate:
    """The same coefficient of the mean of all raters (Spearman and Brown)."""

    def stepped(value: float) -> float:
        rest = 1 + (raters - 1) * value
        return raters * value / rest if rest > ROUNDING else float("-inf")

    return Estimate(stepped(single.value), stepped(single.lower), stepped(single.upper))
