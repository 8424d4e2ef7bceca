"""The picture of the sector comes in; the screen with what surrounds and covers it goes out."""

import numpy as np
from PIL import Image
from scipy.ndimage import binary_closing

from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import Sector
from hri_node.phantom.screen.canvas import Bools, Bytes, Canvas, Screen
from hri_node.phantom.screen.chrome import (
    draw_backdrop,
    draw_bar,
    draw_blocks,
    draw_header,
    draw_logo,
    draw_panels,
    draw_stamp,
)
from hri_node.phantom.screen.flow import draw_colour_box
from hri_node.phantom.screen.marks import (
    draw_annotation,
    draw_biopsy_guide,
    draw_body_mark,
    draw_calipers,
    draw_ecg,
    draw_roi_boxes,
)
from hri_node.phantom.screen.scale import draw_orientation, draw_ruler
from hri_node.phantom.screen.style import Style
from hri_node.phantom.screen.tint import tinted


def furnish(rng: np.random.Generator, grey: Floats, sector: Sector, style: Style) -> Screen:
    """The picture with everything that a scanner of this style shows.

    Parameters
    ----------
    rng
        Where chance comes from.
    grey
        Levels 0..255, shape (480, 640), 0 outside the sector (and outside a second picture beside it, if there is one).
    sector
        Where the picture lies, already flipped (`Style.flip`) or stretched if it is.
    style
        What to show, and how.

    Returns
    -------
    Screen
        Pixels, their colour where there is any, and what is covered.
    """
    picture = np.clip(np.round(grey), 0, 255).astype(np.uint8)
    canvas = Canvas(_coloured(picture, style), _occupied(picture, sector))
    canvas.pixel_font = style.layout.pixel_font
    draw_backdrop(canvas, style)
    draw_panels(rng, canvas, style, picture)
    draw_header(canvas, style)
    draw_stamp(rng, canvas, style.ink)
    draw_logo(rng, canvas, style)
    draw_ruler(rng, canvas, sector, style)
    draw_blocks(rng, canvas, style, sector.depth_mm)
    draw_bar(rng, canvas, style)
    draw_orientation(rng, canvas, sector, style)
    _draw_over(rng, canvas, sector, style)
    return canvas.screen()


def _draw_over(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """What users add; the flow first, so that marks lie over it."""
    if style.shows("colour_box"):
        draw_colour_box(rng, canvas, sector, style)
    if style.shows("biopsy_guide"):
        draw_biopsy_guide(rng, canvas, sector, style)
    if style.shows("ecg"):
        draw_ecg(rng, canvas, style)
    if style.shows("body_mark"):
        draw_body_mark(rng, canvas, style)
    if style.shows("calipers"):
        draw_calipers(rng, canvas, sector, style)
    if style.shows("roi_boxes"):
        draw_roi_boxes(rng, canvas, sector, style)
    if style.shows("annotation"):
        draw_annotation(rng, canvas, sector, style)


def _coloured(picture: Bytes, style: Style) -> Image.Image:
    """The picture in the colour of its grey map."""
    if style.tint:
        return Image.fromarray(tinted(picture, style.tint, style.tint_strength))
    return Image.fromarray(picture).convert("RGB")


def _occupied(picture: Bytes, sector: Sector) -> Bools:
    """The sector, and a second picture beside it where there is one."""
    _, _, inside = sector.beams()
    beside = (picture > 0) & ~inside
    if beside.sum() > 500:  # noqa: PLR2004 - pixels; a few are rounding at the sector's border
        inside = inside | binary_closing(beside, np.ones((7, 7)))
    return np.asarray(inside, np.bool_)
