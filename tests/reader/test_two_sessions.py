"""A reader marks five images in two sessions, by mouse and by keyboard alone, and what they see is what is kept."""

import numpy as np
import pytest
from marker import Marker, marker
from playwright.sync_api import Browser, expect
from reading import Reading, synthetic_view
from scipy.ndimage import distance_transform_edt

from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL
from hri_node.study.project.records import KeptMark, Organ

SIZE = (480, 640)


def place_in(subject: str, label: int) -> tuple[float, float]:
    """(column, row) furthest from the border of an organ of a subject's view."""
    depth = distance_transform_edt(synthetic_view(int(subject[1:])).labels == label)
    row, column = np.unravel_index(np.argmax(depth), depth.shape)
    return float(column), float(row)


def shown(kept: KeptMark) -> str:
    """Values of a mark as the page shows them."""
    values = kept.values
    return f"{values.mean:.1f} ± {values.sd:.1f} · {round(values.area_mm2)} mm²"


def marks_of(reading: Reading, session: int, position: int) -> list[KeptMark]:
    """What R1 marked on an image."""
    return reading.study.marks("R1", session, reading.study.order("R1", session)[position - 1])


def complete(reader: Marker) -> None:
    """Answer the question before a session is closed."""
    expect(reader.page.get_by_role("dialog")).to_contain_text("nothing in this session can be changed any more")
    reader.page.get_by_role("button", name="Complete the session").click()
    expect(reader.page.get_by_role("heading", name="Your sessions")).to_be_visible()


def read_by_mouse(reader: Marker, reading: Reading) -> None:
    """Session 1: a click on each organ, and one on Done."""
    for position, subject in enumerate(reading.study.order("R1", 1), start=1):
        reader.shows(position)
        for label in (LIVER_LABEL, KIDNEY_LABEL):
            reader.page.mouse.click(*reader.at(place_in(subject, label), SIZE))
        reader.saved()
        kept = marks_of(reading, 1, position)
        assert [reader.values(organ) for organ in Organ] == [shown(mark) for mark in kept]
        index = kept[0].values.mean / kept[1].values.mean
        expect(reader.page.locator("#ratio")).to_have_text(f"{index:.2f}")
        reader.page.get_by_role("button", name="Done, next image").click()


def read_by_keyboard(reader: Marker, reading: Reading) -> None:
    """Session 2: no pointer at all."""
    reader.keys("Tab*4", "Enter")
    for position in range(1, 6):
        reader.shows(position)
        reader.keys("Shift+ArrowLeft*7", "Enter", "ArrowUp*3", "2", "Shift+ArrowRight*9", "ArrowDown*2", "Space")
        reader.saved()
        liver, cortex = marks_of(reading, 2, position)
        assert reader.values("liver") == shown(liver)
        assert (cortex.mark.points[0][0] - liver.mark.points[0][0], len(reader.outlines())) == (90, 2)
        reader.keys("Enter")


@pytest.mark.peers
def test_five_images_in_two_sessions(chromium: Browser, reading: Reading) -> None:
    """The second session opens after four weeks, in another order; in the end both are complete."""
    with marker(chromium, "two sessions") as reader:
        reader.enter(reading.link())
        reader.keep("start")
        reader.begin()
        read_by_mouse(reader, reading)
        complete(reader)
        expect(reader.page.get_by_role("listitem", name="Session 2")).to_contain_text("It opens on 2026-03-30")
        reader.keep("locked")
        reading.clock.advance(days=28)
        reader.enter(reading.link())
        read_by_keyboard(reader, reading)
        reader.keys("Tab", "Enter")
        expect(reader.page.get_by_text("All 5 images are marked.")).to_have_count(2)

    assert [state.done for state in reading.study.sessions("R1", reading.clock())] == [5, 5]
    assert [state.done for state in reading.study.sessions("R2", reading.clock())] == [0, 0]
    assert all(len(reading.study.history("R1", 2, subject)) == 5 for subject in reading.study.included())


@pytest.mark.peers
def test_done_images_can_be_looked_at_again(chromium: Browser, reading: Reading) -> None:
    """Until the session is complete; a mark that is moved makes its image unfinished."""
    with marker(chromium, "again") as reader:
        reader.enter(reading.link())
        reader.begin()
        reader.keys("Enter", "2", "Shift+ArrowRight*5", "Enter", "Enter")
        reader.shows(2)
        reader.keys("PageUp")
        reader.shows(1)
        expect(reader.page.locator("#image-done")).to_be_visible()
        assert reader.outlines() == ["liver", "cortex"]
        reader.keys("1", "ArrowUp")
        expect(reader.page.locator("#image-done")).to_be_hidden()
        reader.saved()
        assert reading.study.finished("R1", 1) == frozenset()
        reader.keys("Enter")
        reader.shows(2)
        reader.saved()

    assert len(reading.study.finished("R1", 1)) == 1
