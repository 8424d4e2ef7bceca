"""The view head's probabilities, made true: a known temperature is found, a known error is measured."""

import numpy as np
import pytest

from models.icnet.calibrate import best_temperature, calibration_error, probabilities


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature: float) -> None:
    """Kinds are drawn from the probabilities; the logits are given too sharp or too flat by this factor."""
    rng = np.random.default_rng(0)
    logits = 2 * rng.standard_normal((20_000, 5))
    kinds = np.array([rng.choice(5, p=chances) for chances in probabilities(logits)])

    assert best_temperature(logits * temperature, kinds) == pytest.approx(temperature, rel=0.05)


def test_what_is_sure_and_right_half_the_time_is_off_by_half() -> None:
    """All probability on the first kind, which is right in every second view."""
    chances = np.tile([1.0, 0.0], (10, 1))

    assert calibration_error(chances, np.tile([0, 1], 5)) == pytest.approx(0.5)


def test_true_probabilities_have_no_error() -> None:
    """Eight in ten, and right in eight of ten."""
    chances = np.tile([0.8, 0.2], (10, 1))

    assert calibration_error(chances, np.array([0] * 8 + [1] * 2)) == pytest.approx(0.0)
