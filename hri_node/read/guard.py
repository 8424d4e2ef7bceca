"""A call into a foreign parser or decoder comes in; its result, or one sentence as `Unreadable`, goes out."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image
from pydicom.errors import BytesLengthException, InvalidDicomError

from hri_node.errors import Unreadable

FOREIGN_FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    BytesLengthException,
    EOFError,
    Image.DecompressionBombError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    StopIteration,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pydicom, its decoders and Pillow raise on broken bytes; none documents it, the corruption tests found them."""

FRAME_PIXELS_MAX: Final = 2**24
"""Rows times columns: four times what the largest ultrasound screens have; more is a broken header or an attack."""


@contextmanager
def foreign(what: str) -> Iterator[None]:
    """Turn whatever is raised inside into `Unreadable` that says `what` failed, and keep foreign warnings silent.

    Warnings about odd headers are not passed on: every property that matters here is checked by name. The text of a
    foreign error may quote an attribute of the patient, so only its type is told.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except FOREIGN_FAULTS as error:
            raise Unreadable(f"{what} ({type(error).__name__})") from error


def refuse_if_huge(rows: int, columns: int) -> None:
    """Refuse a picture before anything of its size is allocated.

    Raises
    ------
    Unreadable
        When it is empty or larger than `FRAME_PIXELS_MAX`.
    """
    if rows < 1 or columns < 1 or rows * columns > FRAME_PIXELS_MAX:
        raise Unreadable(f"picture is {rows} x {columns} pixels, 1 to {FRAME_PIXELS_MAX} pixels can be read")
