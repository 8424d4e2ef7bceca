"""Intraclass correlation coefficients: laws that hold for any readings."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hri_node.study.agreement import Form, agreement_of
from hri_node.study.estimate import Values

tables = arrays.arrays(
    np.float64,
    st.tuples(st.integers(3, 12), st.integers(2, 5)),
    elements=st.floats(-100, 100, allow_subnormal=False).map(lambda value: round(value, 3)),
)


def varies(readings: Values) -> bool:
    """Whether every form has a value that rounding does not decide."""
    rows, columns = readings - readings.mean(1, keepdims=True), readings.mean(0) - readings.mean()
    return bool(
        min(np.ptp(readings.mean(1)), np.abs(rows - columns).max(), np.abs(rows).max())
        > 1e-3  # as elements are rounded
    )


@settings(deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_one_way_does_not_know_raters(readings: Values, random) -> None:  # noqa: ANN001 - hypothesis makes it
    """Readings of a subject may change places: any rater is any rater."""
    assume(varies(readings))
    shuffled = np.array([random.sample(row, len(row)) for row in readings.tolist()])

    before, after = agreement_of(readings).paper, agreement_of(shuffled).paper
    assert after.estimate.value == pytest.approx(before.estimate.value, abs=1e-9)
    assert after.f == pytest.approx(before.f, rel=1e-6)


@settings(deadline=None)
@given(tables, st.floats(-50, 50), st.floats(0.1, 10))
def test_unit_and_origin_do_not_matter(readings: Values, shift: float, scale: float) -> None:
    """Grey levels in other units have the same coefficients, in every form."""
    assume(varies(readings))

    before, after = agreement_of(readings).iccs, agreement_of(shift + scale * readings).iccs
    for form in Form:
        value = before[form].estimate.value
        # The mean's coefficient has no lower end, where rounding decides how far down it is.
        assert after[form].estimate.value == pytest.approx(value, rel=1e-6, abs=1e-6) or value < -1e6


@settings(deadline=None)
@given(tables, st.floats(5, 50))
def test_an_offset_of_a_rater(readings: Values, offset: float) -> None:
    """Consistency does not see an offset between raters; the one-way form does."""
    assume(varies(readings))
    aligned = readings - readings.mean(axis=0)
    moved = aligned + offset * np.eye(readings.shape[1])[0]

    before, after = agreement_of(aligned).iccs, agreement_of(moved).iccs
    single = Form.CONSISTENCY
    assert after[single].estimate.value == pytest.approx(before[single].estimate.value, abs=1e-6)
    assert after[Form.ONE_WAY].estimate.value < before[Form.ONE_WAY].estimate.value


@settings(deadline=None)
@given(tables)
def test_intervals_contain_their_estimate(readings: Values) -> None:
    """Every form, also where subjects differ less than readings do."""
    assume(varies(readings))

    for icc in agreement_of(readings).iccs.values():
        assert icc.estimate.lower <= icc.estimate.value <= icc.estimate.upper <= 1
        assert 0 <= icc.p <= 1


@settings(deadline=None)
@given(tables.filter(lambda each: each.shape[1] == 2))
def test_identities_of_two_raters(readings: Values) -> None:
    """With two raters all forms follow from variances and covariance, and the means' from Spearman and Brown."""
    assume(varies(readings))
    found = agreement_of(readings).iccs
    (first, shared), (_, second) = np.cov(readings.T)

    assert found[Form.CONSISTENCY].estimate.value == pytest.approx(2 * shared / (first + second), abs=1e-6)
    offset = np.subtract(*readings.mean(axis=0)) ** 2 - (first + second - 2 * shared) / len(readings)
    absolute = 2 * shared / (first + second + offset)
    assert found[Form.AGREEMENT].estimate.value == pytest.approx(absolute, rel=1e-6, abs=1e-6)
    single = found[Form.ONE_WAY].estimate.value
    if single > -0.99:
        assert found[Form.ONE_WAY_MEAN].estimate.value == pytest.approx(2 * single / (1 + single), rel=1e-6, abs=1e-6)
