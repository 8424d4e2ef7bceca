"""One kidney in the plane of the probe: outline, sinus, pyramids; points in, cortex, medulla or sinus out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.fields import Field, Floats
from hri_node.phantom.shapes import Blob, draw_blob
from hri_node.phantom.tissue import Tissue

HILUM_COSINE = 0.9
"""The hilum is a cone of about 25 degrees to each side."""


@dataclass(frozen=True, slots=True)
class Kidney:
    """A kidney; lengths in mm, radii in shares of the capsule's.

    Attributes
    ----------
    sinus
        (along, across): half axes of the sinus.
    hilum
        Angle at which the sinus opens to the surface, radians; only a kidney cut across shows it.
    filling
        Threshold on the ragged field: the higher, the more of the sinus is bright.
    shell_mm
        Thickness of the perirenal fat, on average.
    pyramids
        A row each: visible (0 or 1), inner radius, outer radius, width.
    calyx
        Half axis of a pool of urine in the sinus; 0 where there is none.
    """

    outline: Blob
    sinus: tuple[float, float]
    hilum: float | None
    filling: float
    shell_mm: float
    pyramids: Floats
    phase: float
    calyx: float

    def tissues(self, x_mm: Floats, z_mm: Floats, ragged: Field) -> NDArray[np.uint8]:
        """Tissue codes of points inside the capsule."""
        along, across = self.outline.place(x_mm, z_mm)
        radius = self.outline.radius(x_mm, z_mm)
        angle = np.arctan2(across, along).astype(np.float32)
        codes = np.full(radius.shape, Tissue.CORTEX, np.uint8)
        codes[self._pyramids(radius, angle + self.phase)] = Tissue.MEDULLA
        noise = ragged.at(x_mm, z_mm)
        centre = np.hypot(along / self.sinus[0], across / self.sinus[1])
        if self.hilum is not None:
            gate = np.cos(angle - self.hilum)
            centre = np.minimum(
                centre, np.where(gate > HILUM_COSINE, np.abs(np.sin(angle - self.hilum)) * radius / 0.28, 9)
            )
        fat = (centre * (1 + 0.18 * noise) < 1) & (noise < self.filling)
        codes[fat & (radius < 0.97)] = Tissue.SINUS  # noqa: PLR2004 - the capsule itself stays
        if self.calyx:
            codes[np.hypot(along / self.calyx, across / (0.6 * self.calyx)) < 1] = Tissue.FLUID
        return codes

    def _pyramids(self, radius: Floats, angle: Floats) -> NDArray[np.bool_]:
        """Where medulla lies: wedges with their base towards the capsule."""
        turn = angle * len(self.pyramids) / (2 * np.pi)
        nearest = np.round(turn).astype(int) % len(self.pyramids)
        shown, inner, outer, width = self.pyramids[nearest].T
        height = (radius - inner) / (outer - inner)
        taper = np.clip(0.35 + 0.75 * height - 9 * np.clip(height - 0.75, 0, 1) ** 2, 0, 1)
        wedge = (height > 0) & (height < 1) & (2 * np.abs(turn - np.round(turn)) < width * taper)
        return np.asarray(wedge & (shown > 0))


def draw_kidney(
    rng: np.random.Generator, place_mm: tuple[float, float], half_axes_mm: tuple[float, float], tilt: float
) -> Kidney:
    """A kidney of given place and size; cortex 5 to 12 mm, eight to twelve pyramids of which some are seen.

    Parameters
    ----------
    rng
        Where chance comes from.
    place_mm, half_axes_mm, tilt
        As in `draw_blob`.
    """
    count = int(rng.integers(8, 13))
    length, width = half_axes_mm
    round_cut = length < 1.5 * width
    cortex_mm = min(rng.uniform(5, 12), 0.45 * width)
    pyramid_mm = rng.uniform(4, 9)
    rim = cortex_mm / width
    inner = np.clip(1 - rim - pyramid_mm / width + 0.06 * rng.standard_normal(count), 0.25, 0.8)
    outer = np.clip(1 - rim + 0.04 * rng.standard_normal(count), inner + 0.08, 0.9)
    shown = rng.random(count) < rng.choice([0.1, 0.5, 0.9])
    across = float(np.clip(1 - rim - 0.6 * pyramid_mm / width, 0.22, 0.7)) * rng.uniform(0.6, 1.0)
    along = float(np.clip(1 - 1.2 * (cortex_mm + pyramid_mm) / length, 0.3, 0.75)) * rng.uniform(0.75, 1.05)
    return Kidney(
        outline=draw_blob(rng, place_mm, half_axes_mm, tilt, waviness=rng.uniform(0.015, 0.05)),
        sinus=(along, across),
        hilum=float(rng.uniform(-np.pi, np.pi)) if round_cut and rng.random() < 0.5 else None,  # noqa: PLR2004 - half
        filling=float(rng.uniform(-0.2, 2.0)),
        shell_mm=float(rng.choice([rng.uniform(0.2, 2), rng.uniform(1, 9)], p=[0.65, 0.35])),
        pyramids=np.stack([shown, inner, outer, rng.uniform(0.45, 0.9, count)], axis=1).astype(np.float32),
        phase=float(rng.uniform(0, 2 * np.pi)),
        calyx=float(rng.uniform(0.12, 0.3)) if rng.random() < 0.04 else 0.0,  # noqa: PLR2004 - one in 25
    )
