"""Settings: what is drawn stays in its range, and comes as often as the family says."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.ranges import DEPTH_FREQUENCY, PAPER, PRESETS, TRAINING, Kind, Ranges, Settings, draw
from hri_node.segment.runtime import VIEWS

DRAWS = 2000


def settings_of(ranges: Ranges, count: int = DRAWS, seed: int = 0) -> list[Settings]:
    """Many members of a family."""
    rng = np.random.default_rng(seed)
    return [draw(rng, ranges) for _ in range(count)]


def share_error(share: float, count: int) -> float:
    """Four standard errors of a share."""
    return float(4 * np.sqrt(share * (1 - share) / count)) + 1e-9


@pytest.fixture(scope="module")
def wide() -> list[Settings]:
    """Members of the training family."""
    return settings_of(TRAINING)


def test_same_chance_gives_same_settings() -> None:
    """Nothing but the generator decides."""
    assert settings_of(TRAINING, 3) == settings_of(TRAINING, 3)
    assert settings_of(TRAINING, 3) != settings_of(TRAINING, 3, seed=1)


@pytest.mark.parametrize("index", range(len(Kind)))
def test_every_kind_comes_as_often_as_stated(wide: list[Settings], index: int) -> None:
    """Within four standard errors of its share."""
    share = TRAINING.kinds[index] / sum(TRAINING.kinds)

    found = np.mean([settings.kind is list(Kind)[index] for settings in wide])

    assert found == pytest.approx(share, abs=share_error(share, DRAWS))


def test_kinds_are_those_of_the_network() -> None:
    """The order of the view classes is one for phantoms, training and node."""
    assert tuple(kind.value for kind in Kind) == VIEWS


def test_clean_family_shows_both_organs() -> None:
    """Readers of the paper chose hepatorenal views."""
    assert {settings.kind for settings in settings_of(PAPER, 200)} == {Kind.HEPATORENAL}


@pytest.mark.parametrize("name", ["cross_section", "wrapped", "lung_curtain", "bowel_gas", "gallbladder", "mirrored"])
def test_chances_are_kept(wide: list[Settings], name: str) -> None:
    """Within four standard errors."""
    share = getattr(TRAINING, name)

    assert np.mean([getattr(settings, name) for settings in wide]) == pytest.approx(
        share, abs=share_error(share, DRAWS)
    )


@pytest.mark.parametrize("name", ["depth_mm", "fat_mm", "kidney_x_mm", "liver_tip_mm", "gain_db", "looks", "clutter"])
def test_lengths_and_levels_fill_their_ranges(wide: list[Settings], name: str) -> None:
    """No value outside, and both ends reached but for a hundredth of the range."""
    low, high = getattr(TRAINING, name)
    values = [getattr(settings, name) for settings in wide]

    assert low <= min(values) < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < max(values) <= high


def test_deep_pictures_have_low_frequencies(wide: list[Settings]) -> None:
    """Depth times frequency stays below what comes back, and 1.8 MHz is the lowest."""
    assert all(settings.frequency_mhz <= max(1.8, DEPTH_FREQUENCY / settings.depth_mm) + 1e-9 for settings in wide)
    assert min(settings.frequency_mhz for settings in wide) >= 1.8


def test_phased_probes_have_small_faces(wide: list[Settings]) -> None:
    """A few have a radius of millimetres, and then a wide field."""
    phased = [settings for settings in wide if settings.probe_radius_mm < 10]

    assert len(phased) / DRAWS == pytest.approx(TRAINING.phased, abs=share_error(TRAINING.phased, DRAWS))
    assert all(settings.field_deg >= 70 for settings in phased)


def test_echogenicity_is_the_mixture_stated(wide: list[Settings]) -> None:
    """Its mean within four standard errors, and its limits."""
    parts = TRAINING.dhri_db
    mean = sum(share * middle for share, middle, _ in parts)
    values = np.array([settings.dhri_db for settings in wide])

    assert values.mean() == pytest.approx(mean, abs=4 * values.std() / np.sqrt(DRAWS))
    assert values.min() >= -4
    assert values.max() <= 16


def test_echogenicity_can_be_fixed() -> None:
    """One part without spread is one value."""
    fixed = replace(PAPER, dhri_db=((1.0, 5.0, 0.0),))

    assert {settings.dhri_db for settings in settings_of(fixed, 5)} == {5.0}


@pytest.mark.parametrize(
    ("kind", "liver", "kidney"),
    [
        (Kind.HEPATORENAL, True, True),
        (Kind.LEFT_KIDNEY, False, True),
        (Kind.LIVER, True, False),
        (Kind.KIDNEY, False, True),
        (Kind.OTHER, False, False),
    ],
)
def test_kind_says_which_organs_there_are(kind: Kind, *, liver: bool, kidney: bool) -> None:
    """Of a left kidney no liver is shown: the spleen lies there."""
    settings = replace(settings_of(PAPER, 1)[0], kind=kind)

    assert (settings.has_liver, settings.has_kidney) == (liver, kidney)


def test_presets_are_found_by_name() -> None:
    """What commands take."""
    assert PRESETS == {"training": TRAINING, "paper": PAPER}
