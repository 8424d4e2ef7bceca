"""The browser measures as the server does, to the last bit."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from reading import Reading

from hri_node.errors import Refused
from hri_node.study.project.region import PIXELS_MIN, values_of

pytestmark = pytest.mark.peers

ROWS, COLUMNS = 61, 83
SPACING_MM = (0.37, 0.29)

MEASURED = """async ([address, rows, columns, spacing, grey, outlines]) => {
    const { measured } = await import(address);
    const image = { rows, columns, spacing_mm: spacing, grey: Uint8Array.from(grey) };
    return outlines.map(points => measured(points, image));
}"""


@pytest.fixture
def page(chromium: Browser, plain: Reading) -> Iterator[Page]:
    """A page of the marking tool, from which its scripts can be called."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(plain.link())
    yield page
    context.close()


def outlines(rng: np.random.Generator, count: int) -> list[list[list[float]]]:
    """Outlines of every kind: stars that cross themselves, slivers, on whole and on half pixels, on the border."""
    found = []
    for number in range(count):
        points = rng.uniform((0, 0), (COLUMNS, ROWS), (rng.integers(3, 60), 2))
        if number % 4 == 1:
            points = np.round(points * 2) / 2  # through the centres of pixels, and along them
        if number % 4 == 2:
            points = np.round(points, 2)
        if number % 4 == 3:
            points = np.round(np.clip(points, (5, 0), (9, ROWS)))
        found.append(points.tolist())
    return found


def expected(pixels: np.ndarray, points: list[list[float]]) -> dict[str, Any] | None:
    """What the server measures; None where that is too little for it."""
    try:
        values = values_of(pixels, tuple((x, y) for x, y in points), SPACING_MM)
    except Refused:
        return None
    return {"pixels": values.pixels, "mean": values.mean, "sd": values.sd, "area_mm2": values.area_mm2}


def test_browser_and_server_measure_the_same(page: Page) -> None:
    """800 outlines, many of them nasty: equal in count, mean, deviation and area, without a tolerance."""
    rng = np.random.default_rng(11)
    pixels = rng.integers(0, 256, (ROWS, COLUMNS)).astype(np.uint8)
    drawn = outlines(rng, 800)
    address = "/reader/static/inside.js"
    told = page.evaluate(MEASURED, [address, ROWS, COLUMNS, SPACING_MM, pixels.ravel().tolist(), drawn])
    pairs = [(mine, expected(pixels, points)) for mine, points in zip(told, drawn, strict=True)]

    assert [mine for mine, theirs in pairs if theirs] == [theirs for _, theirs in pairs if theirs]
    assert all(mine is None or mine["pixels"] < PIXELS_MIN for mine, theirs in pairs if not theirs)
    assert sum(theirs is not None for _, theirs in pairs) > 600


def test_where_all_pixels_are_alike_nothing_deviates(page: Page) -> None:
    """Not even by what doubles lose."""
    grey = [200] * (ROWS * COLUMNS)
    whole = [[[0, 0], [COLUMNS, 0], [COLUMNS, ROWS], [0, ROWS]]]
    told = page.evaluate(MEASURED, ["/reader/static/inside.js", ROWS, COLUMNS, SPACING_MM, grey, whole])

    assert (told[0]["mean"], told[0]["sd"], told[0]["pixels"]) == (200, 0, ROWS * COLUMNS)
