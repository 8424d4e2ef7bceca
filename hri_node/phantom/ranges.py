"""Ranges that phantoms are drawn from come in as presets; the settings of one phantom go out."""

from dataclasses import dataclass

import numpy as np

Span = tuple[float, float]
"""Lowest and highest value of a uniform draw."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a family of phantoms varies; lengths in mm, angles in degrees, levels in dB.

    Attributes
    ----------
    dhri_db
        Mean and standard deviation of the liver-to-cortex echogenicity, clipped to -3..16 dB.
    kidney_length_mm, kidney_width_mm
        Half axes.
    liver_tip_mm
        Distance of the liver's caudal edge from the kidney's middle.
    no_kidney, no_liver, empty
        Shares of views that lack an organ, so that a network learns to say no.
    """

    depth_mm: Span = (105, 190)
    frequency_mhz: Span = (2.0, 4.2)
    probe_radius_mm: Span = (40, 64)
    field_deg: Span = (54, 80)
    sector_height: Span = (0.7, 0.97)
    sector_shift: Span = (-0.09, 0.09)
    aspect: Span = (0.88, 1.14)
    fat_mm: Span = (3, 26)
    muscle_mm: Span = (4, 12)
    kidney_x_mm: Span = (-12, 36)
    kidney_depth_mm: Span = (76, 108)
    kidney_length_mm: Span = (43, 60)
    kidney_width_mm: Span = (19, 28)
    kidney_tilt_deg: Span = (-36, 8)
    liver_tip_mm: Span = (20, 75)
    dhri_db: Span = (4.2, 3.4)
    gain_db: Span = (-8, 8)
    dynamic_range_db: Span = (45, 85)
    gamma: Span = (0.75, 1.35)
    s_curve: Span = (0, 0.6)
    rib_shadows: tuple[float, ...] = (0.5, 0.33, 0.17)
    lung_curtain: float = 0.2
    bowel_gas: float = 0.55
    gallbladder: float = 0.2
    flipped: float = 0.06
    no_kidney: float = 0.06
    no_liver: float = 0.05
    empty: float = 0.03


TRAINING = Ranges()
"""Wide: the variety a network should survive."""

PAPER = Ranges(
    depth_mm=(125, 165),
    sector_height=(0.86, 0.95),
    sector_shift=(-0.03, 0.03),
    aspect=(1, 1),
    fat_mm=(5, 16),
    kidney_x_mm=(-2, 26),
    kidney_depth_mm=(82, 100),
    kidney_tilt_deg=(-30, 0),
    liver_tip_mm=(45, 80),
    dhri_db=(3.6, 2.0),
    gain_db=(-3.5, 3.5),
    dynamic_range_db=(50, 70),
    gamma=(0.9, 1.1),
    s_curve=(0, 0.3),
    rib_shadows=(0.9, 0.1),
    lung_curtain=0.03,
    bowel_gas=0.3,
    gallbladder=0.08,
    flipped=0,
    no_kidney=0,
    no_liver=0,
    empty=0,
)
"""Clean: frames such as the readers of the paper chose."""

PRESETS = {"training": TRAINING, "paper": PAPER}
"""By name, for commands."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was drawn for one phantom and that its truth line states; units as in `Ranges`."""

    depth_mm: float
    frequency_mhz: float
    probe_radius_mm: float
    field_deg: float
    sector_height: float
    sector_shift: float
    aspect: float
    fat_mm: float
    muscle_mm: float
    kidney_x_mm: float
    kidney_depth_mm: float
    kidney_length_mm: float
    kidney_width_mm: float
    kidney_tilt_deg: float
    liver_tip_mm: float
    dhri_db: float
    gain_db: float
    dynamic_range_db: float
    gamma: float
    s_curve: float
    rib_shadows: int
    lung_curtain: bool
    bowel_gas: bool
    gallbladder: bool
    flipped: bool
    has_kidney: bool
    has_liver: bool
    looks: int


def draw(rng: np.random.Generator, ranges: Ranges) -> Settings:
    """Settings of one phantom, drawn from `ranges`.

    Parameters
    ----------
    rng
        Where chance comes from.
    ranges
        The family to draw from.

    Returns
    -------
    Settings
        One member of the family.
    """
    lack = rng.random()
    empty = lack < ranges.empty
    without_kidney = lack - ranges.empty < ranges.no_kidney
    without_liver = not without_kidney and lack - ranges.empty - ranges.no_kidney < ranges.no_liver
    shares = np.asarray(ranges.rib_shadows)
    return Settings(
        **{name: float(rng.uniform(*getattr(ranges, name))) for name in _UNIFORM},
        dhri_db=float(np.clip(rng.normal(*ranges.dhri_db), -3, 16)),
        rib_shadows=int(rng.choice(len(shares), p=shares / shares.sum())),
        lung_curtain=bool(rng.random() < ranges.lung_curtain),
        bowel_gas=bool(rng.random() < ranges.bowel_gas),
        gallbladder=bool(rng.random() < ranges.gallbladder),
        flipped=bool(rng.random() < ranges.flipped),
        has_kidney=not (empty or without_kidney),
        has_liver=not (empty or without_liver),
        looks=int(rng.integers(1, 4)),
    )


_UNIFORM = (
    "depth_mm",
    "frequency_mhz",
    "probe_radius_mm",
    "field_deg",
    "sector_height",
    "sector_shift",
    "aspect",
    "fat_mm",
    "muscle_mm",
    "kidney_x_mm",
    "kidney_depth_mm",
    "kidney_length_mm",
    "kidney_width_mm",
    "kidney_tilt_deg",
    "liver_tip_mm",
    "gain_db",
    "dynamic_range_db",
    "gamma",
    "s_curve",
)
