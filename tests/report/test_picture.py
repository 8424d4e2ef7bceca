"""The picture a reader sees."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from measured import failed_image, measured_image
from scipy.ndimage import binary_erosion

from hri_node.measure.types import Caution, Reason
from hri_node.records import Frame, MeasuredImage, PriorIndex
from hri_node.report import panel
from hri_node.report.panel import AMBER, GREY, SAND, WHITE, Beside
from hri_node.report.picture import PANEL_COLOUR, overlay
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI, STRUCTURES, Structure
from hri_node.report.typesetting import MARGIN, PANEL_WIDTH, ROWS_MAX, WIDTH

SIZES = [(480, 640), (960, 1280), (1080, 1920), (240, 320), (200, 900), (800, 600)]

BESIDE = Beside(
    patient=("Hong, Gildong", "洪 吉洞", "홍 길동", "قباني، لنزار", "ID 1", "Born 1960-02-29"),
    image="Image 3, frame 12",
    study_date="20250102",
    priors=(
        PriorIndex("1.2", "20230512", "", 1.31, "icnet 1.0.0"),
        PriorIndex("1.3", "20240902", "", 1.4, "icnet 0.9"),
    ),
)


def drawn(image: MeasuredImage, beside: Beside = BESIDE) -> np.ndarray:
    """Return the picture of `image`."""
    return overlay(image.frame, image.masks, image.result, beside)


def panel_of(image: MeasuredImage, beside: Beside = BESIDE) -> np.ndarray:
    """Return its panel."""
    return drawn(image, beside)[:, image.frame.pixels.shape[1] :]


def speckled(image: MeasuredImage) -> MeasuredImage:
    """Return it with pixels of all grey levels, so that a line shows wherever it is."""
    levels = np.random.default_rng(0).integers(0, 256, image.frame.pixels.shape, np.uint8)
    return replace(image, frame=Frame(levels, 1, (0.3, 0.3)))


def frame_of_window(shape: tuple[int, int], window: dict[str, int], width: int) -> np.ndarray:
    """Return the pixels around a window, `width` of them on each side."""
    top, left, bottom, right = (
        window["row"], window["column"], window["row"] + window["rows"], window["column"] + window["columns"],
    )  # fmt: skip
    around = np.zeros(shape, np.bool_)
    around[max(0, top - width) : bottom + width, max(0, left - width) : right + width] = True
    around[top:bottom, left:right] = False
    return around


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_nothing_but_lines_covers_anatomy(tmp_path: Path, rows: int, columns: int) -> None:
    """The frame is there pixel for pixel, but for the borders of its organs and what stands around its ROIs."""
    image = speckled(measured_image(tmp_path, rows=rows, columns=columns))
    scale = max(1.0, columns / (WIDTH - PANEL_WIDTH))
    lines = np.zeros((rows, columns), np.bool_)
    for mask in (image.masks.liver, image.masks.kidney):
        lines |= mask & ~binary_erosion(mask, iterations=max(1, round(0.75 * scale)))
    for region in (image.result.liver, image.result.renal_cortex):
        lines |= frame_of_window((rows, columns), region["window"], max(2, round(1.5 * scale)) + 1)

    changed = (drawn(image)[:rows, :columns] != image.frame.pixels[..., np.newaxis]).any(axis=-1)

    assert changed.any()
    assert not changed[~lines].any()


@pytest.mark.parametrize("reason", list(Reason))
def test_nothing_covers_the_frame_of_a_failure(tmp_path: Path, reason: Reason) -> None:
    """A frame in which nothing was found is shown as it is."""
    image = speckled(failed_image(tmp_path, reason.value))

    assert np.array_equal(drawn(image)[:480, :640], np.repeat(image.frame.pixels[..., np.newaxis], 3, axis=-1))


def test_window_at_the_border_stays_on_the_frame(tmp_path: Path) -> None:
    """What an ROI at the right border is framed by does not reach into the panel."""
    image = measured_image(tmp_path)
    window = image.result.liver["window"]
    moved = image.result.liver | {"window": window | {"column": 640 - window["columns"]}}
    at_border = replace(image, result=replace(image.result, liver=moved))

    assert np.array_equal(panel_of(at_border), panel_of(image))


@pytest.mark.parametrize("structure", [LIVER, KIDNEY])
def test_outline_is_the_border_of_the_organ(tmp_path: Path, structure: Structure) -> None:
    """An organ is outlined by its own outermost pixels."""
    image = measured_image(tmp_path)

    coloured = (drawn(image)[:480, :640] == structure.rgb).all(axis=-1)

    assert coloured.any()
    assert not coloured[~structure.mask(image.masks)].any()


@pytest.mark.parametrize(("structure", "region"), [(LIVER_ROI, "liver"), (CORTEX_ROI, "renal_cortex")])
def test_window_is_framed_from_outside(tmp_path: Path, structure: Structure, region: str) -> None:
    """A window's frame touches its pixels and covers none."""
    image = measured_image(tmp_path)
    window = getattr(image.result, region)["window"]

    coloured = (drawn(image)[:480, :640] == structure.rgb).all(axis=-1)

    assert coloured[frame_of_window((480, 640), window, 1)].all()
    assert not coloured[~frame_of_window((480, 640), window, 2)].any()


