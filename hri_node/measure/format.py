"""Pixels, their colour and the sector in; whether this is one B-mode picture, and if not what else it is, out."""

from enum import StrEnum

import numpy as np

from hri_node.measure.colour import COLOURED_MAX, TINTED_MIN
from hri_node.measure.fan import fit_fan
from hri_node.measure.sector import Sector
from hri_node.measure.sides import envelope_of, upright
from hri_node.measure.silhouette import Silhouette, silhouette_of
from hri_node.measure.types import Grey, Mask, Reason

WIDE_RATIO = 1.6
"""All echoes together this much wider than high may be two pictures side by side; one fan is hardly ever."""

SECOND_FRACTION = 0.3
"""A second piece this large beside or below the first is another picture."""

SAME_FRACTION = 0.5
"""A piece with this much of it inside the fan belongs to it: a dark band has cut it off."""

OWN_SEEN_MIN = 1.5
"""A picture of its own shows this much of a fan (see `Fan.seen`)."""

OWN_APEX = (0.15, 0.85)
"""Its apex lies between these parts of its width; the halves of one fan meet in their apex."""

FLAT_RATIO, FLAT_ROWS_MAX = 1.4, 0.65
"""A rectangle this much wider than high, on no more than this part of the screen's height, is a strip over time."""

STRIP_COLUMNS_MIN = 0.35
STRIP_ROWS_MIN = 0.12
"""Rows with so much of the picture's width in echo outside of the fan, and so many of them, are a strip over time."""

EVEN_FRACTION_MIN = 0.5
"""A page of text has one grey level on this part of it and no fan."""

INK_FRACTION_MIN = 0.03
"""A page of text has this part of its blocks in letters."""

LETTER_LEVELS, LETTER_FRACTION_MIN = 60, 0.02
"""This part of a page of text, outside of what may be a sector, is so far from the background; none of a black one."""

ECHO_LEVEL_MIN = 3.0
"""A sector whose mean is less far from black shows no echo."""

LINEAR_WIDTH_MM = 80.0
"""Linear probes are 25 to 65 mm wide; a wider rectangle is a picture that was cropped."""

MARGIN = 0.02
"""A linear probe's picture keeps this part of the screen's width free on both sides."""


class Cause(StrEnum):
    """What a picture is instead of one B-mode sector."""

    COLOUR = "colour"
    SEVERAL_PICTURES = "several_pictures"
    TIME_STRIP = "time_strip"
    TEXT_PAGE = "text_page"
    NO_ECHO = "no_echo"
    SMALL_SECTOR = "small_sector"
    LINEAR_PROBE = "linear_probe"

    @property
    def reason(self) -> Reason:
        """The reason code that stands for it in results."""
        nothing = self in {Cause.NO_ECHO, Cause.SMALL_SECTOR, Cause.LINEAR_PROBE}
        return Reason.NO_SECTOR if nothing else Reason.NOT_BMODE

    @property
    def sentence(self) -> str:
        """What a reader is told."""
        return SENTENCES[self]


SENTENCES = {
    Cause.COLOUR: "A part of the sector is in colour, as in Doppler or elastography pictures.",
    Cause.SEVERAL_PICTURES: "There are several pictures on the screen.",
    Cause.TIME_STRIP: "The screen shows an M-mode or spectral Doppler strip.",
    Cause.TEXT_PAGE: "The picture is a page of text.",
    Cause.NO_ECHO: "The picture shows no echoes.",
    Cause.SMALL_SECTOR: "The scanned sector is less than a tenth of the picture.",
    Cause.LINEAR_PROBE: "The scanned region is a rectangle, as of a linear probe; a convex probe is needed.",
}


def causes_of(pixels: Grey, sector: Sector, coloured: float) -> tuple[Cause, ...]:
    """What speaks against a single B-mode sector, the decisive cause first; empty for B-mode.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    sector
        What was found of the scanned region.
    coloured
        Part of the bright sector that is in colour, 0..1.
    """
    if not sector.found:
        return (_nothing(pixels, sector),)
    coarse = sector.coarse or silhouette_of(pixels)
    scanned = _blocks_of(sector.mask, coarse)
    rectangle = sector.fan is None and _upright(scanned)
    several = _several_fans(coarse)
    strip = not several and (_strip(coarse, scanned) or (rectangle and _flat(scanned)))
    found = {
        Cause.COLOUR: COLOURED_MAX < coloured < TINTED_MIN,
        Cause.SEVERAL_PICTURES: several or (_beside(coarse, scanned) and not strip),
        Cause.TIME_STRIP: strip,
        Cause.TEXT_PAGE: sector.fan is None and coarse.ink >= INK_FRACTION_MIN and _even(pixels),
        Cause.NO_ECHO: float(np.abs(pixels[sector.mask].astype(np.int16) - coarse.background).mean()) < ECHO_LEVEL_MIN,
        Cause.LINEAR_PROBE: rectangle and _free(scanned) and _narrow(scanned, sector, coarse.step),
    }
    return tuple(cause for cause, holds in found.items() if holds)


