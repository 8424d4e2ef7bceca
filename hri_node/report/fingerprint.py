"""A measured image comes in, a hash goes out of all that the content of its objects follows from.

Two instances that bear one UID are one instance to a PACS (PS3.5 9.1): Orthanc keeps the first and says nothing. So the
hash is part of the UIDs of objects: what a faster processor or another decoder segments otherwise gets another name.
"""

import hashlib
import json
from dataclasses import asdict, astuple
from typing import Final

import numpy as np
from pydicom import Dataset

from hri_node.records import FrameResult, MeasuredImage
from hri_node.report.encoding import Encoder

_UNSAID: Final = ("source", "sop_instance_uid", "timing_ms")
"""Fields of a result that no object repeats: where the file lay, its name, and how long the measurement took."""


def fingerprint(image: MeasuredImage, header: Dataset) -> str:
    """SHA-256 of header, pixels, masks and result, the same for the same values on every host.

    Parameters
    ----------
    image
        What was measured, and in what.
    header
        What may be carried over from the source.
    """
    found = hashlib.sha256(Encoder().dataset(header))
    found.update(_said(image.result))
    frame = image.frame
    found.update(repr((frame.pixels.shape, frame.spacing_mm, frame.spacing_source, frame.dynamic_range_db)).encode())
    found.update(np.ascontiguousarray(frame.pixels).data)
    for mask in (*astuple(image.masks), frame.coloured, frame.outside):
        found.update(b"none" if mask is None else np.packbits(mask).data)
    return found.hexdigest()


def _said(result: FrameResult) -> bytes:
    """Return what objects may say of a result."""
    said = {field: value for field, value in asdict(result).items() if field not in _UNSAID}
    return json.dumps(said, sort_keys=True).encode()
