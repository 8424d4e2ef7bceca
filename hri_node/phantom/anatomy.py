"""Settings of a view come in; an `Anatomy`, which names the tissue at any point of the body, goes out."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.fields import Field, Floats
from hri_node.phantom.geometry import Points
from hri_node.phantom.ranges import Settings
from hri_node.phantom.vessels import Vessels

Codes = NDArray[np.uint8]
"""Tissue codes, one for each point."""


PSOAS = 0.35
"""Where the psoas begins, in half widths of the kidney behind its axis."""


class Tissue(IntEnum):
    """What may lie at a point."""

    SOFT = 0
    LIVER = 1
    CORTEX = 2
    MEDULLA = 3
    SINUS = 4
    VESSEL = 5
    GALLBLADDER = 6
    FAT = 7
    MUSCLE = 8
    LUNG = 9
    GAS = 10
    PERIRENAL = 11


@dataclass(frozen=True, slots=True)
class Kidney:
    """A bent, tilted super-ellipse with its sinus and pyramids; lengths in mm, angles in radians.

    `pyramids` has a row for each: visible (0 or 1), inner radius, outer radius (shares of the capsule's), width.
    """

    x_mm: float
    z_mm: float
    half_length_mm: float
    half_width_mm: float
    tilt: float
    bend: float
    sinus: float
    shell_mm: float
    pyramids: Floats
    phase: float


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One person's liver and kidney in the plane of the probe.

    Attributes
    ----------
    diaphragm
        Centre x, centre z and radius of the arc, in mm; beyond it lies the lung.
    gallbladder
        Centre x and z, half axes, in mm; None where there is none in the plane.
    curtain_angle
        Cranially of this beam angle the lung hides everything; None without a lung curtain.
    warps
        Displacements in x and z (mm), then two free fields of unit variance for ragged borders.
    """

    settings: Settings
    kidney: Kidney
    diaphragm: tuple[float, float, float]
    cranial_mm: float
    tip_mm: float
    gallbladder: tuple[float, float, float, float] | None
    curtain_angle: float | None
    vessels: Vessels
    warps: tuple[Field, ...]

    @property
    def wall_mm(self) -> tuple[float, float, float]:
        """Depths where skin, fat and muscle end."""
        skin = 1.8
        return skin, skin + self.settings.fat_mm, skin + self.settings.fat_mm + self.settings.muscle_mm

    def warped(self, points: Points) -> tuple[Floats, Floats]:
        """Positions (x, z) in the unbent plane, cranial to the left."""
        x_mm = -points.x_mm if self.settings.flipped else points.x_mm
        return x_mm + self.warps[0].at(x_mm, points.z_mm), points.z_mm + self.warps[1].at(x_mm, points.z_mm)

    def kidney_place(self, x_mm: Floats, z_mm: Floats) -> tuple[Floats, Floats, Floats]:
        """Along and across the kidney in shares of its half axes, and the radius (1 on the capsule)."""
        kidney = self.kidney
        dx, dz = x_mm - kidney.x_mm, z_mm - kidney.z_mm
        across = (dz * np.cos(kidney.tilt) - dx * np.sin(kidney.tilt)) / kidney.half_width_mm
        along = (dx * np.cos(kidney.tilt) + dz * np.sin(kidney.tilt)) / kidney.half_length_mm
        along = along + kidney.bend * across**2
        radius = (np.abs(along) ** 2.4 + np.abs(across) ** 2.1) ** (1 / 2.25)
        return along, across, radius.astype(np.float32)

    def organs(self, points: Points) -> Codes:
        """The tissue at each point as a label map knows it: kidneys are all CORTEX, livers hold their vessels."""
        x_mm, z_mm = self.warped(points)
        codes = np.full(x_mm.shape, Tissue.LIVER if self.settings.has_liver else Tissue.SOFT, np.uint8)
        along, across, radius = self.kidney_place(x_mm, z_mm)
        reach = np.hypot(x_mm - self.diaphragm[0], (z_mm - self.diaphragm[1]) * 0.95) / self.diaphragm[2]
        # The psoas begins behind the kidney's axis; cranially of the kidney the liver reaches down to the diaphragm.
        codes[(across > PSOAS) & ((along > -1.15) | (reach > 0.92))] = Tissue.MUSCLE  # noqa: PLR2004 - drawn by eye
        codes[(reach > 1) & (x_mm < self.cranial_mm)] = Tissue.LUNG
        caudal = x_mm > self.tip_mm + 0.35 * (z_mm - self.kidney.z_mm)
        codes[caudal & (codes != Tissue.MUSCLE)] = Tissue.GAS if self.settings.bowel_gas else Tissue.SOFT
        self._gallbladder(codes, x_mm, z_mm)
        self._kidney(codes, radius, self.warps[2].at(x_mm, z_mm))
        self._wall(codes, points)
        return codes

    def tissues(self, points: Points) -> Codes:
        """The tissue at each point, in full: pyramids, sinus and vessels too."""
        codes = self.organs(points)
        x_mm, z_mm = self.warped(points)
        codes[(codes == Tissue.LIVER) & (self.vessels.lumen.at(x_mm, z_mm) > 0.5)] = Tissue.VESSEL  # noqa: PLR2004 - half
        inside = np.flatnonzero(codes == Tissue.CORTEX)
        codes.flat[inside] = self._inner_kidney(x_mm.ravel()[inside], z_mm.ravel()[inside])
        return codes

    def _gallbladder(self, codes: Codes, x_mm: Floats, z_mm: Floats) -> None:
        """A tilted ellipse in the liver's lower border."""
        if self.gallbladder is None:
            return
        x, z, half_x, half_z = self.gallbladder
        inside = np.hypot((x_mm - x) / half_x, (z_mm - z - 0.3 * (x_mm - x)) / half_z) < 1
        codes[inside & (codes == Tissue.LIVER)] = Tissue.GALLBLADDER

    def _kidney(self, codes: Codes, radius: Floats, ragged: Floats) -> None:
        """Capsule and perirenal fat, whose thickness varies."""
        if not self.settings.has_kidney:
            return
        shell = self.kidney.shell_mm / self.kidney.half_width_mm * np.clip(1 + 0.9 * ragged, 0.05, 3)
        codes[(radius >= 1) & (radius < 1 + shell)] = Tissue.PERIRENAL
        codes[radius < 1] = Tissue.CORTEX

    def _wall(self, codes: Codes, points: Points) -> None:
        """Layers that follow the probe's face, and the lung in front of everything on the cranial side."""
        if self.curtain_angle is not None:
            angle = -points.angle if self.settings.flipped else points.angle
            codes[angle < self.curtain_angle] = Tissue.LUNG
        depth_mm = points.depth_mm + 0.5 * self.warps[1].at(points.x_mm, points.z_mm)
        skin, fat, muscle = self.wall_mm
        for below, tissue in ((muscle, Tissue.MUSCLE), (fat, Tissue.FAT), (skin, Tissue.MUSCLE)):
            codes[depth_mm < below] = tissue

    def _inner_kidney(self, x_mm: Floats, z_mm: Floats) -> Codes:
        """Cortex, pyramids or sinus at points inside the capsule."""
        kidney = self.kidney
        along, across, radius = self.kidney_place(x_mm, z_mm)
        angle = np.arctan2(across, along) + kidney.phase
        codes = np.full(radius.shape, Tissue.CORTEX, np.uint8)
        turn = angle * len(kidney.pyramids) / (2 * np.pi)
        nearest = np.round(turn).astype(int) % len(kidney.pyramids)
        shown, inner, outer, width = kidney.pyramids[nearest].T
        height = (radius - inner) / (outer - inner)
        taper = np.clip(0.35 + 0.75 * height - 9 * np.clip(height - 0.75, 0, 1) ** 2, 0, 1)
        pyramid = (height > 0) & (height < 1) & (2 * np.abs(turn - np.round(turn)) < width * taper)
        codes[pyramid & (shown > 0)] = Tissue.MEDULLA
        ragged = 1 + 0.15 * np.sin(3 * angle) + 0.16 * self.warps[3].at(x_mm, z_mm)
        centre = np.hypot(along / (1.25 * kidney.sinus), across / (0.85 * kidney.sinus)) * ragged
        codes[(centre < 1) & (radius < 0.74)] = Tissue.SINUS  # noqa: PLR2004 - a rim of cortex always remains
        return codes
