"""Echoes: speckle has the statistics of its looks, levels follow tissue, loss and noise."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.person import draw_person
from hri_node.phantom.physics import BEAMS, DEPTHS, Echo, _speckle, insonate
from hri_node.phantom.ranges import PAPER, Settings, draw
from hri_node.phantom.tissue import COUNT, Tissue, attenuation, backscatter_db, impedance

DEPTH = np.linspace(0, 150, DEPTHS, dtype=np.float32)

SETTINGS = replace(
    draw(np.random.default_rng(0), PAPER),
    depth_mm=150.0,
    frequency_mhz=3.5,
    rib_shadows=0,
    lung_curtain=False,
    bowel_gas=False,
    gallbladder=False,
    side_dropout=False,
    wrapped=True,
    unevenness=0.0,
)


def echo_of(seed: int, settings: Settings = SETTINGS) -> Echo:
    """What the beams bring back from one person."""
    rng = np.random.default_rng(seed)
    return insonate(rng, draw_person(rng, settings))


def speckle_of(looks: float, amplitude: float = 1.0) -> np.ndarray:
    """Intensity of even tissue."""
    even = np.full((DEPTHS, BEAMS), amplitude, np.float32)
    return _speckle(np.random.default_rng(1), replace(SETTINGS, looks=looks), even, DEPTH)


@pytest.mark.parametrize(("looks", "contrast"), [(1, 1.0), (2, 0.707), (3, 0.577)])
def test_contrast_of_speckle_is_that_of_its_looks(looks: int, contrast: float) -> None:
    """Standard deviation over mean of the intensity is one over the root of the looks; 10 % for finite grains."""
    intensity = speckle_of(looks)

    assert intensity.std() / intensity.mean() == pytest.approx(contrast, rel=0.1)


def test_contrast_falls_with_looks() -> None:
    """Also beyond those that are simulated, where grains are drawn towards the local level."""
    contrasts = [np.log(speckle_of(looks)).std() for looks in (1.0, 2.0, 3.0, 6.0, 12.0, 24.0)]

    assert contrasts == sorted(contrasts, reverse=True)
    assert contrasts[-1] < 0.75 * contrasts[2]


def test_mean_of_speckle_is_the_square_of_the_amplitude() -> None:
    """One for even tissue, four for tissue of twice the amplitude: within 8 % for finite grains."""
    assert speckle_of(2).mean() == pytest.approx(1, rel=0.08)
    assert speckle_of(2, 2.0).mean() == pytest.approx(4, rel=0.08)


def test_beams_overlap_near_the_face() -> None:
    """Where beams of a curved probe lie close together, a grain is several of them wide; at the focus one or two."""
    speckle = np.log(speckle_of(1))

    near, focus = (
        np.corrcoef(part[:, :-2].ravel(), part[:, 2:].ravel())[0, 1] for part in (speckle[:60], speckle[200:300])
    )

    assert near > 0.8
    assert focus < 0.5


def test_echoes_have_the_shape_of_the_grid() -> None:
    """All arrays lie on one grid of finite numbers."""
    echo = echo_of(0)

    for values in (echo.level_db, echo.expected_db, echo.shadow_db):
        assert values.shape == (DEPTHS, BEAMS)
        assert np.isfinite(values).all()
    assert echo.tissue.shape == echo.drowned.shape == (DEPTHS, BEAMS)


def test_same_chance_gives_same_echoes() -> None:
    """Bit for bit."""
    np.testing.assert_array_equal(echo_of(3).level_db, echo_of(3).level_db)


def test_echoes_of_liver_are_as_strong_as_expected() -> None:
    """On the median of visible liver, which speckle of three looks shifts by half a decibel and vessel walls by one."""
    for seed in range(4):
        echo = echo_of(seed)
        liver = (echo.tissue == Tissue.LIVER) & ~echo.drowned & (echo.shadow_db < 0.1)

        assert np.median((echo.level_db - echo.expected_db)[liver]) == pytest.approx(0, abs=1)


def test_liver_stands_out_by_what_was_drawn() -> None:
    """Raising the liver by 6 dB raises its expected level by 6 dB just behind the wall, and cortex's not at all."""
    dull, bright = (echo_of(1, replace(SETTINGS, dhri_db=level)) for level in (-4.0, 0.0))

    liver = dull.tissue == Tissue.LIVER
    difference = bright.expected_db[liver] - dull.expected_db[liver]
    assert np.median(difference) == pytest.approx(4, abs=0.2)


def test_fat_in_the_liver_swallows_sound() -> None:
    """Behind a fatty liver the cortex is darker by what the liver attenuates more: 0.022 dB/cm/MHz for each dB."""
    lean, fatty = (echo_of(1, replace(SETTINGS, dhri_db=level)) for level in (0.0, 10.0))

    cortex = (lean.tissue == Tissue.CORTEX) & ~lean.drowned & ~fatty.drowned
    loss = np.median(lean.expected_db[cortex] - fatty.expected_db[cortex])
    liver_cm = np.median((lean.tissue == Tissue.LIVER).sum(axis=0)[cortex.any(axis=0)]) * 150 / DEPTHS / 10
    assert loss == pytest.approx(2 * 0.22 * 3.5 * liver_cm, rel=0.4)


def test_a_shadow_takes_what_it_says() -> None:
    """Behind ribs, levels fall by the shadow, as long as they stay above the noise: on the median, 1.5 dB."""
    for seed in range(3):
        echo = echo_of(seed, replace(SETTINGS, rib_shadows=3))
        shaded = (echo.shadow_db > 6) & (echo.shadow_db < 20) & ~echo.drowned & (echo.tissue == Tissue.LIVER)

        assert np.median((echo.level_db - echo.expected_db + echo.shadow_db)[shaded]) == pytest.approx(0, abs=1.5)


def test_noise_drowns_the_deep_shadow() -> None:
    """What is drowned is deeper and darker than what is not, and there is more of it where more is lost."""
    clear, shaded = echo_of(2), echo_of(2, replace(SETTINGS, rib_shadows=4))

    assert shaded.drowned.sum() > clear.drowned.sum()
    assert shaded.drowned[shaded.shadow_db > 30].mean() > shaded.drowned[shaded.shadow_db < 3].mean()


def test_every_tissue_has_levels_loss_and_impedance() -> None:
    """One number for each code, losses not negative, urine and bile darker than any organ."""
    rng = np.random.default_rng(0)

    for _ in range(20):
        levels, losses, stiffness = backscatter_db(rng, 2.0), attenuation(rng, 2.0), impedance(rng)
        assert len(levels) == len(losses) == len(stiffness) == COUNT
        assert losses.min() >= 0
        assert 1.4 < stiffness.min() < stiffness.max() < 1.8
        assert levels[Tissue.LIVER] == 2.0
        assert levels[Tissue.FLUID] < min(levels[[Tissue.LIVER, Tissue.CORTEX, Tissue.MEDULLA]])
        assert levels[Tissue.MEDULLA] < levels[Tissue.CORTEX] < levels[Tissue.SINUS]


def test_attenuation_of_liver_is_that_of_the_literature() -> None:
    """0.53 dB/cm/MHz for a normal liver, about 0.85 for one full of fat; a dark liver is no freer of loss."""
    values = [float(attenuation(np.random.default_rng(0), level)[Tissue.LIVER]) for level in (-4.0, 0.0, 15.0)]

    assert values == pytest.approx([0.53, 0.53, 0.86], abs=0.01)
