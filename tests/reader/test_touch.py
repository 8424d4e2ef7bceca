"""A tablet: one finger places and draws, two fingers zoom and move; everything is large enough for a finger."""

from collections.abc import Iterator

import pytest
from marker import Marker, marker
from playwright.sync_api import Browser, CDPSession, expect
from reading import Reading
from study_made import SIZE, SPACING_MM

from hri_node.study.project.records import KeptMark, Organ, Shape

pytestmark = pytest.mark.peers

TABLET = {"viewport": {"width": 1024, "height": 1366}, "has_touch": True, "device_scale_factor": 2}

FINGER = 44
"""CSS pixels: WCAG 2.2, 2.5.5."""

SMALL = """least => [...document.querySelectorAll("button, a, input")].filter(each => each.checkVisibility())
    .filter(each => { const {width, height} = each.getBoundingClientRect(); return Math.min(width, height) < least; })
    .map(each => each.id || each.textContent.trim()).filter(name => name !== "Skip to content")"""

Place = tuple[float, float]


class Hand:
    """Fingers on the glass."""

    def __init__(self, reader: Marker) -> None:
        self.reader = reader
        self._glass: CDPSession = reader.page.context.new_cdp_session(reader.page)

    def at(self, column: float, row: float) -> Place:
        """Place on the page of a point of the fitted picture."""
        return self.reader.at((column, row), SIZE, SPACING_MM)

    def touch(self, kind: str, *places: Place) -> None:
        """What the glass feels: Start, Move, End; of each finger that is on it."""
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._glass.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def drag(self, *places: Place) -> None:
        """One finger's way."""
        self.touch("Start", places[0])
        for place in places[1:]:
            self.touch("Move", place)
        self.touch("End")


@pytest.fixture
def hand(chromium: Browser, plain: Reading) -> Iterator[Hand]:
    """A reader at a tablet, before the first image."""
    with marker(chromium, "tablet", **TABLET) as reader:
        reader.enter(plain.link())
        reader.begin()
        yield Hand(reader)


def kept(plain: Reading) -> dict[Organ, KeptMark]:
    """What counts on the first image."""
    return {each.mark.organ: each for each in plain.study.marks("R1", 1, plain.study.order("R1", 1)[0])}


def test_a_finger_places_and_moves(hand: Hand, plain: Reading) -> None:
    """Two taps, and a mark is dragged; then a tap on Done."""
    hand.drag(hand.at(50, 60))
    hand.drag(hand.at(140, 60))
    hand.drag(hand.at(140, 60), hand.at(142, 65), hand.at(150, 70))
    hand.reader.saved()
    assert [mark.mark.points[0] for mark in kept(plain).values()] == [(20, 45), (120, 55)]
    expect(hand.reader.page.locator("#ratio")).not_to_have_text("–")
    hand.reader.keep("tablet marked")
    hand.reader.page.get_by_role("button", name="Done, next image").tap()
    hand.reader.shows(2)


def test_a_finger_draws(hand: Hand, plain: Reading) -> None:
    """A line by hand, and a polygon tapped corner by corner."""
    page = hand.reader.page
    page.get_by_role("button", name="Free-hand").tap()
    hand.drag(*(hand.at(*point) for point in ((20, 20), (80, 20), (80, 50), (50, 80), (20, 50), (20, 22))))
    page.get_by_role("button", name="Polygon").tap()
    expect(page.locator("#loupe")).to_be_hidden()
    for point in ((120, 20), (170, 20), (170, 70), (120, 70), (120, 20)):
        hand.drag(hand.at(*point))
    hand.reader.saved()

    assert [(each.mark.shape, len(each.mark.points)) for each in kept(plain).values()] == [
        (Shape.FREEHAND, 5),
        (Shape.POLYGON, 4),
    ]


def test_what_a_finger_hides_is_shown_beside_it(hand: Hand) -> None:
    """As long as it draws: enlarged, in the corner that is further away."""
    page = hand.reader.page
    page.get_by_role("button", name="Free-hand").tap()
    hand.touch("Start", hand.at(90, 20))
    for point in ((120, 30), (120, 60), (95, 60), (90, 30)):
        hand.touch("Move", hand.at(*point))
    expect(page.locator("#loupe")).to_be_visible()
    expect(page.locator("#loupe")).to_have_attribute("data-side", "right")
    hand.reader.keep("loupe")
    hand.touch("End")
    expect(page.locator("#loupe")).to_be_hidden()


def test_two_fingers_zoom_and_draw_nothing(hand: Hand, plain: Reading) -> None:
    """Though the first one touched the picture before the second one."""
    (x, y), page = hand.at(100, 60), hand.reader.page
    before = page.locator("#zoom").inner_text()
    hand.touch("Start", (x - 40, y))
    hand.touch("Start", (x - 40, y), (x + 40, y))
    for apart in (60, 90, 120):
        hand.touch("Move", (x - apart, y + 20), (x + apart, y + 20))
    hand.touch("End")
    hand.reader.saved()

    assert kept(plain) == {}
    assert hand.reader.outlines() == []
    assert int(page.locator("#zoom").inner_text().split()[0]) == pytest.approx(3 * int(before.split()[0]), abs=3)


def test_everything_is_large_enough_for_a_finger(hand: Hand) -> None:
    """On the marking page and on the others."""
    page = hand.reader.page
    found = page.evaluate(SMALL, FINGER)
    page.get_by_role("link", name="Sessions").tap()
    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()
    hand.reader.keep("tablet start")

    assert found + page.evaluate(SMALL, FINGER) == []
