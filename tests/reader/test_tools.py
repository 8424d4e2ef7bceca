"""Square, polygon and free-hand outlines, by mouse and by keyboard; undo, redo, delete; zoom and window."""

import numpy as np
import pytest
from marker import Marker, marker
from playwright.sync_api import Browser, expect
from reading import Reading
from study_made import SIZE, SPACING_MM

from hri_node.study.project.records import KeptMark, Organ, Shape

pytestmark = pytest.mark.peers

STROKE = 4.0
"""Pixels that the width of a line may add."""


def begun(reader: Marker, plain: Reading) -> None:
    """Session 1 of the pictures of two halves."""
    reader.enter(plain.link())
    reader.begin()


def kept(plain: Reading) -> dict[Organ, KeptMark]:
    """What counts on the first image."""
    return {each.mark.organ: each for each in plain.study.marks("R1", 1, plain.study.order("R1", 1)[0])}


def at(reader: Marker, column: float, row: float) -> tuple[float, float]:
    """Place on the page of a point of the fitted picture."""
    return reader.at((column, row), SIZE, SPACING_MM)


def drag(reader: Marker, *points: tuple[float, float], button: str = "left") -> None:
    """Press, go along points of the picture, let go."""
    places = [at(reader, *point) for point in points]
    reader.page.mouse.move(*places[0])
    reader.page.mouse.down(button=button)
    for place in places[1:]:
        reader.page.mouse.move(*place, steps=4)
    reader.page.mouse.up(button=button)


def click(reader: Marker, *points: tuple[float, float]) -> None:
    """Click on points of the picture, one after the other."""
    for point in points:
        reader.page.mouse.click(*at(reader, *point))


def test_a_square_is_15_mm_wide_and_high(chromium: Browser, plain: Reading) -> None:
    """Though pixels are twice as high as wide: 30 rows, 60 columns, and a square on the screen."""
    with marker(chromium, "square") as reader:
        begun(reader, plain)
        click(reader, (50, 60))
        box = reader.page.locator("#overlay .mark.liver").bounding_box()
        reader.saved()

    corners = np.array(kept(plain)[Organ.LIVER].mark.points)
    assert np.ptp(corners, axis=0).tolist() == [60, 30]
    assert corners.min(axis=0).tolist() == [20, 45]
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=STROKE)


def test_a_square_stays_within_the_image(chromium: Browser, plain: Reading) -> None:
    """Wherever it is dragged, and by keys."""
    with marker(chromium, "border") as reader:
        begun(reader, plain)
        click(reader, (50, 60))
        drag(reader, (50, 60), (-9, -9))
        reader.keys("Shift+ArrowLeft*3", "Shift+ArrowUp", "ArrowUp")
        reader.saved()

    assert kept(plain)[Organ.LIVER].mark.points[0] == (0, 0)


def test_a_mark_is_dragged_and_nudged(chromium: Browser, plain: Reading) -> None:
    """By whole pixels; the keys' steps are one step of undo."""
    with marker(chromium, "moved") as reader:
        begun(reader, plain)
        click(reader, (50, 60))
        drag(reader, (40, 55), (50, 65))
        reader.keys("ArrowRight*3", "Shift+ArrowDown")
        reader.saved()
        assert kept(plain)[Organ.LIVER].mark.points[0] == (33, 65)
        reader.keys("Control+z")
        reader.saved()
        assert kept(plain)[Organ.LIVER].mark.points[0] == (30, 55)
        reader.keys("Control+z", "Control+z")
        reader.saved()
        assert kept(plain) == {}
        reader.keys("Control+y", "Control+Shift+z")
        reader.saved()

    assert kept(plain)[Organ.LIVER].mark.points[0] == (30, 55)


def test_a_polygon_is_clicked_corner_by_corner(chromium: Browser, plain: Reading) -> None:
    """A double click closes it; a corner is dragged, another one removed."""
    with marker(chromium, "polygon") as reader:
        begun(reader, plain)
        reader.keys("p")
        click(reader, (20, 20), (80, 20), (80, 60))
        reader.keep("polygon line")
        reader.page.mouse.dblclick(*at(reader, 20, 60))
        reader.saved()
        corners = np.array(kept(plain)[Organ.LIVER].mark.points)
        assert corners == pytest.approx(np.array([(20, 20), (80, 20), (80, 60), (20, 60)]), abs=0.5)
        drag(reader, (80, 60), (90, 80))
        reader.saved()
        assert kept(plain)[Organ.LIVER].mark.points[2] == pytest.approx((90, 80), abs=0.5)
        reader.keys("v", "Delete")
        reader.saved()

    assert len(kept(plain)[Organ.LIVER].mark.points) == 3


