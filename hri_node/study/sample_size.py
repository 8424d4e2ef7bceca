"""The precision that a study shall reach comes in; how many subjects it needs goes out."""

import math
from collections.abc import Callable

from hri_node.errors import Refused
from hri_node.study.agreement import interval_of
from hri_node.study.bland_altman import SUBJECTS_MIN, limit_error
from hri_node.study.estimate import CONFIDENCE, normal_quantile, t_quantile

SUBJECTS_MAX = 10**7
"""Who needs more has asked for a precision that no study reaches."""

PAIR_ICC_MIN = 0.7
"""From here on two raters need `5 * icc` subjects more (Bonett 2002)."""


def subjects_by_bonett(icc: float, width: float, raters: int = 2, confidence: float = CONFIDENCE) -> int:
    """Subjects by which the interval of a coefficient gets a width, by Bonett's formula.

    Parameters
    ----------
    icc
        The coefficient that is expected, 0 <= icc < 1.
    width
        From lower to upper limit of the interval, 0..1.
    raters
        Readings of each subject, at least 2.
    confidence
        Level of the interval, 0..1.

    References
    ----------
    Bonett DG. Sample size requirements for estimating intraclass correlations with desired precision. Stat Med
    2002;21:1331-1335.
    """
    _check(icc, width, raters)
    spread = 8 * (normal_quantile(confidence) * (1 - icc) * (1 + (raters - 1) * icc)) ** 2
    subjects = spread / (raters * (raters - 1) * width**2) + 1
    if raters == 2 and icc >= PAIR_ICC_MIN:  # noqa: PLR2004 - two raters
        subjects += 5 * icc
    return max(math.ceil(subjects), SUBJECTS_MIN)


def subjects_for_icc(icc: float, width: float, raters: int = 2, confidence: float = CONFIDENCE) -> int:
    """The same by the interval itself: the fewest subjects with which that of ICC(1,1) is no wider.

    Parameters
    ----------
    icc, width, raters, confidence
        As of `subjects_by_bonett`.
    """
    _check(icc, width, raters)

    def is_enough(subjects: int) -> bool:
        interval = interval_of(icc, subjects, raters, confidence)
        return interval.upper - interval.lower <= width

    return _fewest(is_enough)


def subjects_for_limits(sd: float, half_width: float, confidence: float = CONFIDENCE) -> int:
    """The fewest subjects with which the interval of a limit of agreement reaches no farther to either side.

    Parameters
    ----------
    sd
        Standard deviation of the differences that is expected.
    half_width
        From the limit of agreement to the end of its interval, in the unit of `sd`.
    confidence
        Level of the interval, 0..1.

    References
    ----------
    Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
    """
    if not (sd > 0 and half_width > 0):
        raise Refused(f"standard deviation {sd} and half-width {half_width} must be above 0")
    return _fewest(lambda count: t_quantile(confidence, count - 1) * sd * limit_error(count) <= half_width)


def _check(icc: float, width: float, raters: int) -> None:
    if not (0 <= icc < 1 and 0 < width < 1 and raters > 1):
        raise Refused(
            f"coefficient {icc} must be 0 to below 1, width {width} between 0 and 1, raters {raters} 2 or more"
        )


def _fewest(is_enough: Callable[[int], bool]) -> int:
    """Bisection: more subjects are never less precise."""
    low, high = SUBJECTS_MIN - 1, SUBJECTS_MIN
    while not is_enough(high):
        low, high = high, 2 * high
        if high > SUBJECTS_MAX:
            raise Refused(f"more than {SUBJECTS_MAX} subjects would be needed")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
