"""A canvas, a sector and a style come in; depth ruler, focus marks and the probe's orientation mark are drawn."""

from dataclasses import dataclass

import numpy as np

from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import COLUMNS, Sector
from hri_node.phantom.screen.canvas import Canvas
from hri_node.phantom.screen.style import Colour, Style

HALF, CENTIMETRE, FIFTH = 5.0, 10.0, 50.0
"""Millimetres between ticks, and between longer ones or numbers."""

NUMBER_LETTERS = 8
"""Height of the ruler's numbers in pixels."""


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Where the depth `depth_mm` has its tick, and to which side (-1 left, 1 right) the tick points."""

    depth_mm: Floats
    rows: Floats
    columns: Floats
    side: int


def pixel_of(sector: Sector, depth_mm: float | Floats, angle: float | Floats) -> tuple[Floats, Floats]:
    """Row and column of a place in the sector; also where an axis is turned over."""
    reach_mm = sector.radius_mm + np.asarray(depth_mm, np.float32)
    rows = sector.apex_row + reach_mm * np.cos(angle) / sector.spacing_mm[0]
    columns = sector.apex_column + reach_mm * np.sin(angle) / sector.spacing_mm[1]
    return np.asarray(rows, np.float32), np.asarray(columns, np.float32)


def draw_ruler(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """Ticks at every centimetre, longer at every fifth (some: every half, longer at the whole), and the focus."""
    step_mm = HALF if rng.random() < 0.15 else CENTIMETRE  # noqa: PLR2004 - few scanners
    ruler = _ruler(rng, canvas, sector, style, step_mm)
    if ruler is None:
        return
    if style.shows("ticks"):
        shape, short = str(rng.choice(["line", "line", "dot"])), int(rng.integers(3, 6))
        long = 2 * short if rng.random() < 0.7 else short  # noqa: PLR2004 - most rulers
        major_mm = CENTIMETRE if step_mm == HALF else FIFTH
        dots = shape == "dot" or "along" in style.layout.ruler
        for depth, row, column in zip(ruler.depth_mm, ruler.rows, ruler.columns, strict=True):
            size = long if round(float(depth)) % major_mm == 0 else short
            _tick(canvas, (float(row), float(column)), ruler.side * (min(size, 4) // 2 if dots else size), style.ink)
            if style.layout.numbers and depth and round(float(depth)) % FIFTH == 0:
                _number(canvas, (float(row), float(column) + ruler.side * (size + 3)), depth, (ruler.side, style.ink))
    if style.shows("focus"):
        _draw_focus(rng, canvas, ruler, style)


def _ruler(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style, step_mm: float) -> _Ruler | None:
    """Places of the ticks for the family's kind of ruler; exports without a layout have one at the right edge."""
    kind = style.layout.ruler or "edge_right"
    depth = np.arange(0, sector.depth_mm + 0.01, step_mm, dtype=np.float32)
    side = -1 if kind.endswith("left") else 1
    if kind.startswith("along"):
        # Just outside the sector's side on the screen, whichever way the picture is turned.
        turned = side * (1 if sector.spacing_mm[1] > 0 else -1)
        rows, columns = pixel_of(sector, depth, turned * sector.half_angle)
        return _Ruler(depth, rows, columns + 5 * side, side)
    rows, _ = pixel_of(sector, depth, 0.0)
    used = np.flatnonzero(canvas.sector.any(axis=0))
    if not len(used):
        return None
    column = float(rng.uniform(8, 20)) if side < 0 else COLUMNS - float(rng.uniform(12, 22))
    if kind.startswith("beside"):
        beside = used[-1] + rng.uniform(6, 14) if side > 0 else used[0] - rng.uniform(6, 14)
        column = float(np.clip(beside, 12, COLUMNS - 14))
    # At the edges the ticks point into the screen, beside the sector away from it.
    return _Ruler(depth, rows, np.full_like(rows, column), -side if kind.startswith("edge") else side)


def _tick(canvas: Canvas, place: tuple[float, float], length: int, ink: Colour) -> None:
    """One tick of that length (its sign is the side it points to), unless it would lie in the sector."""
    row, column = round(place[0]), round(place[1])
    left, right = sorted((column, column + length))
    if not canvas.clear((row, left, row, right)):
        return
    if abs(length) <= 2:  # noqa: PLR2004 - pixels: a dot
        if canvas.clear((row, left, row + 1, left + 1)):
            canvas.pen.rectangle((left, row, left + 1, row + 1), fill=ink)
    else:
        canvas.pen.line((left, row, right, row), fill=ink)
    canvas.take((row, left), (1, right - left))


def _number(canvas: Canvas, place: tuple[float, float], depth_mm: float, how: tuple[int, Colour]) -> None:
    """The depth in centimetres beside a long tick."""
    text, (side, ink) = f"{depth_mm / 10:.0f}", how
    height, width = canvas.size(text, NUMBER_LETTERS)
    corner = (place[0] - height / 2, place[1] - (width if side < 0 else 0))
    if canvas.clear((*corner, corner[0] + height, corner[1] + width)):
        canvas.write(corner, text, ink, NUMBER_LETTERS)
        canvas.take(corner, (height, width))


def _draw_focus(rng: np.random.Generator, canvas: Canvas, ruler: _Ruler, style: Style) -> None:
    """One or two triangles beside the ruler, on its other side."""
    for share in rng.uniform(0.25, 0.8, int(rng.integers(1, 3))):
        place = int(share * (len(ruler.rows) - 1))
        row, column = float(ruler.rows[place]), float(ruler.columns[place]) - 2 * ruler.side
        tip, back = column, column - 6 * ruler.side
        if canvas.clear((row - 4, min(tip, back), row + 4, max(tip, back))):
            canvas.pen.polygon([(tip, row), (back, row - 4), (back, row + 4)], fill=style.accent)


def draw_orientation(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """The mark of the probe's notch beside the sector's upper corner: left, unless the picture is mirrored."""
    if not style.shows("mark"):
        return
    left = style.flip.mirrored == (rng.random() < 0.06)  # noqa: PLR2004 - some sonographers turn the mark
    turned = (-1 if left else 1) * (1 if sector.spacing_mm[1] > 0 else -1)
    row, column = (float(value) for value in pixel_of(sector, 0.0, turned * sector.half_angle))
    size = float(rng.uniform(8, 14))
    corner = canvas.find((size, size), (row - size / 2, column - 2 * size if left else column + size), reach=50)
    if corner is not None:
        _mark(canvas, style, corner, size, left=left)


def _mark(canvas: Canvas, style: Style, corner: tuple[float, float], size: float, *, left: bool) -> None:
    """The family's shape."""
    (top, start), ink, pen = corner, style.accent, canvas.pen
    box, middle = (start, top, start + size, top + size), top + size / 2
    tip, back = (start + size, start) if left else (start, start + size)
    match style.layout.mark:
        case "disc":
            pen.ellipse(box, fill=ink)
        case "ring":
            pen.ellipse(box, outline=ink, width=2)
        case "square":
            pen.rectangle((start, top, start + 0.7 * size, top + 0.7 * size), outline=ink, width=2)
        case "triangle":
            pen.polygon([(tip, middle), (back, top), (back, top + size)], fill=ink)
        case "arrow":
            pen.line((back, middle, tip, middle), fill=ink, width=2)
            pen.line([(tip + (back - tip) / 2, top), (tip, middle), (tip + (back - tip) / 2, top + size)], fill=ink)
        case _:
            pen.line((start, middle, start + size, middle), fill=ink, width=3)
