"""Organs and what lies around them come in; an `Anatomy`, which names the tissue at any point of the body, goes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.fields import Field, Floats
from hri_node.phantom.geometry import Points
from hri_node.phantom.kidney import Kidney
from hri_node.phantom.ranges import Settings
from hri_node.phantom.shapes import Blob
from hri_node.phantom.tissue import PATCHES, Tissue
from hri_node.phantom.vessels import Vessels

Codes = NDArray[np.uint8]
"""Tissue codes, one for each point."""

PSOAS = 0.35
"""Where the psoas begins, in half widths of the kidney behind its axis."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something with an outline; it replaces what was there. With a core, its inner half is of another tissue."""

    outline: Blob
    tissue: int
    core: int | None = None


@dataclass(frozen=True, slots=True)
class Dome:
    """The diaphragm: centre and radius of its arc, in mm. Cranially of `cranial_mm` the lung lies beyond it."""

    x_mm: float
    z_mm: float
    radius_mm: float
    cranial_mm: float

    def reach(self, x_mm: Floats, z_mm: Floats) -> Floats:
        """1 on the arc, more beyond it."""
        return np.asarray(np.hypot(x_mm - self.x_mm, (z_mm - self.z_mm) * 0.95) / self.radius_mm, np.float32)


@dataclass(frozen=True, slots=True)
class Liver:
    """The liver: all that lies in front of `kidney` and before `dome`, or a lobe with an outline of its own.

    Attributes
    ----------
    tip_mm, slope
        The caudal edge: x at the depth of the kidney's middle, and mm to the side per mm downwards.
    lobe
        Outline; None where the liver fills everything.
    behind
        Whether the space behind the kidney's axis is muscle.
    """

    tip_mm: float
    slope: float
    lobe: Blob | None
    behind: bool


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One person in the plane of the probe.

    Attributes
    ----------
    bed
        Where the kidney lies, or would lie: what is around it is placed by it.
    kidney, liver
        None where the view has none.
    layers
        Depths in mm where the layers of the wall end, and their tissues.
    before, after
        Parts painted before the kidney, which it hides, and after it, which hide it.
    patches
        A field whose levels part the background into other tissues; how much of it they take, 0..1.
    curtain_angle
        Cranially of this beam angle the lung hides everything; None without a lung curtain.
    folds
        Bright sheets of connective tissue, 0..1.
    warps
        Displacements in x and z (mm), then a free field of unit variance for ragged borders, and a finer one.
    """

    settings: Settings
    bed: Blob
    kidney: Kidney | None
    liver: Liver | None
    dome: Dome
    layers: tuple[tuple[float, int], ...]
    before: tuple[Part, ...]
    after: tuple[Part, ...]
    patches: Field
    curtain_angle: float | None
    vessels: Vessels
    folds: Field
    warps: tuple[Field, ...]

    @property
    def wall_mm(self) -> float:
        """Depth where the wall ends."""
        return self.layers[-1][0]

    def warped(self, points: Points) -> tuple[Floats, Floats]:
        """Positions (x, z) in the unbent plane, cranial to the left."""
        x_mm = -points.x_mm if self.settings.mirrored else points.x_mm
        return x_mm + self.warps[0].at(x_mm, points.z_mm), points.z_mm + self.warps[1].at(x_mm, points.z_mm)

    def organs(self, points: Points) -> Codes:
        """The tissue at each point as a label map knows it: kidneys are all CORTEX, livers hold their vessels."""
        x_mm, z_mm = self.warped(points)
        codes = np.full(x_mm.shape, Tissue.SOFT, np.uint8)
        self._liver(codes, x_mm, z_mm)
        for part in self.before:
            _paint(codes, part, x_mm, z_mm)
        self._kidney(codes, x_mm, z_mm)
        for part in self.after:
            _paint(codes, part, x_mm, z_mm)
        self._wall(codes, points)
        return codes

    def tissues(self, points: Points) -> Codes:
        """The tissue at each point, in full: patches, pyramids, sinus and vessels too."""
        codes = self.organs(points)
        x_mm, z_mm = self.warped(points)
        self._background(codes, x_mm, z_mm)
        codes[(codes == Tissue.LIVER) & (self.vessels.lumen.at(x_mm, z_mm) > 0.5)] = Tissue.VESSEL  # noqa: PLR2004 - half
        if self.kidney is not None:
            inside = np.flatnonzero(codes == Tissue.CORTEX)
            codes.flat[inside] = self.kidney.tissues(x_mm.ravel()[inside], z_mm.ravel()[inside], self.warps[3])
        return codes

    def _liver(self, codes: Codes, x_mm: Floats, z_mm: Floats) -> None:
        """Liver, the muscle behind it and the lung beyond the diaphragm."""
        along, across = self.bed.place(x_mm, z_mm)
        reach = self.dome.reach(x_mm, z_mm)
        liver = self.liver
        if liver is not None:
            inside = x_mm < liver.tip_mm + liver.slope * (z_mm - self.bed.z_mm)
            if liver.lobe is not None:
                inside &= liver.lobe.radius(x_mm, z_mm) < 1
            if liver.behind:
                # The psoas begins behind the kidney's axis; cranially the liver reaches down to the diaphragm.
                inside &= (across < PSOAS) | ((along < -1.15) & (reach < 0.92))  # noqa: PLR2004 - drawn by eye
            codes[inside] = Tissue.LIVER
        codes[(codes == Tissue.SOFT) & (across > PSOAS)] = Tissue.MUSCLE
        # The lung ends along a slanting line, not at a wall.
        codes[(reach > 1) & (x_mm + 0.5 * (z_mm - self.bed.z_mm) < self.dome.cranial_mm)] = Tissue.LUNG

    def _kidney(self, codes: Codes, x_mm: Floats, z_mm: Floats) -> None:
        """Capsule and perirenal fat, whose thickness varies."""
        if self.kidney is None:
            return
        radius = self.kidney.outline.radius(x_mm, z_mm)
        ragged = self.warps[2].at(x_mm, z_mm)
        shell = self.kidney.shell_mm / self.kidney.outline.half_z_mm * np.clip(1 + 0.9 * ragged, 0.02, 3)
        codes[(radius >= 1) & (radius < 1 + shell)] = Tissue.PERIRENAL
        codes[radius < 1] = Tissue.CORTEX

    def _background(self, codes: Codes, x_mm: Floats, z_mm: Floats) -> None:
        """Patches of other tissue in what is neither organ nor wall."""
        level = self.patches.at(x_mm, z_mm)
        patch = np.clip(np.floor((level + 1.5) * PATCHES / 3), 0, PATCHES - 1).astype(np.uint8)
        chosen = np.isin(codes, (Tissue.SOFT, Tissue.MUSCLE)) & (
            self.warps[2].at(z_mm, x_mm) < 3 * self.settings.clutter - 1
        )
        codes[chosen] = Tissue.PATCH + patch[chosen]

    def _wall(self, codes: Codes, points: Points) -> None:
        """Layers that follow the probe's face, and the lung in front of everything on the cranial side."""
        if self.curtain_angle is not None:
            angle = -points.angle if self.settings.mirrored else points.angle
            codes[angle < self.curtain_angle] = Tissue.LUNG
        depth_mm = points.depth_mm + 0.6 * self.warps[1].at(points.x_mm, points.z_mm)
        for below_mm, tissue in reversed(self.layers):
            codes[depth_mm < below_mm] = tissue


def _paint(codes: Codes, part: Part, x_mm: Floats, z_mm: Floats) -> None:
    """A part over what was there."""
    radius = part.outline.radius(x_mm, z_mm)
    codes[radius < 1] = part.tissue
    if part.core is not None:
        codes[radius < 0.62] = part.core  # noqa: PLR2004 - a wall of a third
