"""A page of Chromium comes in; what a reader does and sees on the marking page goes out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, expect

SCREENS: Final = Path(__file__).parent.parent / "build" / "reader"
"""Where the screens that tests saw are kept."""

APPEARS_MS: Final = 20_000
"""For what must come: a machine with nothing else to do needs a tenth of a second."""

expect.set_options(timeout=APPEARS_MS)

Point = tuple[float, float]
"""(column, row) of an image, or (x, y) of a page."""


class Marker:
    """A reader before the marking page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(APPEARS_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def enter(self, link: str) -> None:
        """Open the personal link, and the study."""
        self.page.goto(link)
        self.page.get_by_role("button", name="Open the study").click()
        expect(self.page.get_by_role("heading", name="Your sessions")).to_be_visible()

    def begin(self, session: int = 1) -> None:
        """Begin a session, or go on with it."""
        self.page.get_by_role("listitem", name=f"Session {session}").get_by_role("link").click()
        self.shows()

    def shows(self, position: int | None = None) -> None:
        """Wait until an image is shown."""
        if position is not None:
            expect(self.page.locator("#position")).to_contain_text(f"Image {position} of")
        shown = f'[data-shown="{position}"]' if position is not None else "[data-shown]"
        expect(self.page.locator(f"#marking{shown}")).to_be_attached(timeout=APPEARS_MS)
        expect(self.page.locator("#picture")).to_be_visible()

    def at(self, point: Point, size: tuple[int, int], spacing_mm: tuple[float, float] = (1, 1)) -> Point:
        """Where a point of a fitted image of (rows, columns) lies on the page."""
        box = self.page.locator("#stage").bounding_box()
        assert box is not None, "the picture's place"
        aspect = spacing_mm[1] / spacing_mm[0]
        scale = min(box["width"] / (size[1] * aspect), box["height"] / size[0])
        left = box["x"] + (box["width"] - size[1] * aspect * scale) / 2
        top = box["y"] + (box["height"] - size[0] * scale) / 2
        return left + point[0] * aspect * scale, top + point[1] * scale

    def keys(self, *names: str) -> None:
        """Press keys, one after the other; ``Right*5`` is five times."""
        for name in names:
            key, _, times = name.partition("*")
            for _ in range(int(times or 1)):
                self.page.keyboard.press(key)

    def saved(self) -> None:
        """Wait until all marks are acknowledged."""
        expect(self.page.locator("#saved")).to_have_text("✓ Saved", timeout=APPEARS_MS)

    def waits(self, marks: int) -> None:
        """Wait until the page says that so many marks wait."""
        words = f"! Not saved yet: {marks} mark{'s wait' if marks > 1 else ' waits'}"
        expect(self.page.locator("#saved")).to_have_text(words, timeout=APPEARS_MS)

    def values(self, organ: str) -> str:
        """Values that stand at an organ."""
        return self.page.locator(f"#values-{organ}").inner_text()

    def organ(self, name: str) -> Locator:
        """Button of an organ."""
        return self.page.locator(f"#organ-{name}")

    def outlines(self) -> list[str]:
        """Organs whose marks are drawn."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('#overlay .mark')].map(each => each.classList[1])"
        )
        return found

    def keep(self, name: str) -> None:
        """Keep what is seen as a picture."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}.png")


@contextmanager
def marker(browser: Browser, name: str, *, allowed: str = "", **context: Any) -> Iterator[Marker]:  # noqa: ANN401 - as new_context
    """Somebody at a browser of their own; `allowed` begins errors of the page that belong to the test."""
    opened = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | context))
    found = Marker(opened.new_page())
    try:
        yield found
        found.keep(name)
        wrong = [error for error in found.errors if not allowed or not error.startswith(allowed)]
        assert wrong == [], "errors of the page"
    finally:
        opened.close()
