"""A kind of screen that is no B-mode view comes in; such a screen, for the view check to refuse, goes out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy.ndimage import map_coordinates

from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import COLUMNS, ROWS, Sector
from hri_node.phantom.screen.canvas import Bytes, Canvas, Screen
from hri_node.phantom.screen.chrome import draw_blocks, draw_stamp
from hri_node.phantom.screen.export import finish
from hri_node.phantom.screen.furniture import furnish
from hri_node.phantom.screen.strips import draw_strip
from hri_node.phantom.screen.style import Style, draw_style
from hri_node.phantom.screen.warp import IDENTITY, Warp, fitted

HALVES = (fitted(0.5, 0.5, (0.5, 0.0)), fitted(0.5, 0.5, (0.5, 1.0)))
"""Two pictures side by side on one screen."""

QUARTERS = tuple(fitted(0.48, 0.48, middle) for middle in ((0.02, 0.02), (0.02, 0.98), (0.98, 0.02), (0.98, 0.98)))
"""Four pictures on one screen."""

RIM = 0.94
"""Middle of the fat under the skin, as a share of a body's radius."""

REPORT = ("Liver length", "R kidney L", "R kidney W", "L kidney L", "CBD", "Portal vein", "Spleen", "Aorta", "Volume")
"""What a report page lists."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Grey levels of a sector on the screen, and where it lies."""

    grey: Floats
    sector: Sector


def other_screen(rng: np.random.Generator, kind: str, picture: Picture | None = None) -> Screen:
    """A screen of one kind.

    Parameters
    ----------
    rng
        Where chance comes from.
    kind
        One of `KINDS`.
    picture
        What pictures on the screen show; without it, layers of speckle that resemble no organ.

    Returns
    -------
    Screen
        Furnished and exported as a B-mode screen would be.
    """
    style = replace(draw_style(rng), flip=IDENTITY)
    return finish(rng, KINDS[kind](rng, picture or stand_in(rng), style), style)


def side_by_side(first: Picture, second: Picture) -> tuple[Picture, Picture]:
    """A split screen: both pictures at half their size on one screen, each with its own sector."""
    sectors = [half.sector(one.sector) for half, one in zip(HALVES, (first, second), strict=True)]
    grey = _together([first.grey, second.grey], HALVES)
    return Picture(grey, sectors[0]), Picture(grey, sectors[1])


def stand_in(rng: np.random.Generator) -> Picture:
    """A sector full of layers and speckle, without any organ."""
    half_angle, radius_mm, depth_mm = (
        float(rng.uniform(0.5, 0.75)),
        float(rng.uniform(35, 60)),
        float(rng.uniform(100, 180)),
    )
    row_mm = (radius_mm * (1 - np.cos(half_angle)) + depth_mm) / (0.88 * ROWS)
    apex_row = 0.07 * ROWS - radius_mm * np.cos(half_angle) / row_mm
    sector = Sector(float(apex_row), COLUMNS / 2, radius_mm, depth_mm, half_angle, (float(row_mm), float(row_mm)))
    depth, angle, inside = sector.beams()
    levels = 18 * smooth_noise(rng, (300, 160), (24, 60)) + 12 * smooth_noise(rng, (300, 160), (60, 20))
    levels += rng.uniform(40, 90) - np.linspace(0, 50, 300)[:, None] + 14 * smooth_noise(rng, (300, 160), (2, 3))
    rows, columns = depth[inside] * (299 / depth_mm), (angle[inside] / half_angle + 1) * 79.5
    grey = np.zeros(inside.shape, np.float32)
    grey[inside] = np.clip(map_coordinates(levels.astype(np.float32), [rows, columns], order=1, mode="nearest"), 0, 255)
    return Picture(grey, sector)


def _black(rng: np.random.Generator, _picture: Picture, style: Style) -> Screen:
    """Nothing, or nearly: a frozen probe in the air, an empty page."""
    noise = rng.integers(0, rng.integers(1, 5), (ROWS, COLUMNS), dtype=np.uint8)
    canvas = _empty_canvas(noise)
    draw_stamp(rng, canvas, style.ink)
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them still name the object
        draw_blocks(rng, canvas, style, 150.0)
    return canvas.screen()


def _text_report(rng: np.random.Generator, _picture: Picture, style: Style) -> Screen:
    """A page of results in two or three columns."""
    ground = int(rng.choice([0, 20, 60, 225]))
    canvas = _empty_canvas(np.full((ROWS, COLUMNS), ground, np.uint8))
    ink = (20, 20, 30) if ground > 200 else style.ink  # noqa: PLR2004 - a white page
    draw_stamp(rng, canvas, ink)
    canvas.write((30, 40), "ABDOMEN REPORT", ink, 16)
    canvas.pen.line((30, 54, COLUMNS - 30, 54), fill=ink)
    letters = int(rng.integers(10, 14))
    for row, word in zip(range(70, 440, letters + int(rng.integers(5, 16))), rng.permutation(REPORT * 3), strict=False):
        canvas.write((row, 40), str(word), ink, letters)
        for column in (260, 360, 460)[: int(rng.integers(1, 4))]:
            canvas.write((row, column), f"{rng.uniform(0.4, 14):.2f} cm", ink, letters)
    return canvas.screen()


def _m_mode(rng: np.random.Generator, picture: Picture, style: Style) -> Screen:
    """A small picture above a strip whose columns are moments: motion or flow."""
    top = fitted(0.45, 0.45, (0.0, 0.5))
    moved = Picture(top.apply(picture.grey), top.sector(picture.sector))
    screen = furnish(rng, moved.grey, moved.sector, _calm(style))
    image = Image.fromarray(screen.pixels if screen.colour is None else screen.colour).convert("RGB")
    canvas = Canvas(image, np.zeros((ROWS, COLUMNS), np.bool_))
    draw_strip(rng, canvas, style)
    below = canvas.screen()
    return replace(below, overlay=below.overlay | screen.overlay)


