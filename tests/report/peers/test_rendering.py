"""What DCMTK shows by a presentation state of every grey map, and what it takes out of an encapsulated page."""

from pathlib import Path

import numpy as np
import pytest
from measured import KINDS, measured_image
from PIL import Image
from pydicom import dcmread
from studies import EVERYTHING, several, write_objects
from validators import peer

from hri_node.records import MeasuredImage

pytestmark = pytest.mark.peers

GREY_MAPS = {
    "mono": {},
    "frames": KINDS["frames"],
    "negative": {"photometric": "MONOCHROME1"},
    "large": KINDS["large"],
    "poor": KINDS["poor"],
}


def rendered(folder: Path, image: MeasuredImage, state: Path) -> np.ndarray:
    """What DCMTK shows of a frame by its presentation state."""
    out = folder / "out.pgm"
    done = peer("dcmtk", "dcmp2pgm", "--frame", str(image.frame.frame_number), "--pstate", state, image.path, out)
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(out) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("kind", GREY_MAPS)
def test_dcmtk_shows_what_was_measured(tmp_path: Path, kind: str) -> None:
    """By the presentation state, DCMTK shows the grey levels that were measured."""
    image = measured_image(tmp_path, **GREY_MAPS[kind])
    (state,) = write_objects(tmp_path, [image], EVERYTHING).of("pr")

    shown = rendered(tmp_path, image, state)

    assert shown.shape == image.frame.pixels.shape
    assert np.abs(shown.astype(int) - image.frame.pixels).max() <= 1


def test_dcmtk_applies_the_window(tmp_path: Path) -> None:
    """A window of the source is applied as the source has it: what is below is black, what is above is white."""
    image = measured_image(tmp_path, attributes={"WindowCenter": ["80", "10"], "WindowWidth": ["60", "5"]})
    (state,) = write_objects(tmp_path, [image], EVERYTHING).of("pr")

    shown = rendered(tmp_path, image, state)

    assert set(shown[image.frame.pixels < 50]) == {0}
    assert set(shown[image.frame.pixels > 110]) == {255}
    assert 0 < shown[image.frame.pixels == 80].mean() < 255


def test_dcm2pdf_gives_the_page_back(tmp_path: Path) -> None:
    """DCMTK takes the page out of the instance as it was put in."""
    study = write_objects(tmp_path, several(tmp_path), EVERYTHING)
    (instance,) = study.of("pdf")

    done = peer("dcmtk", "dcm2pdf", instance, tmp_path / "page.pdf")

    made = dcmread(instance)
    page = (tmp_path / "page.pdf").read_bytes()
    assert done.returncode == 0
    assert page.rstrip(b"\0") == made.EncapsulatedDocument[: made.EncapsulatedDocumentLength]
    assert peer("poppler-utils", "pdfinfo", tmp_path / "page.pdf").stderr == ""
