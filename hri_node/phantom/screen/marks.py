"""A canvas and a sector come in; what users lay over or beside the picture is drawn: calipers, boxes, words, guides."""

import math

import numpy as np

from hri_node.phantom.geometry import ROWS, Sector
from hri_node.phantom.screen.canvas import Canvas, Place
from hri_node.phantom.screen.chrome import legible
from hri_node.phantom.screen.scale import pixel_of
from hri_node.phantom.screen.style import Colour, Style
from hri_node.phantom.screen.words import PLACES

CROSSES = ("plus", "cross", "dots", "square")

LEFT_HALF = ((0.3, 0.0), (0.36, 0.14), (0.0, 0.24), (0.1, 0.6), (0.16, 0.78), (0.12, 1.0))
"""Neck, shoulder, waist and hip of a torso, in shares of its width and height."""

TORSO = (*LEFT_HALF, *((1 - x, y) for x, y in reversed(LEFT_HALF)))


def draw_calipers(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """One or two distances with their marks, most with a dashed line, and what they measure beside the picture."""
    lines = []
    ink = style.accent
    for number in range(int(rng.integers(1, 3))):
        ends = _two_places(rng, canvas, sector, number)
        if ends is None:
            continue
        if rng.random() < 0.75:  # noqa: PLR2004 - three in four
            _dashes(canvas, ends, ink, (int(rng.integers(1, 4)), int(rng.integers(3, 7))))
        shape, size = str(rng.choice(CROSSES)), float(rng.uniform(3, 6))
        for end in ends:
            _cross(canvas, end, size, (shape, ink))
        millimetres = [(b - a) * s for a, b, s in zip(*ends, sector.spacing_mm, strict=True)]
        letter = "D" if rng.random() < 0.5 else "L"  # noqa: PLR2004 - one in two
        lines.append(f"{'+x'[number]} {letter}{number + 1} {math.hypot(*millimetres) / 10:.2f} cm")
    _result(rng, canvas, style, lines)


def draw_roi_boxes(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """Two outlines (squares or circles) as in a measurement of grey levels, and their results."""
    lines, size = [], float(rng.uniform(5, 12))
    round_one = rng.random() < 0.5  # noqa: PLR2004 - one in two
    for number in range(2):
        row, column = _inside(rng, sector)
        box = (column - size, row - size, column + size, row + size)
        (canvas.pen.ellipse if round_one else canvas.pen.rectangle)(box, outline=style.accent)
        canvas.write((row + size, column + size), str(number + 1), style.accent, 8)
        lines.append(f"{number + 1} Mean {rng.uniform(20, 120):.1f} SD {rng.uniform(5, 30):.1f}")
    _result(rng, canvas, style, lines)


def draw_annotation(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """A word or two typed over the picture or beside it, some with an arrow."""
    letters = style.letters + int(rng.integers(1, 4))
    for word in rng.choice(PLACES, int(rng.integers(1, 3)), replace=False):
        row, column = _inside(rng, sector)
        if rng.random() < 0.4:  # noqa: PLR2004 - beside the picture
            height, width = canvas.size(str(word), letters)
            corner = canvas.find((height, width), (row, column), reach=300)
            if corner is not None:
                canvas.write(corner, str(word), legible(canvas, corner, style.ink), letters)
            continue
        canvas.write((row, column), str(word), style.accent, letters)
        if rng.random() < 0.4:  # noqa: PLR2004 - two in five
            _arrow(canvas, (row + letters / 2, column - 3), float(rng.uniform(0, 2 * math.pi)), style.accent)


def draw_biopsy_guide(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """Two dotted lines from one upper corner into the depth, a centimetre apart."""
    side, slant = rng.choice([-1, 1]), rng.uniform(0.25, 0.6)
    for apart_mm in (0.0, 10.0):
        angle = side * (sector.half_angle - apart_mm / (sector.radius_mm + 1) * 0.5)
        start = tuple(float(value) for value in pixel_of(sector, 0.0, angle))
        end = tuple(
            float(value)
            for value in pixel_of(sector, 0.85 * sector.depth_mm, angle - 2 * side * slant * sector.half_angle)
        )
        _dashes(canvas, ((start[0], start[1]), (end[0], end[1])), style.accent, (1, 6))


def draw_body_mark(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """A torso in a few strokes, with a bar where the probe stands."""
    height = float(rng.uniform(36, 62))
    width = 0.8 * height
    corner = canvas.find((height, width), (ROWS - height - 20, float(rng.choice([20, 540 - width]))), reach=260)
    if corner is None:
        return
    strokes = [(corner[1] + x * width, corner[0] + y * height) for x, y in TORSO]
    canvas.pen.line(strokes, fill=style.ink, width=1)
    x, y = corner[1] + width * rng.uniform(0.12, 0.4), corner[0] + height * rng.uniform(0.45, 0.75)
    angle, half = rng.uniform(-1.4, 0.4), 0.11 * height
    across, down = half * math.cos(angle), half * math.sin(angle)
    canvas.pen.line((x - across, y - down, x + across, y + down), fill=style.accent, width=3)
    canvas.pen.ellipse((x - across - 2, y - down - 2, x - across + 2, y - down + 2), fill=style.accent)


def draw_ecg(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """A trace of heart beats along the bottom of the screen."""
    columns = np.arange(30, 600)
    beat = (columns / rng.uniform(90, 150) + rng.random()) % 1
    wave = 0.12 * np.exp(-(((beat - 0.2) / 0.04) ** 2)) + 0.25 * np.exp(-(((beat - 0.62) / 0.06) ** 2))
    wave += np.exp(-(((beat - 0.37) / 0.012) ** 2)) - 0.25 * np.exp(-(((beat - 0.4) / 0.012) ** 2))
    rows = ROWS - rng.uniform(12, 22) - 26 * wave
    canvas.pen.line(list(zip(columns.tolist(), rows.tolist(), strict=True)), fill=style.accent)
    canvas.take((rows.min(), columns[0]), (rows.max() - rows.min(), columns[-1] - columns[0]))


def _result(rng: np.random.Generator, canvas: Canvas, style: Style, lines: list[str]) -> None:
    """Results of measuring, one block in a free place at the bottom or the side."""
    if not lines:
        return
    sizes = [canvas.size(line, style.letters) for line in lines]
    height, width = sum(size[0] + 1 for size in sizes), max(size[1] for size in sizes)
    corner = canvas.find((height, width), (rng.uniform(330, 450), float(rng.choice([12, 500]))), reach=320)
    for number, line in enumerate(lines if corner else ()):
        assert corner is not None
        place = corner[0] + number * (sizes[0][0] + 1), corner[1]
        canvas.write(place, line, legible(canvas, place, style.accent), style.letters)


def _inside(rng: np.random.Generator, sector: Sector) -> Place:
    """A place well inside the sector."""
    depth, angle = rng.uniform(0.25, 0.85) * sector.depth_mm, rng.uniform(-0.75, 0.75) * sector.half_angle
    row, column = pixel_of(sector, float(depth), float(angle))
    return float(row), float(column)


def _two_places(rng: np.random.Generator, canvas: Canvas, sector: Sector, number: int) -> tuple[Place, Place] | None:
    """Ends of a distance: the first as long as a kidney, the second across."""
    for _ in range(8):
        row, column = _inside(rng, sector)
        half_mm, angle = rng.uniform(20, 62) / (1 + number), rng.uniform(-0.5, 0.5) + number * math.pi / 2
        down = half_mm * math.sin(angle) / sector.spacing_mm[0]
        right = half_mm * math.cos(angle) / sector.spacing_mm[1]
        ends = (row - down, column - right), (row + down, column + right)
        if all(_covers(canvas, end) for end in ends):
            return ends
    return None


def _covers(canvas: Canvas, place: Place) -> bool:
    """Whether a place lies in the sector."""
    row, column = round(place[0]), round(place[1])
    rows, columns = canvas.sector.shape
    return bool(0 <= row < rows and 0 <= column < columns and canvas.sector[row, column])


def _dashes(canvas: Canvas, ends: tuple[Place, Place], ink: Colour, rhythm: tuple[int, int]) -> None:
    """A line of strokes; `rhythm` is their length and their distance in pixels."""
    (row, column), (row_end, column_end) = ends
    length = max(1.0, math.hypot(row_end - row, column_end - column))
    down, right = (row_end - row) / length, (column_end - column) / length
    for start in np.arange(0, length, rhythm[1]):
        stop = min(start + rhythm[0] - 1, length)
        canvas.pen.line(
            (column + start * right, row + start * down, column + stop * right, row + stop * down), fill=ink
        )


def _cross(canvas: Canvas, place: Place, size: float, look: tuple[str, Colour]) -> None:
    """The mark at the end of a distance."""
    (row, column), (shape, ink), pen = place, look, canvas.pen
    match shape:
        case "plus":
            pen.line((column - size, row, column + size, row), fill=ink)
            pen.line((column, row - size, column, row + size), fill=ink)
        case "cross":
            pen.line((column - size, row - size, column + size, row + size), fill=ink)
            pen.line((column - size, row + size, column + size, row - size), fill=ink)
        case "dots":
            _dashes(canvas, ((row, column - size), (row, column + size)), ink, (1, 2))
            _dashes(canvas, ((row - size, column), (row + size, column)), ink, (1, 2))
        case _:
            pen.rectangle((column - size / 2, row - size / 2, column + size / 2, row + size / 2), outline=ink)


def _arrow(canvas: Canvas, tip: Place, angle: float, ink: Colour) -> None:
    """A short arrow that ends at `tip`."""
    row, column = tip
    back = row - 22 * math.sin(angle), column - 22 * math.cos(angle)
    canvas.pen.line((back[1], back[0], column, row), fill=ink, width=2)
    for turn in (-0.5, 0.5):
        canvas.pen.line(
            (column - 7 * math.cos(angle + turn), row - 7 * math.sin(angle + turn), column, row), fill=ink, width=2
        )
