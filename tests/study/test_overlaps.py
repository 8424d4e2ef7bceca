"""How Jaccard indices are distributed."""

import numpy as np
import pytest

from hri_node.errors import Refused
from hri_node.study.overlaps import distributions_of


def test_a_distribution() -> None:
    """Mean, spread, quantiles, and how many lie below .70, for each organ."""
    kidney = np.append(np.linspace(0.70, 1.0, 98), [0.3, 0.699])
    found = distributions_of({"kidney": kidney, "liver": [0.5, 0.6, 0.9]})

    assert (found["kidney"].count, found["kidney"].low.count, found["liver"].low.count) == (100, 2, 2)
    assert found["kidney"].low.share.value == 0.02
    assert found["kidney"].mean.value == pytest.approx(kidney.mean())
    assert found["kidney"].quantiles[0.5] == np.median(kidney)
    assert (found["kidney"].minimum, found["kidney"].maximum) == (0.3, 1.0)
    # t of 2 degrees of freedom is 4.3027.
    half = 4.3027 * np.std([0.5, 0.6, 0.9], ddof=1) / np.sqrt(3)
    assert found["liver"].mean.upper == pytest.approx(2 / 3 + half, abs=1e-4)


@pytest.mark.parametrize(
    ("indices", "reason"),
    [
        ([0.5, 1.2], "run from 0.5 to 1.2, 0 to 1 needed"),
        ([0.5, float("nan")], "1 of 2 readings are missing"),
        ([0.5], "1 subject in the readings, at least 2 needed"),
    ],
)
def test_refused(indices: list[float], reason: str) -> None:
    """Per cent, missing values, a single image."""
    with pytest.raises(Refused, match=reason):
        distributions_of({"liver": indices})