def test_panel_shows_the_index(tmp_path: Path) -> None:
    """Another index is another panel; an index that rounds to the same two decimals is the same."""
    panels = [panel_of(measured_image(tmp_path, result_hri=value), Beside()) for value in (1.51, 1.52, 1.512)]

    assert not np.array_equal(panels[0], panels[1])
    assert np.array_equal(panels[0], panels[2])


def test_failure_is_told(tmp_path: Path) -> None:
    """Another reason is another panel."""
    first, second = (panel_of(failed_image(tmp_path, reason)) for reason in ("no_kidney", "no_liver"))

    assert not np.array_equal(first, second)


@pytest.mark.parametrize(("rows", "columns"), SIZES)
@pytest.mark.parametrize("cautions", [0, 3, len(Caution)])
def test_text_keeps_to_the_panel(tmp_path: Path, rows: int, columns: int, cautions: int) -> None:
    """Whatever there is to say, the margins stay empty, and the picture is no taller than its frame or than 4:3."""
    warnings = tuple(caution.value for caution in list(Caution)[:cautions])
    image = measured_image(tmp_path, rows=rows, columns=columns, result_warnings=warnings)
    scale = max(1.0, columns / (WIDTH - PANEL_WIDTH))
    margin = MARGIN * scale - 3

    shown = panel_of(image)
    ink = (shown != PANEL_COLOUR).any(axis=-1)

    top = left = int(margin)
    bottom, right = len(ink) - top, ink.shape[1] - left
    assert ink[top:bottom, left:right].any()
    assert not ink[:top].any()
    assert not ink[bottom:].any()
    assert not ink[:, :left].any()
    assert not ink[:, right:].any()
    assert len(shown) <= max(rows, ROWS_MAX * scale + 1)


def test_foot_stays_in_its_place(tmp_path: Path) -> None:
    """However much is said above it, the foot of the panel is the same."""
    few = panel_of(measured_image(tmp_path))
    many = panel_of(measured_image(tmp_path, result_warnings=tuple(caution.value for caution in Caution)))

    assert np.array_equal(few[-60:], many[-60:])


@pytest.mark.parametrize("columns", [64, 320, 444, 640, 800, 1024, 1280, 1920, 2560])
def test_letters_can_be_read_640_pixels_wide(tmp_path: Path, columns: int) -> None:
    """The smallest letters, shown 640 pixels wide, are 11 pixels high or more; natively, too."""
    image = measured_image(tmp_path, rows=columns // 2, columns=columns)
    width = drawn(image).shape[1]
    size = round(panel.SMALL * max(1.0, columns / (WIDTH - PANEL_WIDTH)))

    assert width - columns == round(PANEL_WIDTH * max(1.0, columns / (WIDTH - PANEL_WIDTH)))
    assert size >= panel.SMALL == 11
    assert size * WIDTH / width > 10.7, "but for rounding"


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance of an sRGB colour, WCAG 2.1."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in np.array(colour) / 255
    ]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize(
    ("colour", "contrast"),
    [*((text, 7.0) for text in (WHITE, GREY, AMBER, SAND)), *((structure.rgb, 4.5) for structure in STRUCTURES)],
)
def test_contrast(colour: tuple[int, int, int], contrast: float) -> None:
    """Text stands out as WCAG 2.1 asks for at its highest level (AAA, 7:1), marks as it asks for text (AA, 4.5:1)."""
    assert (luminance(colour) + 0.05) / (luminance(PANEL_COLOUR) + 0.05) >= contrast


BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""What linear RGB looks like without one kind of cones, Machado, Oliveira and Fernandes 2009."""


@pytest.mark.parametrize("seen_by", BLINDNESS)
def test_colours_differ_for_every_eye(seen_by: str) -> None:
    """Liver and kidney, outlines and ROIs, are told apart whatever cones a reader lacks."""
    linear = np.array([structure.rgb for structure in STRUCTURES]) / 255
    seen = np.clip(
        np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
        @ np.transpose(BLINDNESS[seen_by]),
        0,
        1,
    )
    shown = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)

    distances = np.linalg.norm(shown[:, None] - shown[None], axis=-1)[np.triu_indices(4, 1)]

    assert distances.min() > 0.2, "of the 1.7 between black and white"
