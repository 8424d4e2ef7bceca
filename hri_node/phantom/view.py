"""A seed comes in; one synthetic view, its label map and its truth go out."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter

from hri_node.phantom.anatomy import Anatomy
from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import Sector, place_sector, points_on_beams
from hri_node.phantom.person import draw_person
from hri_node.phantom.physics import DEPTHS, Echo, insonate
from hri_node.phantom.ranges import TRAINING, Kind, Ranges, Settings, draw
from hri_node.phantom.screen import (
    DisplayMap,
    Style,
    display_map,
    draw_style,
    enhance,
    finish,
    furnish,
    scan_convert,
)
from hri_node.phantom.tissue import Tissue

KIDNEY_SHARE, LIVER_SHARE = 0.018, 0.05
"""Of the sector: less than this of an organ is not enough for the view to count as one of it."""

DEEP_SHADOW_DB = 12
"""From here on nothing of the tissue is seen."""

FREE_SHADOW_DB = 1
BORDER_SAMPLES = (11, 9)
"""Truth is taken where less is lost, and about 1.5 mm from borders, where the beam sees both sides."""

BLACK = 3
"""Grey levels up to this are black to the eye."""

LIVER_LABEL, KIDNEY_LABEL = 1, 2
"""Values of the label map; background is 0."""


@dataclass(frozen=True, slots=True)
class View:
    """One synthetic view.

    Attributes
    ----------
    pixels
        Grey levels, uint8, shape (480, 640).
    colour
        The same screen in colour, shape (480, 640, 3); None where all is grey.
    labels
        0 background, 1 liver (with its vessels, without the gallbladder), 2 kidney (with its sinus); same shape.
    shadow_db
        One-way loss by ribs, gas and poor contact; same shape.
    hidden
        Where nothing of the tissue can be seen: deep shadow, noise, or black on the screen; same shape.
    spacing_mm
        (row, column) distance of neighbouring pixels.
    dhri_db
        Echogenicity of liver tissue over renal cortex.
    levels
        Mean grey of liver and of cortex at the same depths, free of speckle and shadow; None where they do not meet.
    screen
        Family of the screen.
    """

    seed: int
    pixels: NDArray[np.uint8]
    colour: NDArray[np.uint8] | None
    labels: NDArray[np.uint8]
    shadow_db: Floats
    hidden: NDArray[np.bool_]
    spacing_mm: tuple[float, float]
    dhri_db: float
    levels: tuple[float, float] | None
    settings: Settings
    sector: Sector
    screen: str

    @property
    def ratio(self) -> float | None:
        """Liver over cortex, of `levels`: the true index."""
        return self.levels[0] / self.levels[1] if self.levels else None

    @property
    def kind(self) -> Kind:
        """What can be seen of what the view was meant to show."""
        sector = max(1, int(self.sector.beams()[2].sum()))
        liver, kidney = (int(((self.labels == label) & ~self.hidden).sum()) for label in (LIVER_LABEL, KIDNEY_LABEL))
        if kidney >= KIDNEY_SHARE * sector:
            if self.settings.kind is Kind.HEPATORENAL and liver >= LIVER_SHARE * sector:
                return Kind.HEPATORENAL
            return Kind.LEFT_KIDNEY if self.settings.kind is Kind.LEFT_KIDNEY else Kind.KIDNEY
        return Kind.LIVER if liver >= 2 * LIVER_SHARE * sector else Kind.OTHER

    def truth(self) -> dict[str, Any]:
        """What is known of this view, in plain values."""
        return {
            "seed": self.seed,
            "kind": self.kind.value,
            "screen": self.screen,
            "dhri_db": self.dhri_db,
            "ratio": self.ratio,
            "levels": list(self.levels) if self.levels else None,
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
    style = draw_style(rng, plain=not ranges.furniture)
    sector = style.flip.sector(place_sector(rng, settings))
    anatomy = draw_person(rng, settings)
    echo = insonate(rng, anatomy)
    display = display_map(echo, settings, style.table)
    shown = gaussian_filter(display.mean_grey(echo.expected_db - echo.shadow_db), 2)
    hidden = (echo.shadow_db >= DEEP_SHADOW_DB) | echo.drowned | (shown <= BLACK)
    screen = finish(rng, furnish(rng, _picture(rng, display.grey(echo.level_db), sector, style), sector, style), style)
    sector = style.frame.sector(sector)
    return View(
        seed=seed,
        pixels=screen.pixels,
        colour=screen.colour,
        labels=_labels(anatomy, sector),
        shadow_db=scan_convert(echo.shadow_db, sector),
        hidden=scan_convert(hidden.astype(np.float32), sector) > 0.5,  # noqa: PLR2004 - half
        spacing_mm=(abs(sector.spacing_mm[0]), abs(sector.spacing_mm[1])),
        dhri_db=settings.dhri_db,
        levels=_matched_levels(echo, display),
        settings=settings,
        sector=sector,
        screen=style.family,
    )


def _picture(rng: np.random.Generator, beam_grey: Floats, sector: Sector, style: Style) -> Floats:
    """Grey levels on the screen: filtered on the beams, drawn into the sector, a little soft."""
    grey = gaussian_filter(scan_convert(enhance(rng, beam_grey, style), sector), rng.uniform(0.3, 1.3))
    return np.asarray(grey * sector.beams()[2], np.float32)


def _labels(anatomy: Anatomy, sector: Sector) -> NDArray[np.uint8]:
    """The label map, asked of the anatomy at each pixel: no grid lies between."""
    depth_mm, angle, inside = sector.beams()
    organs = anatomy.organs(points_on_beams(depth_mm[inside], angle[inside], sector.radius_mm))
    codes = np.zeros(256, np.uint8)
    codes[Tissue.LIVER], codes[Tissue.CORTEX] = LIVER_LABEL, KIDNEY_LABEL
    labels = np.zeros(inside.shape, np.uint8)
    labels[inside] = codes[organs]
    return labels


def _matched_levels(echo: Echo, display: DisplayMap) -> tuple[float, float] | None:
    """Liver and cortex, weighted by how much of both a depth holds; nothing hidden, no borders."""
    visible = (echo.shadow_db < FREE_SHADOW_DB) & ~echo.drowned
    grey = display.mean_grey(echo.expected_db)
    depths = np.broadcast_to(np.arange(DEPTHS)[:, None] // 8, grey.shape)
    bins = DEPTHS // 8 + 1
    sums, counts = [], []
    for tissue in (Tissue.LIVER, Tissue.CORTEX):
        chosen = binary_erosion(echo.tissue == tissue, np.ones(BORDER_SAMPLES, np.bool_)) & visible
        counts.append(np.bincount(depths[chosen], minlength=bins))
        sums.append(np.bincount(depths[chosen], weights=grey[chosen], minlength=bins) / np.maximum(counts[-1], 1))
    weight = np.minimum(*counts)
    total = float(weight.sum())
    liver, cortex = (float((weight * each).sum()) / max(total, 1.0) for each in sums)
    return (liver, cortex) if cortex > 0 else None
