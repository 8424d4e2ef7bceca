"""The viewer that comes with Orthanc in Debian, which knows only pictures: it shows ours, and the segmentation."""

import base64
from collections.abc import Callable
from io import BytesIO

import pytest
import requests
from playwright.sync_api import BrowserContext, Page
from pydicom import dcmread
from running import PLUGINS, Orthanc, eventually
from screens import Colours, fitted, likeness, pixels, shrunk
from viewed_studies import Study
from viewing import kept_page

pytestmark = pytest.mark.peers

SHOWS = """() => document.querySelector("canvas").toDataURL("image/png").split(",")[1]"""

APPEARS_S = 60.0
ALIKE = 0.97


@pytest.fixture
def viewer_address(archive: Orthanc) -> str:
    """Where the viewer is served; its last word is the series."""
    if not any(PLUGINS.glob("libOrthancWebViewer*")):
        pytest.skip("Orthanc's viewer is missing: install Debian's orthanc-webviewer")
    return f"{archive.url}/web-viewer/app/viewer.html?series="


def series(archive: Orthanc, study: Study, modality: str) -> str:
    """Return what Orthanc calls the series of a modality."""
    query = {"Level": "Series", "Query": {"StudyInstanceUID": study.uid, "Modality": modality}}
    return str(requests.post(f"{archive.url}/tools/find", json=query, timeout=10).json()[0])


def seen(page: Page, shape: tuple[int, ...]) -> Colours:
    """Return what the page shows at the place of an image, in the image's size."""
    picture = pixels(base64.b64decode(page.evaluate(SHOWS)))
    rows, columns = picture.shape[:2]
    return shrunk(picture, fitted(shape, (0, 0, columns, rows)), shape)


@pytest.mark.parametrize("kind", ["mono", "failed"])
def test_it_shows_the_picture(
    chromium: BrowserContext, archive: Orthanc, viewer_address: str, stored: Callable[[str], Study], kind: str
) -> None:
    """As it was made, whether there is an index or a reason in it."""
    study = stored(kind)
    made = dcmread(BytesIO(study.result("sc"))).pixel_array

    with kept_page(chromium, f"orthanc picture {kind}") as page:
        page.goto(viewer_address + series(archive, study, "OT"))
        page.wait_for_selector("canvas")
        eventually(lambda: likeness(seen(page, made.shape), made) > ALIKE, APPEARS_S, "the picture")


def test_it_shows_the_segments(
    chromium: BrowserContext, archive: Orthanc, viewer_address: str, stored: Callable[[str], Study]
) -> None:
    """A SEG is a series of black and white frames to it: the first is the liver."""
    study = stored("mono")
    liver = study.images[0].masks.liver.astype("uint8")

    with kept_page(chromium, "orthanc segmentation mono") as page:
        page.goto(viewer_address + series(archive, study, "SEG"))
        page.wait_for_selector("canvas")
        eventually(lambda: likeness(seen(page, liver.shape), liver) > ALIKE, APPEARS_S, "the liver's mask")