def test_a_polygon_is_closed_at_its_first_corner_or_by_enter(chromium: Browser, plain: Reading) -> None:
    """And corners are taken back one by one before that."""
    with marker(chromium, "closed") as reader:
        begun(reader, plain)
        reader.keys("p")
        click(reader, (20, 20), (80, 20), (70, 50), (80, 60), (20, 20))
        click(reader, (110, 20), (180, 20), (180, 60), (110, 60))
        reader.keys("Backspace", "Control+z")
        click(reader, (150, 90))
        reader.keys("Enter")
        reader.saved()

    assert [len(each.mark.points) for each in kept(plain).values()] == [4, 3]
    assert {each.mark.shape for each in kept(plain).values()} == {Shape.POLYGON}


def test_a_line_by_hand_is_thinned(chromium: Browser, plain: Reading) -> None:
    """A circle of a hundred points needs fewer; its area stays."""
    angles = np.linspace(0, 2 * np.pi, 100)
    circle = [(50 + 40 * np.cos(angle), 60 + 20 * np.sin(angle)) for angle in angles]
    with marker(chromium, "freehand") as reader:
        begun(reader, plain)
        reader.keys("f")
        drag(reader, *circle)
        reader.saved()
        reader.page.get_by_role("button", name="Right renal cortex").click()
        drag(reader, (120, 30), (120.2, 30), (120, 30.2))
        expect(reader.page.locator("#notice")).to_contain_text("too small")

    mark = kept(plain)[Organ.LIVER]
    assert 12 <= len(mark.mark.points) <= 60
    assert mark.values.area_mm2 == pytest.approx(np.pi * 10 * 10, rel=0.03)


def test_outlines_by_keys_alone(chromium: Browser, plain: Reading) -> None:
    """A polygon corner by corner, and a pen that goes down, draws and goes up."""
    with marker(chromium, "keys") as reader:
        begun(reader, plain)
        reader.keys("p", "Shift+ArrowLeft*9", "Space", "Shift+ArrowRight*4", "Space", "Shift+ArrowDown*3", "Space")
        reader.keys("Enter")
        reader.keys("2", "f", "Shift+ArrowRight*8", "Space", "Shift+ArrowRight*3", "Shift+ArrowUp*5")
        reader.keys("Shift+ArrowLeft*3", "Space")
        reader.saved()
        reader.keys("Delete")
        reader.saved()
        assert set(kept(plain)) == {Organ.LIVER}
        reader.keys("Control+z")
        reader.saved()

    assert kept(plain)[Organ.LIVER].mark.points == ((10, 60), (50, 60), (50, 90))
    assert kept(plain)[Organ.CORTEX].mark.shape is Shape.FREEHAND


def test_zoom_and_pan_change_nothing_of_a_mark(chromium: Browser, plain: Reading) -> None:
    """The point under the pointer stays there; what is placed lies where it is seen."""
    with marker(chromium, "zoomed") as reader:
        begun(reader, plain)
        place = at(reader, 50, 60)
        reader.page.mouse.move(*place)
        for _ in range(4):
            reader.page.mouse.wheel(0, -300)
        expect(reader.page.locator("#zoom")).not_to_have_text("100 %")
        reader.page.mouse.click(*place)
        reader.page.keyboard.down("Space")
        reader.page.mouse.down()
        reader.page.mouse.move(place[0] + 120, place[1])
        reader.page.mouse.up()
        reader.page.keyboard.up("Space")
        reader.saved()
        reader.keep("zoomed in")
        reader.keys("0")

    assert kept(plain)[Organ.LIVER].mark.points[0] == (20, 45)
    assert len(kept(plain)) == 1


def test_the_window_changes_what_is_seen_not_what_is_measured(chromium: Browser, plain: Reading) -> None:
    """By the right button, by keys and by sliders."""
    with marker(chromium, "window") as reader:
        begun(reader, plain)
        before = reader.page.locator("#picture").screenshot()
        drag(reader, (50, 60), (120, 90), button="right")
        reader.keys("Shift+e*2", "c*3")
        brightness = reader.page.get_by_label("Brightness").input_value()
        assert reader.page.locator("#picture").screenshot() != before
        click(reader, (50, 60))
        reader.saved()
        reader.keys("r")
        assert brightness != reader.page.get_by_label("Brightness").input_value()

    number = int(plain.study.order("R1", 1)[0][1:])
    assert kept(plain)[Organ.LIVER].values.mean == 80 + number
