"""A frame, its masks and its result come in, the picture a reader sees goes out: outlines, ROIs and a panel beside.

All text stands beside the image: nothing covers anatomy. It is drawn with the font that Pillow carries, at sizes that
follow the image, so that the same result looks the same on every machine.
"""

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hri_node import __version__
from hri_node.measure.types import Caution, Outcome, Reason
from hri_node.records import Frame, FrameResult, Masks
from hri_node.report import codes
from hri_node.report.context import MODEL_NAME
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI, Structure

RGB = NDArray[np.uint8]
"""Colours, shape (rows, columns, 3)."""

DISCLAIMER: Final = "Research use - not for diagnosis"

_REFERENCE_ROWS: Final = 480
"""Rows of the image for which the sizes below are given; larger images have larger text and lines."""

_PANEL_COLUMNS: Final = 230
_PANEL_ROWS_MIN: Final = 400
_MARGIN: Final = 14
_GAP: Final = 12
_SWATCH: Final = 10
_LINE_SPACING: Final = 1.3
_CAUTIONS_MAX: Final = 4
_HUGE, _LARGE, _TEXT, _SMALL = 64, 19, 15, 12

_WHITE, _GREY, _DARK, _BLACK = (245, 245, 245), (160, 160, 160), (70, 70, 70), (0, 0, 0)
_AMBER = (255, 190, 60)
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the panel: its text, size and colour, the swatch or gap before it, the value at its right end."""

    text: str
    size: int = _TEXT
    colour: Colour = _WHITE
    swatch: Structure | None = None
    indented: bool = False
    value: str = ""
    space_above: int = 0


def overlay(frame: Frame, masks: Masks, result: FrameResult) -> RGB:
    """Picture of a result as a reader wants to see it.

    Parameters
    ----------
    frame
        The source frame; it is shown at its own size, top left.
    masks
        Organs and ROIs on that frame; empty ones are not drawn.
    result
        What was measured, or why nothing was.

    Returns
    -------
    RGB
        uint8, shape (at least the rows of the frame, its columns + a panel, 3).
    """
    rows, columns = frame.pixels.shape
    scale = max(1.0, rows / _REFERENCE_ROWS)
    height = max(rows, round(_PANEL_ROWS_MIN * scale))
    canvas = Image.new("RGB", (columns + round(_PANEL_COLUMNS * scale), height), _BLACK)
    canvas.paste(Image.fromarray(_outlined(frame, masks, scale)), (0, 0))
    draw = ImageDraw.Draw(canvas)
    draw.line((columns, 0, columns, height), fill=_DARK)  # where a black image ends and the panel begins
    for structure, region in ((LIVER_ROI, result.liver), (CORTEX_ROI, result.renal_cortex)):
        if region:
            _draw_window(draw, region["window"], structure.rgb, scale)
    foot = [f"{MODEL_NAME} {__version__}, {result.model['name']} {result.model['version']}", DISCLAIMER]
    _Panel(draw, columns, scale).write(_lines(masks, result), foot, height)
    return np.asarray(canvas)


def _outlined(frame: Frame, masks: Masks, scale: float) -> RGB:
    """Return the frame in colour with the organs' outlines on it."""
    picture = np.repeat(frame.pixels[..., np.newaxis], 3, axis=-1)
    for structure in (LIVER, KIDNEY):
        picture[_outline(structure.mask(masks), max(1, round(scale)))] = structure.rgb
    return picture


