"""A vocabulary's name comes in; words as scanners show them, of no vendor and of no patient, go out."""

from collections.abc import Callable

import numpy as np

LOGOS = ("SONO DEMO", "ECHO TEST", "US MODEL", "SCAN SIM", "DEMOSCAN", "SIMUSON")
"""Invented: no scanner is called so."""

PLACES = ("LIVER", "RT KIDNEY", "R KIDNEY", "SAG", "TRV", "LONG", "RUQ", "RT LOBE", "LIVER RT", "MORISON", "GB", "IVC")
"""What sonographers type on a right flank."""


def lines_of(rng: np.random.Generator, vocabulary: str, count: int, depth_mm: float) -> list[str]:
    """Lines of one vocabulary.

    Parameters
    ----------
    rng
        Where chance comes from.
    vocabulary
        ``name``, ``clock``, ``indices``, ``settings``, ``preset``, ``soft_keys`` or ``depth``.
    count
        How many lines, as far as there are so many.
    depth_mm
        Depth of the picture, which scanners state.
    """
    return _VOCABULARIES[vocabulary](rng, depth_mm)[:count]


def _name(rng: np.random.Generator, _depth_mm: float) -> list[str]:
    number = int(rng.integers(0, 10_000))
    first = [f"PHANTOM {number:04d}", f"Phantom, No {number:04d}", f"ID {number:06d}", "TEST OBJECT"]
    second = ["DEMO HOSPITAL", "Test institution", "Study of phantoms", "ABDOMEN"]
    return [str(rng.choice(first)), str(rng.choice(second))]


def _clock(rng: np.random.Generator, _depth_mm: float) -> list[str]:
    """The day on which every phantom was made; only the hour is random."""
    hour, minute, second = (int(value) for value in rng.integers(0, (24, 60, 60)))
    day = str(rng.choice(["2026-01-01", "01/01/2026", "01.01.2026", "01 JAN 26"]))
    return [day, f"{hour:02d}:{minute:02d}:{second:02d}"]


def _indices(rng: np.random.Generator, _depth_mm: float) -> list[str]:
    lines = [f"MI {rng.uniform(0.5, 1.6):.1f}", f"TIs {rng.uniform(0.1, 1.2):.1f}", f"TIb {rng.uniform(0.1, 2):.1f}"]
    return lines if rng.random() < 0.6 else [f"{lines[0]} {lines[1]}", *lines[2:]]  # noqa: PLR2004 - often stacked


def _settings(rng: np.random.Generator, depth_mm: float) -> list[str]:
    percent, decibel = rng.integers(30, 100, 3), int(rng.integers(45, 90))
    rate = int(rng.integers(14, 60))
    either = [
        (f"{rate} Hz", f"FR {rate}"),
        (f"Gn {percent[0]}", f"G {percent[0]} %", f"2D {percent[0]}%"),
        (f"DR {decibel}", f"{decibel} dB", f"Dyn R {decibel}"),
        (f"P {percent[1]} %", f"AO {percent[1]}%"),
        ("Harm", "Pen", "Gen"),
        (f"Map {rng.integers(1, 9)}", f"Map {percent[2] % 6 + 1}/0"),
    ]
    lines = [str(rng.choice(variants)) for variants in either]
    lines += [f"D {depth_mm / 10:.1f} cm", f"Frq {rng.uniform(2, 5):.1f}", f"Per {rng.integers(0, 6)}"]
    lines += [f"Edge {rng.integers(0, 4)}", f"Cmp {rng.integers(1, 5)}"]
    return [str(line) for line in rng.permutation(lines)]


def _preset(rng: np.random.Generator, _depth_mm: float) -> list[str]:
    probes = ["Conv 5-1", "CX 60", "Convex 3.5", "Curved R60"]
    return [str(rng.choice(["Abdomen", "Abd Gen", "Abd", "Liver", "Renal", "ABDOMEN 1"])), str(rng.choice(probes))]


def _soft_keys(rng: np.random.Generator, _depth_mm: float) -> list[str]:
    keys = ["Dual", "Gen", "Guide", "Text", "Zoom", "Page 1/2", "Caliper", "Biopsy", "Brightness", "Sector"]
    return [str(key) for key in rng.permutation(keys)]


def _depth(rng: np.random.Generator, depth_mm: float) -> list[str]:
    return [str(rng.choice([f"{depth_mm / 10:.0f}cm", f"{depth_mm / 10:.1f} cm", f"{depth_mm / 10:.1f}"]))]


_VOCABULARIES: dict[str, Callable[[np.random.Generator, float], list[str]]] = {
    "name": _name,
    "clock": _clock,
    "indices": _indices,
    "settings": _settings,
    "preset": _preset,
    "soft_keys": _soft_keys,
    "depth": _depth,
}
