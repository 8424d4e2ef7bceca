"""The study's index and its representative image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.measure.summary import representative, study_hri

INDICES = st.lists(st.integers(100, 9999).map(lambda n: n / 1000), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("values", "expected"), [([1.2], 1.2), ([1.1, 3.0, 1.3], 1.3), ([1.1, 1.3], 1.2), ([1, 1.001], 1)]
)
def test_study_is_the_median(values: list[float], expected: float) -> None:
    """An outlier does not move the study's index, and an even number is averaged to three decimals."""
    assert study_hri(values) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("values", "expected"), [([1.2], 0), ([1.4, 1.1, 1.3], 2), ([1.3, 1.1], 1), ([1.2, 1.2, 1.2], 0)]
)
def test_representative_is_the_lower_median(values: list[float], expected: int) -> None:
    """The image that stands for the study has the lower median index, the first of equals."""
    assert representative(values) == expected


@given(INDICES)
def test_representative_is_never_above_the_study(values: list[float]) -> None:
    """The chosen image's index is one of the values, at most the study's index (to its three decimals)."""
    assert values[representative(values)] <= study_hri(values) + 5e-4
