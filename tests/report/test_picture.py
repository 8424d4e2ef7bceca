"""The picture a reader sees."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from measured import failed_image, measured_image
from PIL import ImageFont

from hri_node.measure.types import Caution, Reason
from hri_node.records import MeasuredImage
from hri_node.report import codes, picture
from hri_node.report.picture import DISCLAIMER, overlay
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI


def drawn(image: MeasuredImage) -> np.ndarray:
    """Return the picture of `image`."""
    return overlay(image.frame, image.masks, image.result)


def beside(image: MeasuredImage) -> np.ndarray:
    """Return its panel."""
    return drawn(image)[:, image.frame.pixels.shape[1] :]


@pytest.mark.parametrize(("rows", "columns"), [(480, 640), (960, 1280), (240, 320), (200, 900)])
def test_frame_keeps_its_size(tmp_path: Path, rows: int, columns: int) -> None:
    """The frame is shown pixel for pixel at the top left, grey where nothing is drawn."""
    image = measured_image(tmp_path, rows=rows, columns=columns)

    shown = drawn(image)[:rows, :columns]

    untouched = (shown == image.frame.pixels[..., np.newaxis]).all(axis=-1)
    assert untouched.mean() > 0.98
    assert drawn(image).shape[0] >= rows
    assert drawn(image).shape[1] > columns


@pytest.mark.parametrize("structure", [LIVER, KIDNEY])
def test_outline_is_the_border_of_the_organ(tmp_path: Path, structure: picture.Structure) -> None:
    """An organ is outlined by its own outermost pixels."""
    image = measured_image(tmp_path)

    coloured = (drawn(image)[:, :640] == structure.rgb).all(axis=-1)

    assert coloured.any()
    assert not coloured[~structure.mask(image.masks)].any()


@pytest.mark.parametrize(("structure", "region"), [(LIVER_ROI, "liver"), (CORTEX_ROI, "renal_cortex")])
def test_window_is_framed_from_outside(tmp_path: Path, structure: picture.Structure, region: str) -> None:
    """A window's frame touches its pixels and covers none."""
    image = measured_image(tmp_path)
    box = getattr(image.result, region)["window"]
    top, left, bottom, right = box["row"], box["column"], box["row"] + box["rows"], box["column"] + box["columns"]

    coloured = (drawn(image)[:, :640] == structure.rgb).all(axis=-1)

    assert coloured[top - 1, left:right].all()
    assert coloured[bottom, left:right].all()
    assert coloured[top:bottom, left - 1].all()
    assert coloured[top:bottom, right].all()
    assert not coloured[top:bottom, left:right].any()


def test_panel_shows_the_index(tmp_path: Path) -> None:
    """Another index is another panel; an index that rounds to the same two decimals is the same."""
    panels = [beside(measured_image(tmp_path, result_hri=value)) for value in (1.51, 1.52, 1.512)]

    assert not np.array_equal(panels[0], panels[1])
    assert np.array_equal(panels[0], panels[2])


def test_drawing_twice_gives_the_same(tmp_path: Path) -> None:
    """The picture is a function of its input."""
    image = measured_image(tmp_path, result_warnings=("roi_shrunk",))

    assert np.array_equal(drawn(image), drawn(image))


def test_failure_is_drawn(tmp_path: Path) -> None:
    """A frame without index shows nothing on the image and its reason beside it."""
    image = failed_image(tmp_path, "no_kidney")
    other = replace(image, result=replace(image.result, reasons=("no_liver",)))

    assert np.array_equal(drawn(image)[:, :640, 0], image.frame.pixels)
    assert not np.array_equal(beside(image), beside(other))


def test_many_cautions_stay_above_the_foot(tmp_path: Path) -> None:
    """However many cautions there are, the foot of the panel stays as it is."""
    few, many = (
        beside(measured_image(tmp_path, result_warnings=tuple(found.value for found in cautions)))
        for cautions in ([], list(Caution))
    )

    assert np.array_equal(few[-50:], many[-50:])


@pytest.mark.parametrize(
    "text", [DISCLAIMER, *(code.meaning for code in (*codes.REASONS.values(), *codes.CAUTIONS.values()))]
)
def test_font_has_every_character(text: str) -> None:
    """Pillow's own font draws every character of the panel's texts instead of its empty box."""
    font = ImageFont.load_default(20)
    missing = bytes(font.getmask("\uffff"))

    assert not [character for character in text if bytes(font.getmask(character)) == missing]


@pytest.mark.parametrize("reason", list(Reason))
def test_text_stays_in_the_panel(tmp_path: Path, reason: Reason) -> None:
    """No text runs off the right border."""
    assert not beside(failed_image(tmp_path, reason.value))[:, -4:].any()