def format_reasons(pixels: Grey, sector: Sector, coloured: float) -> tuple[Reason, ...]:
    """The reason codes of `causes_of`, each once.

    Parameters
    ----------
    pixels, sector, coloured
        As for `causes_of`.
    """
    return tuple(dict.fromkeys(cause.reason for cause in causes_of(pixels, sector, coloured)))


def _nothing(pixels: Grey, sector: Sector) -> Cause:
    """Why there is no sector: a page of letters, a fan that is too small, or nothing at all."""
    background = sector.coarse.background if sector.coarse else 0
    bright = (np.abs(pixels[::4, ::4].astype(np.int16) - background) >= LETTER_LEVELS) & ~sector.mask[::4, ::4]
    if sector.fan is None and bright.mean() >= LETTER_FRACTION_MIN:
        return Cause.TEXT_PAGE
    return Cause.SMALL_SECTOR if sector.mask.any() else Cause.NO_ECHO


def _even(pixels: Grey) -> bool:
    """Whether one grey level takes half of the picture; every fourth pixel of every fourth row tells."""
    return bool(np.bincount(pixels[::4, ::4].ravel()).max() >= EVEN_FRACTION_MIN * pixels[::4, ::4].size)


def _blocks_of(mask: Mask, coarse: Silhouette) -> Mask:
    """A mask of the source at the middle of each block, as far as the source reaches."""
    rows, columns = (
        np.minimum(np.arange(blocks) * coarse.step + coarse.step // 2, size - 1)
        for blocks, size in zip(coarse.echo.shape, mask.shape, strict=True)
    )
    return mask[np.ix_(rows, columns)]


def _strip(coarse: Silhouette, scanned: Mask) -> bool:
    """Whether wide rows of echo lie below the sector."""
    lowest = np.flatnonzero(scanned.any(axis=1))
    outside = coarse.echo & ~scanned
    wide = outside.mean(axis=1) >= STRIP_COLUMNS_MIN
    # A fan's deepest echoes are not below its middle.
    wide[: (int(lowest[0]) + int(lowest[-1])) // 2] = False
    return bool(wide.mean() >= STRIP_ROWS_MIN)


def _several_fans(coarse: Silhouette) -> bool:
    """Whether pieces that lie apart, or else both halves of wide echoes, hold fans of their own."""
    first = coarse.pieces[0]
    large = [piece.box for piece in coarse.pieces if piece.area >= SECOND_FRACTION * first.area]
    if len(large) == 1:
        rows, columns = first.box
        if columns.stop - columns.start < WIDE_RATIO * (rows.stop - rows.start):
            return False
        middle = (columns.start + columns.stop) // 2
        large = [(rows, slice(columns.start, middle)), (rows, slice(middle, columns.stop))]
    return sum(_own_fan(coarse.echo[box]) for box in large) > 1


def _beside(coarse: Silhouette, scanned: Mask) -> bool:
    """Whether a large piece lies wholly beside or below the largest, and not in the same fan."""
    first = coarse.pieces[0]
    return any(
        other.area >= SECOND_FRACTION * first.area
        and any(_apart(*sides) for sides in zip(first.box, other.box, strict=True))
        and scanned[coarse.labels == other.label].mean() < SAME_FRACTION
        for other in coarse.pieces[1:]
    )


def _apart(one: slice, other: slice) -> bool:
    return bool(one.stop <= other.start or other.stop <= one.start)


def _own_fan(echo: Mask) -> bool:
    """Whether the echoes of one box show much of a fan whose apex is not at the box's sides."""
    # An empty rim, so that the cut is not taken for the picture's border.
    fan = fit_fan(np.pad(echo, 1), (1.0, 1.0))
    return fan is not None and fan.seen >= OWN_SEEN_MIN and OWN_APEX[0] <= fan.apex_mm[1] / echo.shape[1] <= OWN_APEX[1]


def _upright(scanned: Mask) -> bool:
    """Whether the scanned region is an upright rectangle."""
    outline = envelope_of(scanned, (1.0, 1.0))
    return upright(outline.left, 1.0) and upright(outline.right, 1.0)


def _flat(scanned: Mask) -> bool:
    """Whether the scanned region is much wider than high, and not all of the picture."""
    rows, columns = (np.ptp(np.flatnonzero(scanned.any(axis=axis))) + 1 for axis in (1, 0))
    return bool(columns >= FLAT_RATIO * rows and rows <= FLAT_ROWS_MAX * len(scanned))


def _free(scanned: Mask) -> bool:
    """Whether the screen shows on both sides of the scanned region."""
    columns, margin = np.flatnonzero(scanned.any(axis=0)), MARGIN * scanned.shape[1]
    return bool(columns[0] >= margin and columns[-1] < scanned.shape[1] - margin)


def _narrow(scanned: Mask, sector: Sector, step: int) -> bool:
    """Whether the scanned region is no wider than a linear probe, or its width is not known."""
    width_mm = np.ptp(np.flatnonzero(scanned.any(axis=0))) * step * sector.spacing_mm[1]
    return bool(sector.spacing_mm == (1.0, 1.0) or width_mm <= LINEAR_WIDTH_MM)
