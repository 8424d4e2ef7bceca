"""Echo levels on the beam grid come in; the picture a scanner would show, 480×640 bytes, goes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import map_coordinates
from scipy.special import gammaincinv

from hri_node.phantom.anatomy import Tissue
from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import COLUMNS, ROWS, Sector
from hri_node.phantom.physics import BEAMS, DEPTHS, Echo
from hri_node.phantom.ranges import Settings

MIDDLE_GREY = 0.26
"""Share of white that the organs' median level gets at gain 0: the paper's grey levels."""


@dataclass(frozen=True, slots=True)
class DisplayMap:
    """From dB to grey: gain, dynamic range, gamma and S-curve around the reference level."""

    reference_db: float
    settings: Settings

    def grey(self, level_db: Floats) -> Floats:
        """Grey levels 0..255 of echo levels."""
        settings = self.settings
        linear = (level_db - self.reference_db + settings.gain_db) / settings.dynamic_range_db + MIDDLE_GREY
        bent = np.clip(linear, 0, 1) ** settings.gamma
        curve = 3 * bent**2 - 2 * bent**3
        return np.asarray(255 * ((1 - settings.s_curve) * bent + settings.s_curve * curve), np.float32)

    def mean_grey(self, expected_db: Floats) -> Floats:
        """Grey levels averaged over speckle: intensity is gamma distributed with as many degrees as there are looks."""
        shares = (np.arange(48) + 0.5) / 48
        spread_db = 10 * np.log10(gammaincinv(self.settings.looks, shares) / self.settings.looks)
        levels = np.linspace(expected_db.min(), expected_db.max(), 400)
        table = self.grey(levels[:, None] + spread_db).mean(axis=1)
        return np.asarray(np.interp(expected_db, levels, table), np.float32)


def display_map(echo: Echo, settings: Settings) -> DisplayMap:
    """The map a sonographer would set: organs in the middle, then the settings' gain."""
    organs = np.isin(echo.tissue, (Tissue.LIVER, Tissue.CORTEX)) & (echo.shadow_db < 3)  # noqa: PLR2004 - dB
    levels = echo.level_db[organs] if organs.sum() > DEPTHS else echo.level_db
    return DisplayMap(float(np.median(levels)), settings)


def scan_convert(beam_values: Floats, sector: Sector) -> Floats:
    """Values of the beam grid on the screen, 0 outside the sector."""
    depth_mm, angle, inside = sector.beams()
    rows = depth_mm[inside] * ((DEPTHS - 1) / sector.depth_mm)
    columns = (angle[inside] + sector.half_angle) * ((BEAMS - 1) / (2 * sector.half_angle))
    screen = np.zeros((ROWS, COLUMNS), np.float32)
    screen[inside] = map_coordinates(beam_values, [rows, columns], order=1, mode="nearest", output=np.float32)
    return screen


def furnish(rng: np.random.Generator, grey: Floats, sector: Sector) -> NDArray[np.uint8]:
    """The picture with what surrounds it: a line of text, settings, a depth scale and a grey bar."""
    image = Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))
    pen, ink = ImageDraw.Draw(image), int(rng.integers(150, 256))
    lines = ["C5-1", "FR 32Hz", "2D 58%", "MI 1.2", "P Low", "HGen", "TIs 0.4"]
    for row, text in enumerate(rng.permutation(lines)[: int(rng.integers(2, 6))]):
        pen.text((6, 60 + 13 * row), str(text), fill=ink)
    pen.text((COLUMNS - 130, 4), "SYNTHETIC PHANTOM", fill=ink)
    top = sector.apex_row + sector.radius_mm / sector.spacing_mm[0]
    for tick, y in enumerate(np.arange(top, ROWS, 10 / sector.spacing_mm[0])):
        pen.line([COLUMNS - 14, y, COLUMNS - (9 if tick % 5 else 3), y], fill=ink)
    if rng.random() < 0.7:  # noqa: PLR2004 - most scanners show a bar
        bar = np.linspace(255, 0, 90, dtype=np.uint8)[:, None].repeat(8, axis=1)
        image.paste(Image.fromarray(bar), (COLUMNS - 38, 30))
    return np.asarray(image)
