"""A seed comes in; one synthetic view, its label map and its truth go out."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.anatomy import Anatomy, Tissue
from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import Sector, place_sector, points_on_beams
from hri_node.phantom.person import draw_person
from hri_node.phantom.physics import DEPTHS, Echo, insonate
from hri_node.phantom.ranges import TRAINING, Ranges, Settings, draw
from hri_node.phantom.screen import DisplayMap, display_map, draw_style, furnish, scan_convert

LIVER_LABEL, KIDNEY_LABEL = 1, 2
"""Values of the label map; background is 0."""


@dataclass(frozen=True, slots=True)
class View:
    """One synthetic view.

    Attributes
    ----------
    pixels
        Grey levels, uint8, shape (480, 640).
    labels
        0 background, 1 liver (with its vessels, without the gallbladder), 2 kidney (with its sinus); same shape.
    shadow_db
        One-way loss by ribs, gas and poor contact; same shape.
    spacing_mm
        (row, column) distance of neighbouring pixels.
    dhri_db
        Echogenicity of liver tissue over renal cortex.
    ratio
        Mean grey of liver over cortex at the same depths, free of speckle and shadow; None where they do not meet.
    """

    seed: int
    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    shadow_db: Floats
    spacing_mm: tuple[float, float]
    dhri_db: float
    ratio: float | None
    settings: Settings
    sector: Sector

    def truth(self) -> dict[str, Any]:
        """What is known of this view, in plain values."""
        return {
            "seed": self.seed,
            "dhri_db": self.dhri_db,
            "ratio": self.ratio,
            "spacing_mm": list(self.spacing_mm),
            "liver_pixels": int((self.labels == LIVER_LABEL).sum()),
            "kidney_pixels": int((self.labels == KIDNEY_LABEL).sum()),
            "sector": asdict(self.sector),
            "settings": asdict(self.settings),
        }


def make_view(seed: int, ranges: Ranges = TRAINING) -> View:
    """The view that belongs to `seed`: the same seed and ranges give the same pixels.

    Parameters
    ----------
    seed
        Any number from 0.
    ranges
        The family it is drawn from: `TRAINING` (wide) or `PAPER` (clean).

    Returns
    -------
    View
        Picture, labels and truth.
    """
    rng = np.random.default_rng(seed)
    settings = draw(rng, ranges)
    sector = place_sector(rng, settings)
    anatomy = draw_person(rng, settings)
    echo = insonate(rng, anatomy)
    display = display_map(echo, settings)
    grey = scan_convert(display.grey(echo.level_db), sector)
    return View(
        seed=seed,
        pixels=furnish(rng, grey, sector, draw_style(rng, plain=True)).pixels,
        labels=_labels(anatomy, sector),
        shadow_db=scan_convert(echo.shadow_db, sector),
        spacing_mm=sector.spacing_mm,
        dhri_db=settings.dhri_db,
        ratio=_matched_ratio(echo, display),
        settings=settings,
        sector=sector,
    )


def _labels(anatomy: Anatomy, sector: Sector) -> NDArray[np.uint8]:
    """The label map, asked of the anatomy at each pixel: no grid lies between."""
    depth_mm, angle, inside = sector.beams()
    organs = anatomy.organs(points_on_beams(depth_mm[inside], angle[inside], sector.radius_mm))
    codes = np.zeros(256, np.uint8)
    codes[Tissue.LIVER], codes[Tissue.CORTEX] = LIVER_LABEL, KIDNEY_LABEL
    labels = np.zeros(inside.shape, np.uint8)
    labels[inside] = codes[organs]
    return labels


def _matched_ratio(echo: Echo, display: DisplayMap) -> float | None:
    """Liver over cortex, weighted by how much of both a depth holds."""
    grey = display.mean_grey(echo.expected_db)
    depths = np.broadcast_to(np.arange(DEPTHS)[:, None] // 8, grey.shape)
    bins = DEPTHS // 8 + 1
    sums, counts = [], []
    for tissue in (Tissue.LIVER, Tissue.CORTEX):
        chosen = echo.tissue == tissue
        counts.append(np.bincount(depths[chosen], minlength=bins))
        sums.append(np.bincount(depths[chosen], weights=grey[chosen], minlength=bins) / np.maximum(counts[-1], 1))
    weight = np.minimum(*counts)
    cortex = float((weight * sums[1]).sum())
    return float((weight * sums[0]).sum()) / cortex if cortex > 0 else None
