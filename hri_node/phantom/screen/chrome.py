"""A canvas and a style come in; what frames the picture (panels, header, logo, text, grey bar) is drawn on it."""

import numpy as np
from PIL import Image

from hri_node.phantom.geometry import COLUMNS, ROWS
from hri_node.phantom.screen.canvas import Bytes, Canvas
from hri_node.phantom.screen.layout import Block
from hri_node.phantom.screen.style import Colour, Style
from hri_node.phantom.screen.tint import tinted
from hri_node.phantom.screen.words import LOGOS, lines_of

MARGIN = 10
"""Pixels between the sector and a box around it."""

GAP = 16
"""Pixels between words in a row."""

CONTRAST = 80
"""Grey levels between letters and their ground."""

PANEL_MIN = 30
"""A panel narrower than this is left away."""

STAMPS = ((0, 0.5), (0, 0.99), (0, 0.0), (0.97, 0.99), (0.97, 0.0))
"""Places of the words that no phantom lacks."""


def draw_backdrop(canvas: Canvas, style: Style) -> None:
    """The grey of the screen around the picture, or around a black box that holds the picture."""
    if not style.backdrop:
        return
    around = ~canvas.sector
    if style.layout.boxed:
        rows, columns = np.flatnonzero(canvas.sector.any(axis=1)), np.flatnonzero(canvas.sector.any(axis=0))
        if len(rows):
            around[max(0, rows[0] - MARGIN) : rows[-1] + MARGIN, max(0, columns[0] - MARGIN) : columns[-1] + MARGIN] = (
                False
            )
    canvas.image.paste((style.backdrop,) * 3, mask=Image.fromarray(around.astype(np.uint8) * 255))


def draw_panels(rng: np.random.Generator, canvas: Canvas, style: Style, picture: Bytes) -> None:
    """Menus and stored pictures at the sides, as wide as the sector leaves room for."""
    if not style.shows("panels"):
        return
    for side, width in style.layout.panels:
        room = _free_width(canvas, side)
        if min(width, room) < PANEL_MIN:
            continue
        strip = _strip(side, min(width, room))
        shade = int(np.clip(style.backdrop + rng.integers(-18, 40), 12, 230))
        canvas.pen.rectangle((strip[1], strip[0], strip[3] - 1, strip[2] - 1), fill=(shade,) * 3)
        if side == "left":
            _menu(rng, canvas, style, (strip, shade))
        else:
            _thumbnails(canvas, strip, picture)
        canvas.take((strip[0], strip[1]), (strip[2] - strip[0], strip[3] - strip[1]))


def draw_header(canvas: Canvas, style: Style) -> None:
    """A band at the top, as high as the sector leaves room for."""
    rows = np.flatnonzero(canvas.sector.any(axis=1))
    height = min(style.layout.header, int(rows[0]) - 1 if len(rows) else ROWS)
    if height >= 12:  # noqa: PLR2004 - pixels, a line of text
        shade = min(230, style.backdrop + 25)
        canvas.pen.rectangle((0, 0, COLUMNS - 1, height - 1), fill=(shade,) * 3)


