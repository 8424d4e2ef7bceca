"""The coarse map of what is not background."""

import numpy as np
import pytest
from echoes import echoes
from PIL import Image, ImageDraw

from hri_node.measure.silhouette import silhouette_of
from hri_node.measure.types import Grey

PICTURE = echoes()
BARE = silhouette_of(PICTURE.pixels)


def on_ground(level: int) -> Grey:
    """The picture on a screen of another grey level."""
    return np.where(PICTURE.masks["sector"], PICTURE.pixels, level).astype(np.uint8)


@pytest.mark.parametrize("level", [0, 6, 16, 60])
def test_the_background_is_the_most_common_even_level(level: int) -> None:
    """Whatever grey the screen is, the sector stands out from it."""
    coarse = silhouette_of(on_ground(level))

    assert coarse.background == level
    assert np.mean(coarse.echo ^ BARE.echo) < 0.02


def test_furniture_is_no_echo() -> None:
    """Words, a grey bar, a ruler, and a bright panel leave the echoes as they are."""
    image = Image.fromarray(PICTURE.pixels)
    pen = ImageDraw.Draw(image)
    for row in range(30, 200, 14):
        pen.text((6, row), "FR 32 Hz  MI 1.2", fill=230)
    for row in range(40, 440, 14):
        pen.line((618, row, 626, row), fill=230)
    image.paste(Image.fromarray(np.linspace(255, 0, 120, dtype=np.uint8)[:, None].repeat(10, axis=1)), (600, 40))
    pen.rectangle((0, 440, 120, 479), fill=90)

    coarse = silhouette_of(np.asarray(image))

    assert len(coarse.pieces) == 1
    assert np.mean(coarse.echo ^ BARE.echo) < 0.01
    assert coarse.ink > BARE.ink


def test_a_frame_around_the_screen_is_no_echo() -> None:
    """White margins of an export are even, echoes are not."""
    framed = np.pad(PICTURE.pixels, 40, constant_values=255)

    coarse = silhouette_of(framed)

    assert coarse.background == 0
    assert coarse.echo[:, :8].sum() == 0
    assert coarse.echo.mean() == pytest.approx(BARE.echo.mean() * PICTURE.pixels.size / framed.size, rel=0.05)


@pytest.mark.parametrize(("columns", "step"), [(100, 2), (320, 2), (640, 4), (800, 6), (1920, 12)])
def test_blocks_grow_with_the_picture(columns: int, step: int) -> None:
    """At most 160 blocks side by side, of an even number of pixels."""
    coarse = silhouette_of(np.zeros((60, columns), np.uint8))

    assert coarse.step == step
    assert coarse.echo.shape == (-(-60 // step), -(-columns // step))
    assert not coarse.pieces