def _four_up(rng: np.random.Generator, picture: Picture, style: Style) -> Screen:
    """Four pictures, two by two."""
    pictures = [picture.grey, picture.grey[:, ::-1], stand_in(rng).grey, picture.grey]
    grey = _together([pictures[int(index)] for index in rng.permutation(4)], QUARTERS)
    return furnish(rng, grey, QUARTERS[0].sector(picture.sector), _calm(style))


def _elastography(rng: np.random.Generator, picture: Picture, style: Style) -> Screen:
    """A stiffness map laid over part of the sector, with its bar."""
    style = _calm(style)
    screen = furnish(rng, picture.grey, picture.sector, style)
    image = np.array(Image.fromarray(screen.pixels if screen.colour is None else screen.colour).convert("RGB"))
    depth, angle, inside = picture.sector.beams()
    near, left = rng.uniform(0.15, 0.4) * picture.sector.depth_mm, rng.uniform(-0.7, 0) * picture.sector.half_angle
    box = inside & (depth > near) & (depth < near + 0.4 * picture.sector.depth_mm)
    box &= (angle > left) & (angle < left + 0.8 * picture.sector.half_angle)
    stiffness = 0.45 + 0.2 * smooth_noise(rng, (ROWS, COLUMNS), (40, 40))
    image[box] = 0.45 * image[box] + 0.55 * _rainbow(stiffness[box])
    bar = _rainbow(np.linspace(1, 0, 110, dtype=np.float32)[:, None].repeat(10, axis=1)).astype(np.uint8)
    image[60:170, COLUMNS - 40 : COLUMNS - 30] = bar
    grey = np.asarray(Image.fromarray(image).convert("L"))
    overlay = screen.overlay | box
    overlay[60:170, COLUMNS - 40 : COLUMNS - 30] = True
    return Screen(grey, image, overlay)


def _colour_doppler(rng: np.random.Generator, picture: Picture, style: Style) -> Screen:
    """A B-mode picture with a box of flow."""
    return furnish(rng, picture.grey, picture.sector, replace(style, furniture=style.furniture | {"colour_box"}))


def _slice(rng: np.random.Generator, _picture: Picture, style: Style) -> Screen:
    """A slice through a body as another modality shows it: an outline, bones, smooth organs, a scale at the side."""
    rows, columns = np.mgrid[-1 : 1 : ROWS * 1j, -1.33 : 1.33 : COLUMNS * 1j].astype(np.float32)
    size = rng.uniform(0.6, 0.85)
    warped = np.hypot(columns / 1.35, rows) / size + 0.03 * smooth_noise(rng, (ROWS, COLUMNS), (90, 90))
    grey = np.where(warped < 1, rng.uniform(60, 110), 0) - np.where(np.abs(warped - RIM) < 1 - RIM, 40, 0)
    for _ in range(int(rng.integers(4, 9))):
        row, column = rng.uniform(-0.6, 0.6, 2) * size
        organ = np.hypot((columns - column) / rng.uniform(0.1, 0.45), (rows - row) / rng.uniform(0.1, 0.35)) < 1
        grey = np.where(organ & (warped < 2 * RIM - 1), rng.uniform(20, 190), grey)
    grey = np.where(np.hypot(columns, rows - 0.6 * size) < 0.12 * size, 240, grey)
    noisy = np.where(warped < 1, grey + 5 * smooth_noise(rng, (ROWS, COLUMNS), (2, 2)), grey)
    canvas = _empty_canvas(np.clip(noisy, 0, 255).astype(np.uint8))
    draw_stamp(rng, canvas, style.ink)
    draw_blocks(rng, canvas, style, 300.0)
    return canvas.screen()


def _dual(rng: np.random.Generator, picture: Picture, style: Style) -> Screen:
    """Two pictures side by side, the left one with marks."""
    left, _ = side_by_side(picture, stand_in(rng) if rng.random() < 0.5 else picture)  # noqa: PLR2004 - one in two
    return furnish(rng, left.grey, left.sector, style)


def _calm(style: Style) -> Style:
    """Without marks that a user lays over a B-mode picture."""
    return replace(style, furniture=style.furniture & {"text", "logo", "bar", "mark"})


def _empty_canvas(ground: Bytes) -> Canvas:
    """A canvas without a sector."""
    return Canvas(Image.fromarray(ground).convert("RGB"), np.zeros((ROWS, COLUMNS), np.bool_))


def _together(pictures: list[Floats], places: tuple[Warp, ...]) -> Floats:
    """Several pictures on one screen, each in its place."""
    moved = [place.apply(np.ascontiguousarray(grey)) for place, grey in zip(places, pictures, strict=True)]
    return np.asarray(np.maximum.reduce(moved), np.float32)


def _rainbow(share: Floats) -> Floats:
    """Blue, green, red for 0, one half, 1."""
    hue = np.clip(share, 0, 1)[..., None]
    peaks = np.array([1.0, 0.5, 0.0], np.float32)
    return np.asarray(255 * np.clip(1.4 - 2.4 * np.abs(hue - peaks), 0, 1), np.float32)


KINDS: dict[str, Callable[[np.random.Generator, Picture, Style], Screen]] = {
    "text_report": _text_report,
    "m_mode": _m_mode,
    "black": _black,
    "four_up": _four_up,
    "elastography": _elastography,
    "colour_doppler": _colour_doppler,
    "dual": _dual,
    "slice": _slice,
}
"""Screens that are no B-mode view of one region."""
