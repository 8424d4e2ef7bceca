"""What tests of the marking tool stand on: a browser, and studies that are served."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, sync_playwright
from reading import Reading, served, study_of_views
from running import require
from study_made import made_study


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a window; its event loop ends with the tests of a file, as others have loops of their own."""
    require("chromium")
    with sync_playwright() as playwright:
        # Root may not use the sandbox.
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    """Five synthetic views, by the protocol of the paper."""
    with served(study_of_views(tmp_path / "study", 5)) as made:
        yield made


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Reading]:
    """Three pictures of two halves each, whose levels are known; pixels are twice as high as wide."""
    with served(made_study(tmp_path / "study")) as made:
        yield made
