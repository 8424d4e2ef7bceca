"""The four masks of a frame come in, one small PNG goes out, and back; as they overlap, each has a bit."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.errors import Unavailable
from hri_node.records import Masks

BITS = ("liver", "kidney", "liver_roi", "cortex_roi")
"""Bit 0 to 3 of the PNG."""

LIVER_LABEL = 1
KIDNEY_LABEL = 2


def to_png(masks: Masks) -> bytes:
    """PNG of 8-bit pixels, bit n set where mask n of `BITS` is True."""
    packed = np.zeros(masks.liver.shape, np.uint8)
    for bit, name in enumerate(BITS):
        packed |= getattr(masks, name).astype(np.uint8) << bit
    return picture_png(packed)


def from_png(data: bytes) -> Masks:
    """Masks that `to_png` packed.

    Raises
    ------
    Unavailable
        When the stored file is damaged: the disk is at fault, not the study.
    """
    try:
        with Image.open(BytesIO(data)) as picture:
            packed = np.asarray(picture)
    except OSError as error:
        raise Unavailable(f"stored masks cannot be read: {error}") from error
    return Masks(*((packed >> bit & 1).astype(bool) for bit in range(len(BITS))))


def label_map(masks: Masks) -> NDArray[np.uint8]:
    """Classes of the pixels, shape (rows, columns): 0 background, 1 liver, 2 right kidney."""
    labels = np.zeros(masks.liver.shape, np.uint8)
    labels[masks.liver] = LIVER_LABEL
    labels[masks.kidney] = KIDNEY_LABEL
    return labels


def picture_png(pixels: NDArray[np.uint8]) -> bytes:
    """PNG of grey (rows, columns) or colour (rows, columns, 3) bytes."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
