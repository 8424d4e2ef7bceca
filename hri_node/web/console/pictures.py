"""An instance of the ledger comes in; its picture goes out as PNG: pixels as they are, outlines, or both together."""

from dataclasses import replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node import masks as mask_files
from hri_node.errors import Refused
from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.tables import InstanceRow
from hri_node.measure.sector import find_sector
from hri_node.node import Node
from hri_node.read.frames import read_frames
from hri_node.records import Frame
from hri_node.report.picture import overlay
from hri_node.web.console.picture_room import Removed

COMPRESSION = 1
"""Of zlib: a frame is looked at once, and time counts."""


class Pictures:
    """Pictures of instances. Each call decodes a frame: call it in a thread.

    Parameters
    ----------
    node
        Its spool.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def frame(self, row: InstanceRow, number: int, *, only_sector: bool) -> bytes:
        """A frame at its own size, each pixel as it was received and is displayed.

        Parameters
        ----------
        row
            The instance.
        number
            Of the frame, from 1.
        only_sector
            Black wherever no echoes are: scanners write patients' names beside the sector.

        Raises
        ------
        Refused
            When it was removed, or cannot be read.
        Unavailable
            When its file is not there.
        """
        return _png(self._read(row, number, only_sector=only_sector).pixels)

    def outlines(self, row: InstanceRow, frame: MeasuredFrame) -> bytes:
        """The four masks of a measured frame, a bit each (`masks.BITS`), in a picture of its size.

        Parameters
        ----------
        row
            The instance.
        frame
            One whose masks are kept.

        Raises
        ------
        Refused
            When they were removed, or are not kept.
        Unavailable
            When the file is not there.
        """
        if row.removed_at:
            raise Removed("retention removed the images of this study")
        if not frame.masks_key:
            raise Refused("outlines are kept of the frame that stands for the image alone")
        return self._node.spool.read(frame.masks_key)

    def overlay(self, row: InstanceRow, frame: MeasuredFrame, *, only_sector: bool) -> bytes:
        """The picture that a reader sees: outlines, regions, and values beside; no word of the patient.

        Parameters
        ----------
        row
            The instance.
        frame
            What was found on it.
        only_sector
            As `frame` has it.

        Raises
        ------
        Refused
            When it was removed, or cannot be read.
        Unavailable
            When its file is not there.
        """
        picture = self._read(row, frame.result.frame_number, only_sector=only_sector)
        masks = mask_files.from_png(self.outlines(row, frame))
        return _png(overlay(picture, masks, frame.result))

    def _read(self, row: InstanceRow, number: int, *, only_sector: bool) -> Frame:
        if row.removed_at:
            raise Removed("retention removed the images of this study")
        frame = next(iter(read_frames(self._node.spool.file(row.spool_key), [number])))
        if not only_sector:
            return frame
        sector = find_sector(frame.seen, frame.spacing_mm)
        seen = sector.mask if sector.found else np.zeros_like(sector.mask)
        return replace(frame, pixels=np.where(seen, frame.pixels, np.uint8(0)))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=COMPRESSION)
    return buffer.getvalue()
