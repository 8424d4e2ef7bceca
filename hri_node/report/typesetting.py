"""Lines of a panel come in, pixels go out: each broken to the panel's width, marked, and stamped where it belongs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from hri_node.report.lettering import LINE_SPACING, OVERHANG, length, stamp, wrapped
from hri_node.report.panel import GREY, WHITE, Content, Line, Trend, more_cautions

WIDTH: Final = 640
"""Columns of the whole picture for which sizes are given: twice the columns, letters of twice the size."""

PANEL_WIDTH: Final = 196
ROWS_MAX: Final = 480
"""A panel of more rows would make the picture taller than 4:3, and its letters smaller on most screens."""

MARGIN: Final = 13

_INDENT: Final = 18
_MARK: Final = 9
_LINES_MAX: Final = 6
"""Lines that one text may be broken into: 64 letters, as many as a name or an ID may have (PS3.5 6.2), fit if wide."""

_GRAPH_ROWS: Final = 34
_DOT: Final = 2.5

_wrapped_before, _stamped_before = lru_cache(maxsize=256)(wrapped), lru_cache(maxsize=256)(stamp)
"""What most panels say, remembered. Nobody changes it."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The strip right of the image.

    Attributes
    ----------
    left
        Its first column.
    scale
        Pixels of this picture over those of one `WIDTH` wide.
    """

    left: int
    scale: float

    def px(self, size: float) -> int:
        """Return a size in pixels of this picture."""
        return round(size * self.scale)

    @property
    def columns(self) -> int:
        """How wide it is."""
        return self.px(PANEL_WIDTH)

    def chosen(self, said: Content) -> list[Line | Trend]:
        """Return what there is room for above the foot: all cautions before any history."""
        room = self.px(ROWS_MAX - 3 * MARGIN) - self.rows(said.head) - self.rows(said.foot)
        cautions, count = said.cautions, len(said.cautions)
        for kept in reversed(range(count)):
            if self.rows(cautions) <= room:
                break
            cautions = [*said.cautions[:kept], more_cautions(count - kept)]
        left = room - self.rows(cautions)
        history = next((lines for lines in said.histories if self.rows(lines) <= left), [])
        return [*said.head, *cautions, *history]

    def rows(self, lines: Sequence[Line | Trend]) -> int:
        """Return how many rows lines take."""
        return sum(self._rows(line) for line in lines)

    def write(self, canvas: Image.Image, lines: Sequence[Line | Trend], top: int) -> None:
        """Write lines, the first at row `top`."""
        for line in lines:
            if isinstance(line, Trend):
                self._draw_graph(canvas, line, top)
            else:
                self._write_line(canvas, line, top + self.px(line.space_above))
            top += self._rows(line)

    def _rows(self, line: Line | Trend) -> int:
        """Return how many rows a line takes, broken and with the space above it."""
        if isinstance(line, Trend):
            return self.px(_GRAPH_ROWS)
        return self.px(line.space_above) + len(self._parts(line)) * round(self.px(line.size) * LINE_SPACING)

    def _parts(self, line: Line) -> tuple[str, ...]:
        """Return a line broken to the width that its mark and its value leave."""
        size = self.px(line.size)
        taken = self.px(2 * MARGIN) + (self.px(_INDENT) if line.mark or line.is_indented else 0)
        if line.value:
            taken += length(line.value, size, is_bold=line.is_bold) + self.px(MARGIN)
        way = wrapped if line.is_private else _wrapped_before
        return way(line.text, size, self.columns - taken, _LINES_MAX, is_bold=line.is_bold)

    def _write_line(self, canvas: Image.Image, line: Line, top: int) -> None:
        """Write one line, broken, and its value at the right end."""
        size, x = self.px(line.size), self.left + self.px(MARGIN)
        above = round(size * OVERHANG)
        way = stamp if line.is_private else _stamped_before
        if line.structure:
            self._draw_mark(canvas, line, top)
        if line.mark or line.is_indented:
            x += self.px(_INDENT)
        for row, part in enumerate(self._parts(line)):
            y = top + row * round(size * LINE_SPACING) - above
            canvas.paste(line.colour, (x, y), way(part, size, is_bold=line.is_bold))
        if line.value:
            value = way(line.value, size, is_bold=line.is_bold)
            canvas.paste(line.colour, (self.left + self.columns - self.px(MARGIN) - value.width, top - above), value)

    def _draw_mark(self, canvas: Image.Image, line: Line, top: int) -> None:
        """Draw the stroke of an outline or the square of an ROI, as they are on the image."""
        assert line.structure is not None, "a mark is some structure's"
        side, left = self.px(_MARK), self.left + self.px(MARGIN)
        middle = top + round(self.px(line.size) * LINE_SPACING / 2)
        draw = ImageDraw.Draw(canvas)
        if line.mark == "roi":
            box = (left, middle - side // 2, left + side, middle - side // 2 + side)
            draw.rectangle(box, outline=line.structure.rgb, width=max(2, self.px(1.5)))
        else:
            draw.line((left, middle, left + side, middle), fill=line.structure.rgb, width=max(2, self.px(1.5)))

    def _draw_graph(self, canvas: Image.Image, trend: Trend, top: int) -> None:
        """Draw indices over time, the one of this image white with a bar for its interval."""
        draw, dot = ImageDraw.Draw(canvas), self.px(_DOT)
        low, high = min(*trend.indices, trend.interval[0]), max(*trend.indices, trend.interval[1])
        first, last = min(trend.days), max(trend.days)
        left, right = self.left + self.px(MARGIN) + dot, self.left + self.columns - self.px(MARGIN) - dot
        above, below = top + 2 * dot, top + self.px(_GRAPH_ROWS) - 2 * dot

        def place(day: int, index: float) -> tuple[int, int]:
            x = left + round((right - left) * (day - first) / max(1, last - first))
            return x, below - round((below - above) * (index - low) / max(high - low, 0.01))

        points = [place(day, index) for day, index in zip(trend.days, trend.indices, strict=True)]
        draw.line(points, fill=GREY, width=max(1, self.px(0.7)))
        bar = [place(trend.days[-1], index) for index in trend.interval]
        draw.line(bar, fill=WHITE, width=max(1, self.px(0.7)))
        for x, y in points:
            colour = WHITE if (x, y) == points[-1] else GREY
            draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=colour)
