"""ROC curves: another program's numbers, the definition, cut-offs, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from hri_node.errors import Refused
from hri_node.study.estimate import Values, proportion_of
from hri_node.study.roc import area_difference, cutoff_of, roc_of

PLACE = np.arange(60)
FIRST = (PLACE * 37 % 101) / 50
SECOND = (FIRST * 50 + PLACE * 29 % 31) // 3
DISEASED = (PLACE * 53 + (FIRST > 1.2) * 3) % 7 < 3
"""Numbers with ties that look like chance; R got the same ones."""

subjects = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=6, max_size=40).filter(
    lambda drawn: 2 <= sum(each[2] for each in drawn) <= len(drawn) - 2
)


def columns(drawn: list[tuple[int, int, bool]]) -> tuple[Values, Values, Values]:
    """Two indices and the truth."""
    first, second, truth = zip(*drawn, strict=True)
    return np.array(first, float), np.array(second, float), np.array(truth)


def test_proc_says_the_same() -> None:
    """Area, DeLong's interval and paired test of R's package pROC 1.18.0."""
    first, second = roc_of(FIRST, DISEASED).area, roc_of(SECOND, DISEASED).area
    difference = area_difference(FIRST, SECOND, DISEASED)

    assert (first.lower, first.value, first.upper) == pytest.approx((0.395177994410, 0.543937708565, 0.692697422720))
    assert (second.lower, second.upper) == pytest.approx((0.350529802963, 0.651694891143))
    assert (difference.z, difference.p) == pytest.approx((1.9706329717, 0.0487658724228))
    limits = (difference.estimate.lower, difference.estimate.upper)
    assert limits == pytest.approx((0.000231856077955, 0.085418866947629))


def test_youdens_cutoff_is_that_of_proc() -> None:
    """Sensitivity 24/29, specificity 10/31, between the values around pROC's threshold of 0.48."""
    best = roc_of(FIRST, DISEASED).best

    assert (best.sensitivity.count, best.sensitivity.total) == (24, 29)
    assert (best.specificity.count, best.specificity.total) == (10, 31)
    values = np.unique(FIRST).tolist()
    assert values[values.index(best.value) - 1] < 0.48 < best.value


@settings(deadline=None)
@given(subjects)
def test_area_is_the_share_of_pairs_in_order(drawn: list[tuple[int, int, bool]]) -> None:
    """Of all pairs of a diseased and a healthy subject, the share in which the index is larger; ties count half."""
    first, _, truth = columns(drawn)

    found = roc_of(first, truth)
    assert found.area.value == pytest.approx(roc_auc_score(truth, first))
    curve = np.trapezoid(found.true_positive, found.false_positive)
    assert curve == pytest.approx(found.area.value)
    assert found.area.lower <= found.area.value <= found.area.upper


@settings(deadline=None)
@given(subjects)
def test_delongs_variance_by_its_definition(drawn: list[tuple[int, int, bool]]) -> None:
    """Variance of the structural components, each subject against all of the other kind."""
    first, second, truth = columns(drawn)
    parts = []
    for values in (first, second):
        above = np.sign(values[truth][:, None] - values[~truth][None]) / 2 + 0.5
        parts.append((above.mean(axis=1), above.mean(axis=0)))
    covariance = sum(np.cov([part[kind] for part in parts]) / len(parts[0][kind]) for kind in (0, 1))

    assert roc_of(first, truth).error == pytest.approx(np.sqrt(covariance[0, 0]), abs=1e-9)
    difference = area_difference(first, second, truth).estimate
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert (difference.upper - difference.value) / 1.959964 == pytest.approx(np.sqrt(max(variance, 0)), abs=1e-6)


@settings(deadline=None)
@given(subjects)
def test_best_cutoff_is_the_best_of_all(drawn: list[tuple[int, int, bool]]) -> None:
    """No other value has a larger sum of sensitivity and specificity, and of equal ones it is the most specific."""
    first, _, truth = columns(drawn)
    best = roc_of(first, truth).best

    others = [cutoff_of(first, truth, value) for value in np.unique(first).tolist()]
    assert best.youden == pytest.approx(max(each.youden for each in others))
    rivals = [each for each in others if each.youden == pytest.approx(best.youden)]
    assert best.specificity.count == max(each.specificity.count for each in rivals)


def test_two_indices_of_the_same_order() -> None:
    """An index and its square tell subjects apart equally well, without doubt."""
    found = area_difference(FIRST, FIRST**2, DISEASED)

    assert (found.estimate.value, found.z, found.p) == (0, 0, 1)


def test_perfect_separation() -> None:
    """An index that never errs: area 1, and the cut-off is the lowest diseased value."""
    found = roc_of([1, 2, 3, 4, 5], np.array([False, False, False, True, True]))

    assert (found.area.value, found.error, found.best.value, found.best.youden) == (1, 0, 4, 1)


@pytest.mark.parametrize(
    ("index", "diseased", "reason"),
    [
        ([1, 2, 3, 4], [True, False, False, False], "1 subjects with and 3 without disease"),
        ([1, 2, 3, 4], [True, True, False], "yes or no for each of 4 subjects"),
        ([1, 2, 3, 4], [1, 1, 0, 0], "yes or no for each of 4 subjects"),
        ([1, 2, 3, float("nan")], [True, True, False, False], "1 of 4 readings are missing"),
    ],
)
def test_refused(index: list[float], diseased: list[bool], reason: str) -> None:
    """Without two subjects of each kind, and a truth for each, there is no curve."""
    with pytest.raises(Refused, match=reason):
        roc_of(index, np.array(diseased))


def test_wilsons_interval() -> None:
    """81 of 263, an example of Newcombe (1998): 0.2553 to 0.3662; and the ends stay within 0 and 1."""
    share = proportion_of(81, 263).share

    assert (share.lower, share.upper) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert proportion_of(0, 20).share.lower == 0
    assert proportion_of(20, 20).share.upper == 1
    assert proportion_of(0, 20).share.upper == pytest.approx(0.1611, abs=5e-5)
