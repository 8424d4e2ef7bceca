"""Hand-made sector pictures with known grey levels: organs as ellipses in, pixels and what is true of them out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SPACING_MM = (0.4, 0.4)
APEX = (-60.0, 320.0)
"""(row, column) where the beams meet, for a picture of 480×640."""

NEAR, FAR, HALF_ANGLE = 100.0, 520.0, np.deg2rad(34)
"""Pixels from the apex to the probe face and to the deepest echo, and half the opening."""


@dataclass(frozen=True)
class Echoes:
    """A picture and its truth.

    Attributes
    ----------
    pixels
        uint8, shape (rows, columns).
    probabilities
        Liver and kidney as a perfect network of 480×640 would give them, float32, shape (2, 480, 640).
    masks
        ``sector``, ``liver``, ``kidney``, ``cortex`` of the picture, True inside.
    spacing_mm
        (row, column) distance of pixels.
    """

    pixels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    masks: dict[str, Mask]
    spacing_mm: tuple[float, float]


@dataclass(frozen=True)
class Wanted:
    """What `echoes` draws: grey levels of the tissues, deviation of the noise, and where things lie.

    Attributes
    ----------
    liver, cortex, sinus, elsewhere
        Grey levels.
    noise
        Deviation of independent grey noise of each pixel.
    shift
        (rows, columns) that everything moves by.
    shape
        (rows, columns) of the picture; the 480×640 picture is stretched to it.
    wedge
        (from, to) degrees of the beams in shadow, left negative; None for none.
    wedge_depth
        Pixels from the apex at which the shadow starts.
    fan
        False fills the whole picture with tissue, as a cropped picture does.
    """

    liver: float = 80.0
    cortex: float = 50.0
    sinus: float = 130.0
    elsewhere: float = 40.0
    noise: float = 6.0
    shift: tuple[int, int] = (0, 0)
    shape: tuple[int, int] = (480, 640)
    wedge: tuple[float, float] | None = None
    wedge_depth: float = NEAR
    fan: bool = True
    seed: int = 0


def echoes(**wanted: object) -> Echoes:
    """Draw a picture; `wanted` are fields of `Wanted`."""
    draw = Wanted(**wanted)  # type: ignore[arg-type]
    rows, columns = (480 / size for size in (draw.shape[0], draw.shape[1] * 480 / 640))
    masks = _masks(draw, draw.shape)
    levels = np.full(draw.shape, draw.elsewhere)
    for name, level in (("liver", draw.liver), ("kidney", draw.cortex), ("sinus", draw.sinus)):
        levels[masks[name]] = level
    if draw.wedge:
        levels[masks["wedge"]] *= 0.15
    noise = np.random.default_rng(draw.seed).normal(0, draw.noise, draw.shape)
    pixels = np.where(masks["sector"], (levels + noise).round().clip(1, 254), 0).astype(np.uint8)
    network = _masks(draw, (480, 640))
    probabilities = np.stack([network["liver"], network["kidney"]]).astype(np.float32)
    masks["cortex"] = masks["kidney"] & ~masks["sinus"]
    return Echoes(pixels, probabilities, masks, (SPACING_MM[0] * rows, SPACING_MM[1] * columns))


def ellipse(shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float]) -> Mask:
    """Upright ellipse of (row, column) centre and radii."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    inside: Mask = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1
    return inside


def _masks(draw: Wanted, shape: tuple[int, int]) -> dict[str, Mask]:
    """Sector, organs and shadow on a grid that the 480×640 picture is stretched to."""
    rows = (np.arange(shape[0])[:, np.newaxis] + 0.5) * 480 / shape[0] - 0.5 - draw.shift[0]
    columns = (np.arange(shape[1])[np.newaxis, :] + 0.5) * 640 / shape[1] - 0.5 - draw.shift[1]
    radius = np.hypot(rows - APEX[0], columns - APEX[1])
    angle = np.arctan2(columns - APEX[1], rows - APEX[0])
    fan = (radius >= NEAR) & (radius <= FAR) & (np.abs(angle) <= HALF_ANGLE)
    sector = fan if draw.fan else np.ones(shape, dtype=np.bool_)

    def within(centre: tuple[float, float], radii: tuple[float, float]) -> Mask:
        return sector & (((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1)

    kidney = within((300, 360), (58, 115))
    wedge = np.deg2rad(draw.wedge or (0, 0))
    return {
        "sector": sector,
        "kidney": kidney,
        "sinus": within((300, 360), (20, 60)),
        "liver": within((225, 290), (135, 200)) & ~kidney,
        "wedge": (angle >= wedge[0]) & (angle <= wedge[1]) & (radius >= draw.wedge_depth),
    }
