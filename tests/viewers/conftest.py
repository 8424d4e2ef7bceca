"""Viewers for the tests: Chromium, an Orthanc, OHIF in front of it, and studies of every kind in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import which

import pytest
from ohif import Ohif
from ohif_site import viewer_site
from playwright.sync_api import BrowserContext, sync_playwright
from running import Orthanc, require
from viewed_studies import Study, study_of
from viewing import DIST, OhifOf, kept_page, store

WINDOW = {"width": 1600, "height": 1000}

OPTIONS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
"""Root may not use the sandbox; WebGL is computed where there is no graphics card."""


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An Orthanc with its DICOMweb service and, where it is installed, its viewer."""
    orthanc = Orthanc(tmp_path_factory.mktemp("viewers") / "orthanc")
    yield orthanc
    orthanc.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[BrowserContext]:
    """A browser without a window; Playwright's loop ends with each file, as it lets no other run in this thread."""
    require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=OPTIONS)
        yield browser.new_context(viewport=WINDOW)
        browser.close()


@pytest.fixture(scope="session")
def stored(archive: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Study]:
    """Studies by their kind: measured, reported and stored when they are first asked for."""
    folder, known = tmp_path_factory.mktemp("studies"), dict[str, Study]()

    def stored_study(kind: str) -> Study:
        if kind not in known:
            known[kind] = study_of(folder, kind)
            store(archive, *known[kind].instances())
        return known[kind]

    return stored_study


@pytest.fixture(scope="module")
def ohif(chromium: BrowserContext, archive: Orthanc) -> Iterator[OhifOf]:
    """OHIF, to open studies of the archive in; each in a page of its own, which must not have failed in the end."""
    if not DIST.is_dir():
        pytest.skip("OHIF is missing: `make test` installs it where there is npm")
    with viewer_site(DIST, archive.url) as address:

        @contextmanager
        def opened(study_uid: str, name: str) -> Iterator[Ohif]:
            with kept_page(chromium, f"ohif {name}") as page:
                viewer = Ohif(page, address)
                viewer.open(study_uid)
                yield viewer
                assert viewer.errors() == [], "errors of the page"

        yield opened
