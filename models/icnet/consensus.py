"""What several readers drew on an image comes in; a label map that counts where they agree goes out.

Marks are regions within organs, or, where the readers were told to, outlines of whole organs. Of regions, only the
inside is known: that one reader marked one place of the liver and another one elsewhere is no disagreement. Of whole
organs the outside is known as well, and whoever goes round less disagrees with whoever goes round more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from hri_node.masks import KIDNEY_LABEL, LIVER_LABEL
from hri_node.measure.types import Mask
from hri_node.study.project.records import Organ
from hri_node.study.project.region import inside
from models.icnet.data import UNSURE_BIT, Bytes
from models.icnet.study_marks import OUTLINES, Drawn

AGREED = 0.75
"""Share of the outlines that is enough: both of two, three of four."""

MARGIN_MM = 10.0
"""Around a region nothing is known, and the network's own guess is not taken: the organ goes on somewhere there."""

LABELS = {Organ.LIVER: LIVER_LABEL, Organ.CORTEX: KIDNEY_LABEL}


@dataclass(frozen=True, slots=True)
class Consensus:
    """What readers say together.

    Attributes
    ----------
    labels
        0, 1 liver, 2 kidney; `UNSURE_BIT` where it does not count.
    is_whole
        Whether 0 is background; else 0 is unknown.
    """

    labels: Bytes
    is_whole: bool

    def regions(self) -> dict[Organ, Mask]:
        """Certain pixels of each organ."""
        return {organ: self.labels == value for organ, value in LABELS.items()}


def is_outlined(marks: Sequence[Drawn]) -> bool:
    """Whether both organs have an outline."""
    return {mark.organ for mark in marks if mark.shape in OUTLINES} == set(Organ)


def consensus_of(
    marks: Sequence[Drawn], shape: tuple[int, int], spacing_mm: tuple[float, float], *, whole: bool
) -> Consensus:
    """The label map of an image.

    Parameters
    ----------
    marks
        Of all readers and sessions on it.
    shape
        (rows, columns) of the image.
    spacing_mm
        (row, column) of its pixels.
    whole
        Outlines follow the border of the whole organ; squares are regions all the same.
    """
    if whole and is_outlined(marks):
        return Consensus(_voted(*(_share(_of(marks, organ, outlined=True), shape) for organ in LABELS)), is_whole=True)
    liver, kidney = (_marked(marks, organ, shape, whole=whole) for organ in LABELS)
    near = distance_transform_edt(~(liver | kidney), sampling=spacing_mm) <= MARGIN_MM
    conditions = [liver & kidney, liver, kidney, near]
    chosen = np.select(conditions, [UNSURE_BIT, LIVER_LABEL, KIDNEY_LABEL, UNSURE_BIT], 0)
    return Consensus(chosen.astype(np.uint8), is_whole=False)


def _of(marks: Sequence[Drawn], organ: Organ, *, outlined: bool) -> list[Drawn]:
    return [mark for mark in marks if mark.organ is organ and (mark.shape in OUTLINES) == outlined]


def _share(marks: Sequence[Drawn], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Share of the marks that hold each pixel; 0 where there are none."""
    count = np.zeros(shape, np.float64)
    for mark in marks:
        count += inside(mark.points, shape)
    return count / max(len(marks), 1)


def _voted(liver: NDArray[np.float64], kidney: NDArray[np.float64]) -> Bytes:
    """What enough outlines say of one organ, and as many do not say of the other."""
    out = 1 - AGREED
    conditions = [(liver >= AGREED) & (kidney <= out), (kidney >= AGREED) & (liver <= out)]
    nothing = (liver <= out) & (kidney <= out)
    return np.select([*conditions, nothing], [LIVER_LABEL, KIDNEY_LABEL, 0], UNSURE_BIT).astype(np.uint8)


def _marked(marks: Sequence[Drawn], organ: Organ, shape: tuple[int, int], *, whole: bool) -> Mask:
    """Pixels that are of the organ for certain: inside any region, inside enough of its outlines."""
    outlines = _share(_of(marks, organ, outlined=True), shape)
    agreed = outlines >= AGREED if whole else outlines > 0
    return np.asarray(agreed | (_share(_of(marks, organ, outlined=False), shape) > 0), dtype=np.bool_)
