"""The four structures of a measured image: how each is named, coded and coloured, in SEG, SR and picture alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.sr.coding import Code

from hri_node.records import Masks
from hri_node.report import codes


@dataclass(frozen=True, slots=True)
class Structure:
    """One segment.

    Attributes
    ----------
    field
        The field of `records.Masks` that holds its pixels; also its part of derived UIDs.
    label
        Segment Label, and Tracking Identifier of its measurement group.
    category, kind
        Segmented Property Category and Type (CID 7150, 7151).
    side
        Laterality of `kind`, where it has one.
    region
        Anatomic Region, where `kind` does not name it.
    rgb
        Its colour on dark ground; told apart by lightness too, for readers who see few colours.
    """

    field: str
    label: str
    category: Code
    kind: Code
    side: Code | None
    region: Code | None
    rgb: tuple[int, int, int]

    @property
    def site(self) -> Code:
        """Where it lies: the finding site of what is measured in it."""
        return self.region or self.kind

    def mask(self, masks: Masks) -> NDArray[np.bool_]:
        """Return its pixels."""
        pixels: NDArray[np.bool_] = getattr(masks, self.field)
        return pixels


LIVER: Final = Structure("liver", "Liver", codes.ANATOMICAL_STRUCTURE, codes.LIVER, None, None, (40, 150, 220))
KIDNEY: Final = Structure(
    "kidney", "Right kidney", codes.ANATOMICAL_STRUCTURE, codes.KIDNEY, codes.RIGHT, None, (235, 130, 30)
)
LIVER_ROI: Final = Structure(
    "liver_roi", "Liver ROI", codes.TISSUE, codes.PARENCHYMA, None, codes.LIVER, (130, 225, 255)
)
CORTEX_ROI: Final = Structure(
    "cortex_roi",
    "Right renal cortex ROI",
    codes.ANATOMICAL_STRUCTURE,
    codes.CORTEX_OF_KIDNEY,
    codes.RIGHT,
    None,
    (255, 220, 100),
)

STRUCTURES: Final = (LIVER, KIDNEY, LIVER_ROI, CORTEX_ROI)
"""In the order of their segment numbers."""
