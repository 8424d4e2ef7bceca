"""A browser and a node come in; what a person does and sees goes out, and whatever went wrong in the page meanwhile."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request
from playwright.sync_api import Error as PlaywrightError

BUILD: Final = Path(__file__).parents[2] / "build" / "console"
"""Where `make` installs axe-core, and where the screens that tests saw are kept."""

AXE: Final = BUILD / "node_modules" / "axe-core" / "axe.min.js"
SMALL: Final = {"width": 1280, "height": 800}
LARGE: Final = {"width": 1920, "height": 1080}
APPEARS_MS: Final = 20_000
"""For what must come: a machine with nothing else to do needs less than three seconds."""

GRAVE: Final = ("serious", "critical")

AXE_RUN: Final = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(({id, impact, help, nodes}) => ({id, impact, help, nodes: nodes.map(
        ({target, any}) => `${target.join(" ")}: ${any.map(({message}) => message).join("; ")}`)}));
}"""

TOO_WIDE: Final = """() => [document.scrollingElement, ...document.querySelectorAll("body *")].filter(
    (it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1 && (it === document.scrollingElement
        || ["auto", "scroll"].includes(getComputedStyle(it).overflowX))).map(
    (it) => `${it.tagName} ${it.id} ${it.className}: ${it.scrollWidth} in ${it.clientWidth}`)"""
"""The page, and every box in it, that one would have to scroll sideways."""

FOCUSED: Final = """() => {
    const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
    if (it === document.body) return null;
    const words = it.getAttribute("aria-label") || it.labels?.[0]?.textContent || it.textContent || it.name || it.id;
    return {
        name: `${it.tagName.toLowerCase()} ${words.trim().replace(/\\s+/g, " ").slice(0, 60)}`,
        outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
            && box.left < innerWidth,
        order: [...document.querySelectorAll("*")].indexOf(it),
    };
}"""


@dataclass
class Screen:
    """A page of the console before somebody.

    Attributes
    ----------
    page
        In Chromium.
    url
        Address of the console.
    errors
        What Chromium's console and the page said was wrong.
    elsewhere
        Addresses of other machines that anything was asked for.
    """

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200) -> None:
        """Go to a page, until all of it is there."""
        answer = self.page.goto(self.url + path)
        assert answer is not None, "another page than before"
        assert answer.status == status, f"{path} answers {answer.status}"
        self.page.wait_for_load_state("load")

    @property
    def path(self) -> str:
        """Where one is, without the question."""
        return urlsplit(self.page.url).path

    @property
    def content(self) -> Locator:
        """The page without what stands on every page."""
        return self.page.locator("main")

    def press_button(self, name: str, within: Locator | None = None) -> None:
        """Click a button and wait for the page that follows."""
        with self.page.expect_navigation():
            (within or self.content).get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Click a link and wait for the page that follows."""
        with self.page.expect_navigation():
            (within or self.content).get_by_role("link", name=name, exact=True).click()

    def row(self, words: str) -> Locator:
        """The first row of a table with these words."""
        return self.content.locator("tbody tr").filter(has_text=words).first

    @property
    def told(self) -> str:
        """What the page says was done."""
        return self.page.locator(".flash").first.inner_text()

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page."""
        BUILD.mkdir(parents=True, exist_ok=True)
        path = BUILD / f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}.png"
        try:
            self.page.screenshot(path=path, full_page=True)
        except PlaywrightError:  # Chromium says so now and then on a busy machine; the picture is for people, no test
            self.page.screenshot(path=path)

    def too_wide(self) -> list[str]:
        """Whatever would have to be scrolled sideways."""
        return list(self.page.evaluate(TOO_WIDE))

    def faults(self) -> list[str]:
        """What axe-core finds grave."""
        if not AXE.is_file():
            pytest.skip("axe-core is missing: `make test` installs it where there is npm")
        if not self.page.evaluate("() => Boolean(globalThis.axe)"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate(AXE_RUN)
        return [f"{each['id']}: {each['help']}: {each['nodes']}" for each in found if each["impact"] in GRAVE]

    def focused(self) -> dict[str, Any] | None:
        """Who has the focus: its name, whether one sees it and its outline, its place in the page; None: nobody."""
        found: dict[str, Any] | None = self.page.evaluate(FOCUSED)
        return found

    def tab_to(self, name: str, steps: int = 120) -> None:
        """Press Tab until something of this name has the focus, which must be seen there."""
        for _ in range(steps):
            self.page.keyboard.press("Tab")
            here = self.focused()
            if here and re.search(name, here["name"]):
                assert here["outline"], f"a visible focus on {here['name']}"
                assert here["seen"], f"{here['name']} in the window"
                return
        pytest.fail(f"no Tab leads to {name}")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def complaints(self) -> list[str]:
        """What went wrong so far, taken out of the list."""
        self.page.evaluate("0")  # Playwright hears of the page's events only while it is asked something.
        found, self.errors = self.errors, []
        return found


@dataclass
class Visits:
    """Browsers of people, each logged in once.

    Attributes
    ----------
    browser
        Chromium.
    url
        Address of the console.
    states
        Cookies by name of the person, once they are logged in.
    """

    browser: Browser
    url: str
    states: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def screen(
        self,
        person: str = "",
        *,
        theme: str = "dark",
        allowed: Sequence[str] = (),
        **options: Any,  # noqa: ANN401 - of Playwright
    ) -> Iterator[Screen]:
        """A page before a person, or before nobody who is known.

        Nothing may go wrong in it but what `allowed` names, and no other machine may be asked for anything.
        """
        chosen = {"viewport": SMALL, "color_scheme": theme, "locale": "en-GB", "reduced_motion": "reduce"} | options
        if person:
            chosen["storage_state"] = self.states[person]
        context = self.browser.new_context(**chosen)
        context.set_default_timeout(APPEARS_MS)
        screen = watched(context, self.url)
        try:
            yield screen
            wrong = [each for each in screen.complaints() if not any(re.search(fine, each) for fine in allowed)]
            assert wrong == [], "what Chromium complained about"
            assert screen.elsewhere == [], "other machines that were asked for something"
        finally:
            context.close()


def watched(context: BrowserContext, url: str) -> Screen:
    """A new page of a browser; what goes wrong in it is written down, and other machines are not reached."""
    screen = Screen(context.new_page(), url)
    context.route(lambda address: not address.startswith((url, "data:", "blob:")), _stop(screen))
    screen.page.on("dialog", lambda dialog: dialog.accept())
    screen.page.on("console", lambda said: screen.errors.append(_words(said)) if _is_bad(said) else None)
    screen.page.on("pageerror", lambda error: screen.errors.append(str(error)))
    return screen


def _stop(screen: Screen) -> Callable[..., None]:
    def stopped(route: Any, request: Request) -> None:  # noqa: ANN401 - Playwright's
        screen.elsewhere.append(request.url)
        route.abort()

    return stopped


def _is_bad(said: ConsoleMessage) -> bool:
    return said.type in {"error", "warning"}


def _words(said: ConsoleMessage) -> str:
    return f"{said.text} ({json.dumps(said.location.get('url', ''))})"
