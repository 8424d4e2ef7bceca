"""A page of Chromium comes in; what a radiologist does and sees in OHIF goes out: series opened, labels, pictures."""

import base64
from dataclasses import dataclass
from typing import Final, Self

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotSeen
from running import eventually
from screens import Colours, Place, fitted, pixels, shrunk

APPEARS_S: Final = 60.0
"""For what must come: a machine with nothing else to do needs about two seconds."""

QUESTION_S: Final = 5.0
"""For the question that may come with a series."""

TOUR_WAS_SHOWN: Final = """localStorage.setItem("shownTours", JSON.stringify(["basicViewerTour"]))"""

LABELS: Final = """() => [...document.querySelectorAll('[data-cy="viewport-pane"] svg.svg-layer text')].map(text =>
    [...text.querySelectorAll("tspan")].map(line => {
        const {left, top, right, bottom} = line.getBoundingClientRect();
        return [line.textContent.trim(), [left, top, right, bottom]];
    }))"""

IMAGE: Final = """() => {
    const canvas = document.querySelector('[data-cy="viewport-pane"] canvas.cornerstone-canvas');
    return canvas ? canvas.toDataURL("image/png").split(",")[1] : "";
}"""
"""The image and its overlay, without what is drawn above them."""

LEADING: Final = 4.0
"""Pixels that the box of a line is higher than its letters."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels of the page."""

CANVAS: Final = '[data-cy="viewport-pane"] canvas.cornerstone-canvas'


@dataclass(frozen=True)
class Line:
    """A line of text on the image, and where it stands on the page as (left, top, right, bottom) in pixels."""

    words: str
    box: Box

    def hides(self, other: Self) -> bool:
        """Whether letters lie on each other; the boxes of neighbouring lines touch."""
        left, top, right, bottom = self.box
        beside = left >= other.box[2] or other.box[0] >= right
        return not (beside or top + LEADING > other.box[3] or other.box[1] + LEADING > bottom)

    def is_within(self, box: Box) -> bool:
        """Whether all of it stands in a box."""
        return self.box[0] >= box[0] and self.box[1] >= box[1] and self.box[2] <= box[2] and self.box[3] <= box[3]


class Ohif:
    """The viewer in a page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._errors: list[str] = []
        self._address = address
        page.set_default_timeout(1000 * APPEARS_S)
        page.add_init_script(TOUR_WAS_SHOWN)
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", lambda said: self._errors.append(said.text) if said.type == "error" else None)

    def open(self, study_uid: str) -> None:
        """Open a study: its series appear on the left, its first image in the middle."""
        self.page.goto(f"{self._address}/viewer?StudyInstanceUIDs={study_uid}")
        expect(self._series("US")).to_be_visible(timeout=1000 * APPEARS_S)
        eventually(lambda: self.image().any(), APPEARS_S, "the first image")
        # OHIF reads the other series, to which its results refer, while the first image already stands.
        self.page.wait_for_load_state("networkidle")

    def show(self, modality: str, *, asks: bool = False) -> None:
        """Double-click a series; what OHIF may ask then (of those that are edited, too) is answered with no."""
        self._series(modality).dblclick()
        if asks:
            try:
                self.page.get_by_role("button", name="No", exact=True).click(timeout=1000 * QUESTION_S)
            except NotSeen:
                return

    def errors(self) -> list[str]:
        """Return what went wrong in the page so far, caught and told or not caught."""
        self.page.evaluate("0")  # Playwright hears of the page's events only while it is asked something.
        return self._errors

    def _series(self, modality: str) -> Locator:
        """Return the entry of the first series of a modality."""
        label = self.page.locator('[data-cy="series-modality-label"]').get_by_text(modality, exact=True)
        return self.page.locator('[data-cy^="study-browser-thumbnail"]').filter(has=label).first

    def labels(self) -> list[list[Line]]:
        """Return every text on the image, line by line."""
        found = self.page.evaluate(LABELS)
        return [[Line(words, tuple(box)) for words, box in label] for label in found if label]

    def lines(self) -> set[str]:
        """Return the words of every line of every text on the image."""
        return {line.words for label in self.labels() for line in label}

    def image(self) -> Colours:
        """Return the image with its overlay, as large as the viewport; one black pixel where there is none."""
        return pixels(base64.b64decode(self.page.evaluate(IMAGE)))

    def screen(self) -> Colours:
        """Return the page as it is seen."""
        return pixels(self.page.screenshot())

    def viewport(self) -> tuple[float, float, float, float]:
        """Return the box of the viewport on the page, as (left, top, right, bottom)."""
        box = self.page.locator(CANVAS).bounding_box()
        assert box is not None, "a viewport that shows an image"
        return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]

    def place(self, shape: tuple[int, ...]) -> Place:
        """Return where an image of (rows, columns) lies on the page."""
        return fitted(shape, self.viewport())

    def seen(self, shape: tuple[int, ...]) -> Colours:
        """Return what is shown at the place of an image of (rows, columns), in that size."""
        picture = self.image()
        rows, columns = picture.shape[:2]
        return shrunk(picture, fitted(shape, (0, 0, columns, rows)), shape)
