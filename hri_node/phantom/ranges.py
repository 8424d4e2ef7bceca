"""Ranges that phantoms are drawn from come in as presets; the settings of one phantom go out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

DEPTH_FREQUENCY = 540.0
"""mm × MHz: about where a curved probe's echoes drown in noise."""

Span = tuple[float, float]
"""Lowest and highest value of a uniform draw."""


class Kind(StrEnum):
    """What a view shows; the order is that of the network's view classes."""

    HEPATORENAL = "hepatorenal"
    LEFT_KIDNEY = "left_kidney"
    LIVER = "liver"
    KIDNEY = "kidney"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a family of phantoms varies; lengths in mm, angles in degrees, levels in dB.

    Attributes
    ----------
    kinds
        Share of each kind of view, in the order of `Kind`.
    cross_section
        Share of kidneys cut across or obliquely: rounder and shorter than lengthwise ones.
    wrapped
        Share of livers that fill everything in front of the kidney; the others have a border of their own all around.
    kidney_length_mm, kidney_width_mm
        Half axes of a kidney cut lengthwise.
    liver_tip_mm
        Distance of the liver's caudal edge from the kidney's middle.
    dhri_db
        (share, mean, standard deviation) of each part of the mixture that liver over cortex is drawn from.
    clutter
        Patches of other tissue, folds of fat and fascia, bowel: how much of them, 0..1.
    unevenness
        Factor on slow changes of gain and of tissue across the picture; the frames of readers' choice are even.
    furniture
        True: any scanner's screen, with what people leave on it; False: text, bar and ticks.
    """

    kinds: tuple[float, ...] = (0.58, 0.08, 0.15, 0.07, 0.12)
    depth_mm: Span = (90, 210)
    frequency_mhz: Span = (1.8, 5.0)
    probe_radius_mm: Span = (35, 70)
    phased: float = 0.05
    field_deg: Span = (50, 88)
    sector_height: Span = (0.55, 1.0)
    sector_shift: Span = (-0.15, 0.15)
    aspect: Span = (0.86, 1.16)
    fat_mm: Span = (2, 30)
    muscle_mm: Span = (3, 13)
    cross_section: float = 0.45
    wrapped: float = 0.7
    kidney_x_mm: Span = (-45, 50)
    kidney_depth_mm: Span = (58, 118)
    kidney_length_mm: Span = (38, 62)
    kidney_width_mm: Span = (19, 30)
    kidney_tilt_deg: Span = (-60, 45)
    liver_tip_mm: Span = (-10, 90)
    dhri_db: tuple[tuple[float, float, float], ...] = ((0.5, 1.5, 1.8), (0.3, 4.0, 2.0), (0.2, 8.0, 3.0))
    gain_db: Span = (-10, 10)
    dynamic_range_db: Span = (42, 110)
    gamma: Span = (0.7, 2.2)
    s_curve: Span = (0, 0.8)
    looks: Span = (1.5, 24.0)
    rib_shadows: tuple[float, ...] = (0.5, 0.27, 0.13, 0.07, 0.03)
    lung_curtain: float = 0.15
    bowel_gas: float = 0.45
    gallbladder: float = 0.3
    side_dropout: float = 0.5
    mirrored: float = 0.15
    clutter: Span = (0.0, 0.9)
    unevenness: float = 1.0
    furniture: bool = True


TRAINING = Ranges()
"""Wide: the variety a network should survive."""

PAPER = Ranges(
    kinds=(1, 0, 0, 0, 0),
    depth_mm=(125, 165),
    frequency_mhz=(2.0, 4.2),
    probe_radius_mm=(40, 64),
    phased=0.0,
    field_deg=(58, 80),
    sector_height=(0.86, 0.95),
    sector_shift=(-0.03, 0.03),
    aspect=(1, 1),
    fat_mm=(5, 16),
    muscle_mm=(4, 12),
    cross_section=0.1,
    wrapped=0.9,
    kidney_x_mm=(-2, 26),
    kidney_depth_mm=(82, 100),
    kidney_length_mm=(43, 60),
    kidney_width_mm=(20, 28),
    kidney_tilt_deg=(-30, 0),
    liver_tip_mm=(45, 80),
    dhri_db=((1.0, 3.6, 2.0),),
    gain_db=(-3.5, 3.5),
    dynamic_range_db=(50, 70),
    gamma=(0.9, 1.1),
    s_curve=(0, 0.3),
    looks=(2.0, 5.0),
    rib_shadows=(0.9, 0.1),
    lung_curtain=0.03,
    bowel_gas=0.3,
    gallbladder=0.08,
    side_dropout=0.0,
    mirrored=0.0,
    clutter=(0.0, 0.3),
    unevenness=0.5,
    furniture=False,
)
"""Clean: frames such as the readers of the paper chose."""

PRESETS = {"training": TRAINING, "paper": PAPER}
"""By name, for commands."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was drawn for one phantom and that its truth line states; units as in `Ranges`."""

    kind: Kind
    depth_mm: float
    frequency_mhz: float
    probe_radius_mm: float
    field_deg: float
    sector_height: float
    sector_shift: float
    aspect: float
    fat_mm: float
    muscle_mm: float
    cross_section: bool
    wrapped: bool
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
    looks: float
    rib_shadows: int
    lung_curtain: bool
    bowel_gas: bool
    gallbladder: bool
    side_dropout: bool
    mirrored: bool
    clutter: float
    unevenness: float

    @property
    def has_liver(self) -> bool:
        """Whether a liver is in the body that the probe looks at."""
        return self.kind in {Kind.HEPATORENAL, Kind.LIVER}

    @property
    def has_kidney(self) -> bool:
        """Whether a kidney is."""
        return self.kind in {Kind.HEPATORENAL, Kind.KIDNEY, Kind.LEFT_KIDNEY}


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
    spans: dict[str, Any] = {name: float(rng.uniform(*getattr(ranges, name))) for name in _UNIFORM}
    if rng.random() < ranges.phased:
        spans["probe_radius_mm"] = float(rng.uniform(1, 6))
        spans["field_deg"] = float(rng.uniform(70, 88))
    # Deep pictures are taken at low frequencies: sound of high ones does not come back.
    spans["frequency_mhz"] = max(1.8, min(spans["frequency_mhz"], DEPTH_FREQUENCY / spans["depth_mm"]))
    kind = list(Kind)[int(rng.choice(len(ranges.kinds), p=_shares(ranges.kinds)))]
    dhri_db = _echogenicity(rng, ranges)
    ribs = int(rng.choice(len(ranges.rib_shadows), p=_shares(ranges.rib_shadows)))
    chances = {name: bool(rng.random() < getattr(ranges, name)) for name in _CHANCES}
    values: dict[str, Any] = {"dhri_db": dhri_db, "rib_shadows": ribs, "unevenness": ranges.unevenness}
    return Settings(kind=kind, **values, **spans, **chances)


def _shares(weights: tuple[float, ...]) -> list[float]:
    """Weights that sum to one."""
    return [weight / sum(weights) for weight in weights]


def _echogenicity(rng: np.random.Generator, ranges: Ranges) -> float:
    """Liver over cortex, from the mixture of normal, mildly and severely fatty livers."""
    parts = ranges.dhri_db
    part = parts[int(rng.choice(len(parts), p=_shares(tuple(share for share, _, _ in parts))))]
    return float(np.clip(rng.normal(part[1], part[2]), -4, 16))


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
    "looks",
    "clutter",
)

_CHANCES = (
    "cross_section",
    "wrapped",
    "lung_curtain",
    "bowel_gas",
    "gallbladder",
    "side_dropout",
    "mirrored",
)