def draw_logo(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """An invented name in a shape."""
    place = style.layout.logo
    if place is None or not style.shows("logo"):
        return
    word, letters = str(rng.choice(LOGOS)), style.letters + int(rng.integers(1, 6))
    height, width = canvas.size(word, letters)
    found = canvas.find((height + 6, width + 12), (place[0] * ROWS, place[1] * COLUMNS))
    if found is None:
        return
    box = (found[1], found[0], found[1] + width + 10, found[0] + height + 4)
    shape = rng.integers(0, 3)
    if shape == 0:
        canvas.pen.rounded_rectangle(box, radius=4, outline=style.accent)
    elif shape == 1:
        canvas.pen.rounded_rectangle(box, radius=3, fill=tuple(channel // 3 for channel in style.accent))
    else:
        canvas.pen.line((box[0], box[3], box[2], box[3]), fill=style.accent, width=2)
    canvas.write((found[0] + 2, found[1] + 6), word, legible(canvas, found, style.ink), letters)


def draw_blocks(rng: np.random.Generator, canvas: Canvas, style: Style, depth_mm: float) -> None:
    """The family's blocks of text."""
    for block in style.layout.blocks if style.shows("text") else ():
        count = int(rng.integers(block.lines[0], block.lines[1] + 1))
        _write_block(canvas, style, block, lines_of(rng, block.words, count, depth_mm))


def _write_block(canvas: Canvas, style: Style, block: Block, lines: list[str]) -> None:
    """All lines where they belong or close by; where there is no room for all, the first of them."""
    while lines:
        sizes = [canvas.size(line, style.letters) for line in lines]
        if block.across:
            height, width = max(size[0] for size in sizes), sum(size[1] + GAP for size in sizes)
        else:
            height, width = sum(size[0] + 2 for size in sizes), max(size[1] for size in sizes)
        column = block.column * COLUMNS - (width if block.align == "right" else 0)
        place = canvas.find((height, width), (block.row * ROWS, column), reach=40)
        if place is not None:
            break
        lines = lines[:-1]
    else:
        return
    row, column = place
    for line, size in zip(lines, sizes, strict=True):
        left = column + width - size[1] if block.align == "right" and not block.across else column
        canvas.write((row, left), line, legible(canvas, (row, left), style.ink), style.letters)
        row, column = (row, column + size[1] + GAP) if block.across else (row + size[0] + 2, column)


def draw_bar(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """The grey map, white on top, in the map's own colour."""
    if style.layout.bar is None or not style.shows("bar"):
        return
    row, column, height, width = style.layout.bar
    height = int(height * rng.uniform(0.7, 1.5))
    place = canvas.find((height, width), (row * ROWS, column * COLUMNS), reach=140)
    if place is None:
        return
    levels = np.linspace(255, 0, height, dtype=np.uint8)[:, None].repeat(width, axis=1)
    bar = tinted(levels, style.tint, style.tint_strength) if style.tint else levels[..., None].repeat(3, axis=2)
    canvas.image.paste(Image.fromarray(bar), (int(place[1]), int(place[0])))
    if rng.random() < 0.3:  # noqa: PLR2004 - some have a frame
        box = (int(place[1]) - 1, int(place[0]) - 1, int(place[1]) + width, int(place[0]) + height)
        canvas.pen.rectangle(box, outline=style.ink)


def draw_stamp(rng: np.random.Generator, canvas: Canvas, ink: Colour) -> None:
    """What no phantom may lack: that it is one. Where no place is free it lies over the picture."""
    canvas.pixel_font, keep = False, canvas.pixel_font
    for lines in (("SYNTHETIC PHANTOM",), ("SYNTHETIC", "PHANTOM")):
        sizes = [canvas.size(line, 10) for line in lines]
        height, width = sum(size[0] for size in sizes), max(size[1] for size in sizes)
        first = STAMPS[int(rng.integers(0, len(STAMPS)))]
        place = canvas.find((height, width), (first[0] * ROWS, first[1] * COLUMNS), reach=np.inf)
        if place is not None:
            break
    else:
        place = (2.0, 2.0)
    for number, line in enumerate(lines):
        canvas.write((place[0] + number * sizes[0][0], place[1]), line, legible(canvas, place, ink), 10)
    canvas.pixel_font = keep


def legible(canvas: Canvas, place: tuple[float, float], ink: Colour) -> Colour:
    """The ink, or black or white where the ground is too much like it."""
    ground = canvas.image.getpixel((min(int(place[1]), COLUMNS - 1), min(int(place[0]), ROWS - 1)))
    assert isinstance(ground, tuple)
    level, own = (0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in (ground, ink))
    if abs(level - own) > CONTRAST:
        return ink
    return (15, 15, 20) if level > 110 else (225, 225, 225)  # noqa: PLR2004 - whichever is further away


def _free_width(canvas: Canvas, side: str) -> int:
    """Pixels between the edge of the screen and the sector."""
    used = np.flatnonzero(canvas.sector.any(axis=1 if side == "bottom" else 0))
    if not len(used):
        return COLUMNS // 4
    return int(used[0]) - 2 if side == "left" else (ROWS if side == "bottom" else COLUMNS) - int(used[-1]) - 3


def _strip(side: str, width: int) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of a panel."""
    if side == "bottom":
        return ROWS - width, 0, ROWS, COLUMNS
    return (0, 0, ROWS, width) if side == "left" else (0, COLUMNS - width, ROWS, COLUMNS)


def _menu(rng: np.random.Generator, canvas: Canvas, style: Style, panel: tuple[tuple[int, int, int, int], int]) -> None:
    """Buttons with words, one below the other."""
    (_, _, bottom, right), shade = panel
    height = style.letters + 9
    words = lines_of(rng, "soft_keys", 9, 0.0) + lines_of(rng, "settings", 9, 100.0)
    for row, word in zip(range(40, bottom - 60, height + 5), words, strict=False):
        face = max(0, shade - 12) if rng.random() < 0.8 else min(255, shade + 40)  # noqa: PLR2004 - few are pressed
        canvas.pen.rounded_rectangle((5, row, right - 6, row + height), radius=3, fill=(face,) * 3)
        if canvas.size(word, style.letters)[1] < right - 16:
            canvas.write((row + 3, 10), word, legible(canvas, (row + 1, 12), style.ink), style.letters)


def _thumbnails(canvas: Canvas, strip: tuple[int, int, int, int], picture: Bytes) -> None:
    """The picture itself, small, as pictures stored before."""
    top, left, bottom, right = strip
    down = bottom - top > right - left
    width = min(right - left, bottom - top) - 8
    small = Image.fromarray(picture).resize((width, int(width * 0.75)), Image.Resampling.BOX).convert("RGB")
    steps = range(30, (bottom if down else right) - width - 30, (small.height if down else width) + 6)
    for step in list(steps)[: 5 if down else 8]:
        canvas.image.paste(small, (left + 4, step) if down else (step, top + 4))
