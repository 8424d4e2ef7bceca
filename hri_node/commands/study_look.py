"""An image that was found comes in; whether a study can use it, what it shows, and its cleaned pixels, go out."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import Dataset
from scipy import ndimage

from hri_node.cine import spread
from hri_node.commands.study_found import Found
from hri_node.deidentify.profile import Box, Picture, scanner_family
from hri_node.errors import Unreadable
from hri_node.measure.format import format_reasons
from hri_node.measure.frame import Outline, look_for
from hri_node.measure.types import Grey, Reason, SpacingSource
from hri_node.measuring import Means, Source, look_at
from hri_node.read.description import integer
from hri_node.read.frames import frame_count, read_frames
from hri_node.read.guard import foreign
from hri_node.read.instance import open_instance
from hri_node.read.picture import is_picture, read_picture
from hri_node.read.select import SkipReason, skip_reason
from hri_node.read.spacing import BOX_KEYWORDS, TISSUE, TWO_D, regions_of
from hri_node.records import Frame
from hri_node.study.project.fates import Fate

CINE_FRAMES: Final = 9
"""Of a cine, so many frames are looked at, evenly spread; where nobody looks, the middle one counts."""

SEEN_MIN: Final = 1.3
"""Of a fan's sides, face and bottom so much must be seen (of 4), that text around it can be told from it: of synthetic
screens with panels, letters and thumbnails on all sides, a fan of which less is seen is the wrong one in half."""

RIM_PX: Final = 4
"""So much around the sector stays: without its edge the node finds it less well again, and measures another index (its
logarithm differs by 0.04 instead of 0.02, standard deviation over phantoms)."""

BOX_PART_MIN: Final = 0.5
"""A region of the header that covers less of the sector is another picture's, or wrong."""

OURS: Final = "HRI"
"""Third value of Image Type of the node's own pictures: results are no images of a study."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A frame that a study can use: cleaned, with its size of pixels, from which scanner, and how good a view it is."""

    frame_number: int
    picture: Picture
    spacing_source: str
    family: str
    view: float


@dataclass(frozen=True, slots=True)
class Judged:
    """An image, its fate so far (`NOT_CHOSEN` where it can be used), and a digest of its pixels, or nothing."""

    found: Found
    fate: Fate
    digest: str = ""
    usable: Usable | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Whoever looks at images, one after the other.

    Attributes
    ----------
    means
        The network, where images are chosen by their view; None: nobody looks at views.
    mm_per_px
        (row, column) size of pixels where an image does not tell.
    """

    means: Means | None
    mm_per_px: tuple[float, float] | None = None

    def look(self, found: Found) -> Judged:
        """What an image is good for."""
        if found.path is None:
            return Judged(found, Fate.NO_FILE)
        try:
            return self._look_at_picture(found, found.path) if is_picture(found.path) else self._look(found, found.path)
        except Unreadable:
            return Judged(found, Fate.UNREADABLE)

    def _look_at_picture(self, found: Found, path: Path) -> Judged:
        return self._judged(found, [read_picture(path, self.mm_per_px)], "", [])

    def _look(self, found: Found, path: Path) -> Judged:
        """An instance: by its header, then by its pixels."""
        header = open_instance(path).header
        skipped = skip_reason(header)
        with foreign("Image Type cannot be read"):
            is_ours = OURS in list(header.get("ImageType") or ())
        if skipped or is_ours:
            return Judged(found, Fate.NOT_BMODE if skipped is SkipReason.NOT_BMODE else Fate.NOT_ULTRASOUND)
        with foreign("the scanner's name cannot be read"):
            family = scanner_family(header)
        frames = read_frames(path, self._numbers(found, path), self.mm_per_px)
        return self._judged(found, list(frames), family, _tissue(header))

    def _numbers(self, found: Found, path: Path) -> list[int]:
        """The frames to look at: the one that the node has chosen before, or some of a cine."""
        if found.frame_number:
            return [found.frame_number]
        count = frame_count(path)
        return [(count + 1) // 2] if self.means is None else spread(count, CINE_FRAMES)

    def _judged(self, found: Found, frames: list[Frame], family: str, boxes: list[Box]) -> Judged:
        """The best frame that can be used; else why the first cannot."""
        looked = [(frame, look_for(frame.seen, frame.spacing_mm, frame.coloured)) for frame in frames]
        fates = [_fate(outline) for _, outline in looked]
        usable = [
            Usable(
                frame.frame_number, _cleaned(outline, boxes), _source(frame, outline), family, self._view(found, frame)
            )
            for (frame, outline), fate in zip(looked, fates, strict=True)
            if fate is Fate.NOT_CHOSEN
        ]
        best = max(usable, key=lambda each: each.view, default=None)
        digest = _digest(best.picture.pixels if best else frames[0].pixels)
        return Judged(found, Fate.NOT_CHOSEN if best else fates[0], digest, best)

    def _view(self, found: Found, frame: Frame) -> float:
        """How good a hepatorenal view a frame is; 0 where nobody looks."""
        if found.view is not None and found.frame_number == frame.frame_number:
            return found.view
        if self.means is None:
            return 0.0
        return look_at(frame, Source("", None, Path()), self.means, 0.0).result.view["hepatorenal"]


def _fate(outline: Outline) -> Fate:
    """`NOT_CHOSEN` where a frame can be used: one B-mode sector, of known size."""
    sector = outline.sector
    if Reason.NOT_BMODE in format_reasons(outline.pixels, sector, outline.coloured):
        return Fate.NOT_BMODE
    if not sector.found or sector.fan is None or sector.fan.seen < SEEN_MIN:
        return Fate.NO_SECTOR
    told = outline.spacing_source is SpacingSource.GIVEN
    told |= outline.spacing_source is SpacingSource.RULER and not outline.assumed
    return Fate.NOT_CHOSEN if told else Fate.NO_CALIBRATION


def _source(frame: Frame, outline: Outline) -> str:
    """Where the size of pixels is from."""
    is_given = outline.spacing_source is SpacingSource.GIVEN
    return str((frame.spacing_source if is_given else outline.spacing_source) or "")


def _tissue(header: Dataset) -> list[Box]:
    """Where the header says that tissue is shown: PS3.3 C.8.5.5.1.14, corners in any order."""
    boxes = []
    for item in regions_of(header):
        try:
            kind = integer(item, "RegionSpatialFormat", 0), integer(item, "RegionDataType", 0)
            top, left, bottom, right = (integer(item, keyword) for keyword in BOX_KEYWORDS)
        except Unreadable:
            continue
        if kind == (TWO_D, TISSUE):
            boxes.append((min(top, bottom), min(left, right), max(top, bottom), max(left, right)))
    return boxes


def _cleaned(outline: Outline, boxes: list[Box]) -> Picture:
    """The pixels of the sector; black around it, where names and dates are written."""
    mask = ndimage.binary_dilation(outline.sector.mask, iterations=RIM_PX)
    within = np.zeros_like(mask)
    for top, left, bottom, right in boxes:
        within[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = True
    if np.count_nonzero(mask & within) >= BOX_PART_MIN * np.count_nonzero(mask):
        mask = mask & within
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])
    return Picture(np.where(mask, outline.pixels, np.uint8(0)), outline.sector.spacing_mm, box)


def _digest(pixels: Grey) -> str:
    return hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()
