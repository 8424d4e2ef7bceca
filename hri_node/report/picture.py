"""A frame, its masks and its result come in, the picture a reader sees goes out: outlines, ROIs and a panel beside.

All text stands beside the image: nothing but the lines of organs and ROIs covers anatomy.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hri_node.records import Frame, FrameResult, Masks
from hri_node.report.panel import Beside, Colour, content
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI
from hri_node.report.typesetting import MARGIN, PANEL_WIDTH, WIDTH, Panel

RGB = NDArray[np.uint8]
"""Colours, shape (rows, columns, 3)."""

PANEL_COLOUR: Final = (13, 15, 18)
"""Not black, so that a black image ends where the panel begins."""

_BLACK: Final = (0, 0, 0)
_NOTHING: Final = Beside()


def overlay(frame: Frame, masks: Masks, result: FrameResult, beside: Beside = _NOTHING) -> RGB:
    """Picture of a result as a reader wants to see it.

    Letters follow the width of the picture, so that they can be read where it is shown 640 pixels wide.

    Parameters
    ----------
    frame
        The source frame; it is shown at its own size, top left.
    masks
        Organs and ROIs on that frame; empty ones are not drawn.
    result
        What was measured, or why nothing was.
    beside
        What the panel says besides.

    Returns
    -------
    RGB
        uint8, shape (at least the rows of the frame, its columns + a panel, 3).
    """
    rows, columns = frame.pixels.shape
    outlined = [structure for structure in (LIVER, KIDNEY) if structure.mask(masks).any()]
    panel = Panel(columns, max(1.0, columns / (WIDTH - PANEL_WIDTH)))
    said = content(result, outlined, beside)
    lines = panel.chosen(said)
    foot_rows, margin = panel.rows(said.foot), panel.px(MARGIN)
    height = max(rows, panel.rows(lines) + foot_rows + 3 * margin)
    canvas = Image.new("RGB", (columns + panel.columns, height), _BLACK)
    canvas.paste(_drawn_on(frame, masks, result, panel), (0, 0))
    canvas.paste(PANEL_COLOUR, (columns, 0, columns + panel.columns, height))
    panel.write(canvas, lines, margin)
    panel.write(canvas, said.foot, height - margin - foot_rows)
    return np.asarray(canvas)


def _drawn_on(frame: Frame, masks: Masks, result: FrameResult, panel: Panel) -> Image.Image:
    """Return the frame in colour with organs outlined and ROIs framed."""
    picture = np.repeat(frame.pixels[..., np.newaxis], 3, axis=-1)
    for structure in (LIVER, KIDNEY):
        picture[_outline(structure.mask(masks), max(1, panel.px(0.75)))] = structure.rgb
    image = Image.fromarray(picture)
    for structure, region in ((LIVER_ROI, result.liver), (CORTEX_ROI, result.renal_cortex)):
        if region:
            _draw_window(ImageDraw.Draw(image), region["window"], structure.rgb, max(2, panel.px(1.5)))
    return image


def _outline(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return the pixels of `mask` that are within `width` pixels of its border."""
    inner = mask
    for _ in range(width):
        padded = np.pad(inner, 1)
        inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def _draw_window(draw: ImageDraw.ImageDraw, window: dict[str, int], colour: Colour, width: int) -> None:
    """Frame a window from outside, so that every pixel that counts stays visible; black sets it off bright tissue."""
    top, left = window["row"], window["column"]
    bottom, right = top + window["rows"] - 1, left + window["columns"] - 1
    for outline, out, thick in ((_BLACK, 1 + width, 1), (colour, width, width)):
        draw.rectangle((left - out, top - out, right + out, bottom + out), outline=outline, width=thick)