def _outline(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return the pixels of `mask` that are within `width` pixels of its border."""
    inner = mask
    for _ in range(width):
        padded = np.pad(inner, 1)
        inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def _draw_window(draw: ImageDraw.ImageDraw, window: dict[str, int], colour: Colour, scale: float) -> None:
    """Frame a window from outside, so that every pixel that counts stays visible."""
    width = max(2, round(2 * scale))
    top, left = window["row"], window["column"]
    box = (left - width, top - width, left + window["columns"] + width - 1, top + window["rows"] + width - 1)
    draw.rectangle(box, outline=colour, width=width)


def _lines(masks: Masks, result: FrameResult) -> list[_Line]:
    """Return what the panel says, but for its foot."""
    lines = [_Line("Hepatorenal index", _LARGE, _GREY)]
    lines += _index_lines(result) if result.outcome == Outcome.MEASURED else _reason_lines(result)
    shown = [structure for structure in (LIVER, KIDNEY) if structure.mask(masks).any()]
    lines += [
        _Line(f"{structure.label} outline", _SMALL, _GREY, structure, space_above=0 if k else _GAP)
        for k, structure in enumerate(shown)
    ]
    return lines


def _index_lines(result: FrameResult) -> list[_Line]:
    """Return what is said of a measured frame."""
    assert result.hri is not None, "a measured frame has an index"
    lines = [_Line(f"{result.hri:.2f}", _HUGE)]
    if result.hri_interval:
        low, high = result.hri_interval
        lines.append(_Line(f"interval {low:.2f} to {high:.2f}", _SMALL, _GREY))
    lines += [_Line("Mean grey level (0 to 255)", _SMALL, _GREY, space_above=_GAP)]
    for name, structure, region in (
        ("Liver", LIVER_ROI, result.liver),
        ("Renal cortex", CORTEX_ROI, result.renal_cortex),
    ):
        assert region is not None, "a measured frame has both regions"
        lines.append(_Line(name, swatch=structure, value=f"{region['mean']:.2f}"))
        lines.append(_Line(_place(region, result.spacing_mm), _SMALL, _GREY, indented=True))
    return lines + _quality_lines(result)


def _place(region: dict[str, Any], spacing_mm: tuple[float, float] | None) -> str:
    """Return size and depth of a region in words; its size in pixels where there is no calibration."""
    window = region["window"]
    if spacing_mm is None:
        return f"{window['columns']} x {window['rows']} pixels"
    across, down = window["columns"] * spacing_mm[1], window["rows"] * spacing_mm[0]
    return f"{across:.0f} x {down:.0f} mm at depth {region['depth_mm']:.0f} mm"


def _quality_lines(result: FrameResult) -> list[_Line]:
    """Return the quality and what limits it."""
    cautions = [codes.CAUTIONS[Caution(value)].meaning for value in result.warnings]
    quality = (codes.LIMITED_QUALITY if cautions else codes.DIAGNOSTIC_QUALITY).meaning.removesuffix(" quality").lower()
    if len(cautions) > _CAUTIONS_MAX:
        cautions[_CAUTIONS_MAX - 1 :] = [f"{len(cautions) - _CAUTIONS_MAX + 1} more in the report"]
    return [
        _Line(f"Image quality: {quality}", colour=_AMBER if cautions else _WHITE, space_above=_GAP),
        *(_Line(caution, _SMALL, _AMBER) for caution in cautions),
    ]


def _reason_lines(result: FrameResult) -> list[_Line]:
    """Return why there is no index."""
    reasons = [codes.REASONS[Reason(value)].meaning for value in result.reasons]
    return [_Line("not measurable", _LARGE, _AMBER), *(_Line(reason, space_above=_GAP) for reason in reasons)]


class _Panel:
    """The strip right of the image, written from top to bottom."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, scale: float) -> None:
        self._draw, self._scale = draw, scale
        self._left = left + self._px(_MARGIN)
        self._right = left + self._px(_PANEL_COLUMNS - _MARGIN)

    def write(self, lines: list[_Line], foot: list[str], height: int) -> None:
        """Write `lines` from the top and `foot` at the bottom."""
        y = self._px(_MARGIN)
        for line in lines:
            y = self._write_line(line, y + self._px(line.space_above))
        y = height - self._px(_MARGIN + len(foot) * _SMALL * _LINE_SPACING)
        for text in foot:
            y = self._write_line(_Line(text, _SMALL, _GREY), y)

    def _write_line(self, line: _Line, y: int) -> int:
        """Write one line, wrapped, and return where the next begins."""
        font = _font(self._px(line.size))
        side, x = self._px(_SWATCH), self._left
        if line.swatch:
            top = y + (font.size - side) // 2 + self._px(2)
            self._draw.rectangle((x, top, x + side, top + side), fill=line.swatch.rgb)
        if line.swatch or line.indented:
            x += 2 * side
        for part in self._wrapped(line.text, font, self._right - x):
            self._draw.text((x, y), part, fill=line.colour, font=font)
            if line.value:
                self._draw.text((self._right, y), line.value, fill=line.colour, font=font, anchor="ra")
            y += round(font.size * _LINE_SPACING)
        return y

    @staticmethod
    def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
        """Break `text` where it would leave the panel."""
        characters = len(text)
        while characters > 1 and any(font.getlength(part) > width for part in textwrap.wrap(text, characters)):
            characters -= 1
        return textwrap.wrap(text, characters)

    def _px(self, size: float) -> int:
        """Return a size in pixels of this picture."""
        return round(size * self._scale)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font: no system font is needed, and none can change the picture."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font
