"""Whether a picture is one B-mode sector, or what else it is."""

import numpy as np
import pytest
from echoes import echoes
from PIL import Image, ImageDraw

from hri_node.measure.format import Cause, causes_of, format_reasons
from hri_node.measure.sector import find_sector
from hri_node.measure.types import Grey, Reason

PICTURE = echoes()
RNG = np.random.default_rng(0)
SPECKLE = RNG.integers(30, 120, (480, 640)).astype(np.uint8)


def half(columns: int = 640) -> Grey:
    """The picture at half its size, in the middle of `columns`."""
    small: Grey = np.asarray(Image.fromarray(PICTURE.pixels).resize((320, 240)))
    beside = columns - 320
    return np.pad(small, ((0, 0), (beside // 2, beside - beside // 2)))


def text() -> Grey:
    """A page of results."""
    image = Image.new("L", (640, 480))
    pen = ImageDraw.Draw(image)
    for row in range(20, 460, 16):
        pen.text((30, row), "Liver length 14.2 cm   R kidney 10.8 cm   CBD 0.4 cm   Portal vein 1.1 cm", fill=240)
    return np.asarray(image)


def strip(level: int) -> Grey:
    """A small picture above a strip over time."""
    screen = np.vstack([half(), np.zeros((240, 640), np.uint8)])
    screen[260:440, 30:610] = SPECKLE[260:440, 30:610] if level else 0
    return screen


def linear() -> Grey:
    """A rectangle of echoes with free sides."""
    return np.where(np.pad(np.ones((400, 300), np.bool_), ((40, 40), (170, 170))), SPECKLE, 0).astype(np.uint8)


SCREENS = {
    "side by side": (np.pad(np.hstack([half(320)] * 2), ((120, 120), (0, 0))), Cause.SEVERAL_PICTURES),
    "touching": (np.pad(np.hstack([half(320)[:, 20:300]] * 2), ((120, 120), (40, 40))), Cause.SEVERAL_PICTURES),
    "one below the other": (np.vstack([half()] * 2), Cause.SEVERAL_PICTURES),
    "four": (np.vstack([np.hstack([half(320)] * 2)] * 2), Cause.SEVERAL_PICTURES),
    "strip": (strip(1), Cause.TIME_STRIP),
    "strip alone": (np.where(strip(1) * (np.arange(480) > 250)[:, None] > 0, SPECKLE, 0), Cause.TIME_STRIP),
    "text": (text(), Cause.TEXT_PAGE),
    "black": (np.zeros((480, 640), np.uint8), Cause.NO_ECHO),
    "small": (np.pad(half(), ((240, 0), (0, 640))), Cause.SMALL_SECTOR),
    "linear": (linear(), Cause.LINEAR_PROBE),
}


@pytest.mark.parametrize("name", SCREENS)
def test_other_screens_are_told(name: str) -> None:
    """Each kind of screen has its cause, and the reason code and sentence of that cause."""
    pixels, cause = SCREENS[name]

    found = causes_of(pixels, find_sector(pixels, None), 0.0)

    assert found[:1] == (cause,)
    assert found[0].reason in {Reason.NOT_BMODE, Reason.NO_SECTOR}
    assert found[0].sentence.endswith(".")


def banded() -> Grey:
    """A sector that a dark layer cuts in two."""
    pixels = PICTURE.pixels.copy()
    pixels[150:190] = 0
    return pixels


BMODE = {
    "plain": PICTURE.pixels,
    "cropped": echoes(fan=False).pixels,
    "shadow in the middle": echoes(wedge=(-8, 8)).pixels,
    "dark layer": banded(),
    "line of ECG": np.maximum(PICTURE.pixels, 200 * (np.abs(np.arange(480) - 465) < 2)[:, None]).astype(np.uint8),
    "small screen": strip(0),
}


@pytest.mark.parametrize("name", BMODE)
def test_one_sector_is_bmode(name: str) -> None:
    """Shadows, layers, marks and crops speak against nothing."""
    assert causes_of(BMODE[name], find_sector(BMODE[name], PICTURE.spacing_mm), 0.0) == ()


@pytest.mark.parametrize(("coloured", "causes"), [(0.0, ()), (0.03, ()), (0.4, (Cause.COLOUR,)), (1.0, ())])
def test_colour_is_no_bmode(coloured: float, causes: tuple[Cause, ...]) -> None:
    """A little colour is an overlay, much is Doppler, and all of it a tinted map."""
    assert causes_of(PICTURE.pixels, find_sector(PICTURE.pixels, None), coloured) == causes


def test_a_wide_rectangle_is_a_cropped_picture() -> None:
    """Where millimetres say that no linear probe is so wide, the rectangle is measured on."""
    assert causes_of(linear(), find_sector(linear(), (0.4, 0.4)), 0.0) == ()
    assert causes_of(linear(), find_sector(linear(), (0.15, 0.15)), 0.0) == (Cause.LINEAR_PROBE,)


def test_codes_are_given_once() -> None:
    """Two causes of the same kind are one reason."""
    pixels, _ = SCREENS["side by side"]

    assert format_reasons(pixels, find_sector(pixels, None), 0.4) == (Reason.NOT_BMODE,)
