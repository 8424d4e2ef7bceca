"""What tests of every viewer need: a page whose last screen is kept, and instances in an archive."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import requests
from ohif import Ohif
from playwright.sync_api import BrowserContext, Page
from running import Orthanc

BUILD = Path(__file__).parents[2] / "build" / "viewers"
"""Where `make` installs OHIF, and where the screens that tests saw are kept."""

DIST = BUILD / "node_modules" / "@ohif" / "app" / "dist"


OhifOf = Callable[[str, str], AbstractContextManager[Ohif]]
"""OHIF with a study open: of its UID, and of the name that its last screen is kept under."""


@contextmanager
def kept_page(browser: BrowserContext, name: str) -> Iterator[Page]:
    """Open a page; what it shows in the end is kept as a picture."""
    page = browser.new_page()
    try:
        yield page
    finally:
        BUILD.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=BUILD / f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}.png")
        page.close()


def store(archive: Orthanc, *instances: bytes) -> None:
    """Give Orthanc instances as DICOM files."""
    for instance in instances:
        requests.post(f"{archive.url}/instances", data=instance, timeout=30).raise_for_status()
