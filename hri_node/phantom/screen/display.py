"""Echo levels on the beam grid come in; the picture a scanner would show, 480×640 bytes, goes out."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.special import gammaincinv

from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import COLUMNS, ROWS, Sector
from hri_node.phantom.physics import BEAMS, DEPTHS, Echo
from hri_node.phantom.ranges import Settings
from hri_node.phantom.tissue import Tissue

MIDDLE_GREY = 0.26
"""Share of white that the organs' median level gets at gain 0: the paper's grey levels."""


@dataclass(frozen=True, slots=True)
class DisplayMap:
    """From dB to grey: gain, dynamic range, gamma and S-curve around the reference level, then the vendor's table.

    Attributes
    ----------
    table
        256 levels of `greymap.lut`, or None: the levels stay.
    """

    reference_db: float
    settings: Settings
    table: Floats | None = None

    def grey(self, level_db: Floats) -> Floats:
        """Grey levels 0..255 of echo levels."""
        settings = self.settings
        # The median level gets the same grey whatever the gamma.
        middle = MIDDLE_GREY ** (1 / settings.gamma)
        linear = (level_db - self.reference_db + settings.gain_db) / settings.dynamic_range_db + middle
        bent = np.clip(linear, 0, 1) ** settings.gamma
        curve = 3 * bent**2 - 2 * bent**3
        levels = 255 * ((1 - settings.s_curve) * bent + settings.s_curve * curve)
        if self.table is not None:
            levels = np.interp(levels, np.arange(len(self.table)), self.table)
        return np.asarray(levels, np.float32)

    def mean_grey(self, expected_db: Floats) -> Floats:
        """Grey levels averaged over speckle: intensity is gamma distributed with as many degrees as there are looks."""
        shares = (np.arange(48) + 0.5) / 48
        spread_db = 10 * np.log10(gammaincinv(self.settings.looks, shares) / self.settings.looks)
        levels = np.linspace(expected_db.min(), expected_db.max(), 400)
        table = self.grey(levels[:, None] + spread_db).mean(axis=1)
        return np.asarray(np.interp(expected_db, levels, table), np.float32)


def display_map(echo: Echo, settings: Settings, table: Floats | None = None) -> DisplayMap:
    """The map a sonographer would set: organs in the middle, then the settings' gain."""
    organs = np.isin(echo.tissue, (Tissue.LIVER, Tissue.CORTEX)) & (echo.shadow_db < 3)  # noqa: PLR2004 - dB
    levels = echo.level_db[organs] if organs.sum() > DEPTHS else echo.level_db
    return DisplayMap(float(np.median(levels)), settings, table)


def scan_convert(beam_values: Floats, sector: Sector) -> Floats:
    """Values of the beam grid on the screen, 0 outside the sector."""
    depth_mm, angle, inside = sector.beams()
    rows = depth_mm[inside] * ((DEPTHS - 1) / sector.depth_mm)
    columns = (angle[inside] + sector.half_angle) * ((BEAMS - 1) / (2 * sector.half_angle))
    screen = np.zeros((ROWS, COLUMNS), np.float32)
    screen[inside] = map_coordinates(beam_values, [rows, columns], order=1, mode="nearest", output=np.float32)
    return screen
