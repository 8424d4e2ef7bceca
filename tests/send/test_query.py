"""Ranges of dates and what is missing of a study: plain values, no network."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.send.query import Dates, FoundInstance, Missing, is_uid, series_of


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 5000), st.integers(1, 400))
def test_parts_cover_a_range_without_overlap(first: date, days: int, count: int) -> None:
    """Each begins on the day after the one before it; there are as many as were wanted, or one for each day."""
    whole = Dates(first, first + timedelta(days=days))

    parts = whole.parts(count)

    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    assert all(two.first - one.last == timedelta(days=1) for one, two in pairwise(parts))
    assert len(parts) == min(count, days + 1)


def test_a_day_matches_as_a_value_and_more_days_as_a_range() -> None:
    """PS3.4 C.2.2.2.1 and C.2.2.2.5; not every archive knows a range of one day."""
    assert Dates(date(2026, 1, 2), date(2026, 1, 2)).matching() == "20260102"
    assert Dates(date(2026, 1, 2), date(2026, 2, 3)).matching() == "20260102-20260203"


def instance(series: str, uid: str) -> FoundInstance:
    """An instance of study 1."""
    return FoundInstance("1", series, "1.2.3", uid)


def test_what_is_here_is_not_missing() -> None:
    """A series is whole only where nothing of it is here; one that is here is not named."""
    found = [instance("1.1", "1"), instance("1.2", "2"), instance("1.1", "3"), instance("1.3", "4")]

    missing = series_of(found, {"3", "4"})

    assert missing == [Missing((instance("1.1", "1"),), False), Missing((instance("1.2", "2"),), True)]


@pytest.mark.parametrize("text", ["", "../../x", "1.2\\3", "1" * 65, "1.2 "])
def test_an_answer_that_is_no_uid_names_nothing(text: str) -> None:
    """It would become part of a path or of a matching key."""
    assert not is_uid(text)
