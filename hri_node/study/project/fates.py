"""Records of images that were found, and what became of each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hri_node.study.project.records import ImageInfo


class Fate(StrEnum):
    """What became of an image that was found; all but the first two are why it cannot be used."""

    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"
    NO_FILE = "no_file"
    UNREADABLE = "unreadable"
    NOT_ULTRASOUND = "not_ultrasound"
    NOT_BMODE = "not_bmode"
    NO_SECTOR = "no_sector"
    NO_CALIBRATION = "no_calibration"
    DUPLICATE = "duplicate"


SENTENCES: Final = {
    Fate.NO_FILE: "Not in the node's spool any more",
    Fate.UNREADABLE: "Cannot be decoded",
    Fate.NOT_ULTRASOUND: "No ultrasound image",
    Fate.NOT_BMODE: "No single B-mode picture: Doppler, M-mode, several pictures, or a page of text",
    Fate.NO_SECTOR: "No scanned sector found with certainty, so that text around it could not be removed",
    Fate.NO_CALIBRATION: "No size of pixels, so that 15 mm cannot be drawn",
    Fate.DUPLICATE: "The same pixels as another image",
}
"""Of what cannot be used, in the order in which it is noticed."""


@dataclass(frozen=True, slots=True)
class Source:
    """An image that was found: keyed hashes of its bytes and of its pixels, and its fate."""

    name: str
    pixels: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject with everything that was found of it; `image` None: none can be used."""

    name: str
    patient: str
    sources: tuple[Source, ...]
    image: ImageInfo | None
