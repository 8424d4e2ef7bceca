"""The picture of a study's page in a real browser: original pixels, outlines on and off, zoom, grey levels, keys."""

import base64
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from console_node import node_in, pages_of
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from pydicom import dcmread
from running import require
from starlette.types import ASGIApp, Receive, Scope, Send
from study_site import a_reported_study, measure, receive, settings

from hri_node.console_sections import WebSettings
from hri_node.node import Node
from hri_node.web.login.headers import protected
from hri_node.web.server import WebServer

pytestmark = pytest.mark.peers


def _with_headers(app: ASGIApp) -> ASGIApp:
    """The pages under the policy that the guard sets."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, protected(send, is_secure=False) if scope["type"] == "http" else send)

    return served


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Page]]:
    """A study of two images, and a browser in which its page is open; nothing may have failed there in the end."""
    require("chromium")
    folder = tmp_path_factory.mktemp("viewer")
    node = node_in(folder, settings(folder))
    a_reported_study(node)
    receive(node)
    measure(node)
    server, stop = WebServer(_with_headers(pages_of(node)), WebSettings(host="127.0.0.1", port=0)), threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,), daemon=True)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.port}/studies/1?image=1")
        expect(page.locator("#zoom")).to_contain_text("%")
        yield node, page
        browser.close()
    stop.set()
    thread.join(10)
    node.ledger.close()
    assert errors == []


def seen(page: Page) -> np.ndarray:
    """Pixels of the canvas."""
    data = page.evaluate("document.getElementById('canvas').toDataURL('image/png').split(',')[1]")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def test_at_one_to_one_every_pixel_is_the_one_that_came(shown: tuple[Node, Page]) -> None:
    """Without outlines nothing else is on the canvas; with one of them, something is."""
    node, page = shown
    came = dcmread(Path(node.spool.file(node.ledger.instance(1).spool_key))).pixel_array
    for name in ("liver", "kidney", "liver_roi", "cortex_roi"):
        page.uncheck(f"#show-{name}")
    page.click("#original")

    picture = seen(page)
    rows = min(picture.shape[0], came.shape[0])
    top, left = (max(0, round((shown - own) / 2)) for shown, own in zip(picture.shape, came.shape, strict=False))
    hidden = max(0, round((came.shape[0] - picture.shape[0]) / 2))
    part = picture[top : top + rows, left : left + came.shape[1]]
    assert np.array_equal(part, np.repeat(came[hidden : hidden + rows, :, np.newaxis], 3, axis=2))
    page.check("#show-liver")
    assert not np.array_equal(seen(page), picture)


def test_keys_do_what_buttons_do(shown: tuple[Node, Page]) -> None:
    """Zoom, whole picture, outlines, grey levels, the next image; the address names what is shown."""
    _, page = shown
    page.keyboard.press("0")
    whole = seen(page)

    page.keyboard.press("+")
    assert not np.array_equal(seen(page), whole)
    page.keyboard.press("0")
    assert np.array_equal(seen(page), whole)
    page.keyboard.press("l")
    assert not np.array_equal(seen(page), whole)
    page.keyboard.press("l")
    page.fill("#contrast", "60")
    assert not np.array_equal(seen(page), whole)
    page.keyboard.press("Escape")
    page.click("#reset")
    assert np.array_equal(seen(page), whole)
    page.keyboard.press("n")
    page.wait_for_url("**/studies/1?image=2")
    page.keyboard.press("p")
    page.wait_for_url("**/studies/1?image=1")
