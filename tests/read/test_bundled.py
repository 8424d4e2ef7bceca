"""The DICOM files inside the pydicom package come in; each must be read, or refused or skipped for its reason."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import dcmread

from hri_node.errors import Unreadable
from hri_node.read.frames import read_frames
from hri_node.read.select import SkipReason, skip_reason

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix in {"", ".dcm"})

ULTRASOUND = {
    "ExplVR_BigEnd.dcm": (1, (60, 80), None),
    "examples_jpeg2k.dcm": (1, (480, 640), None),
    "examples_palette.dcm": (1, (350, 800), (0.2623, 0.2623)),
    "examples_rgb_color.dcm": (1, (240, 320), None),
    "examples_ybr_color.dcm": (30, (240, 320), (0.5105, 0.5105)),
}
"""Frames, size, spacing in millimetres."""


@pytest.mark.parametrize(("name", "expected"), ULTRASOUND.items())
def test_ultrasound_is_read(name: str, expected: tuple[int, tuple[int, int], tuple[float, float] | None]) -> None:
    """Real scanners' RGB, YBR_FULL_422 cine, palette and JPEG 2000 are ours, with their calibration."""
    count, shape, spacing_mm = expected

    frames = list(read_frames(FOLDER / name))

    assert skip_reason(dcmread(FOLDER / name, stop_before_pixels=True)) is None
    assert (len(frames), frames[0].pixels.shape) == (count, shape)
    assert frames[0].spacing_mm == (None if spacing_mm is None else pytest.approx(spacing_mm, abs=1e-4))


def test_same_picture_twice() -> None:
    """The lymph node is bundled as RGB and as JPEG 2000 of twice the size: one picture, one grey."""
    (small,) = read_frames(FOLDER / "examples_rgb_color.dcm")
    (large,) = read_frames(FOLDER / "examples_jpeg2k.dcm")

    halved = large.pixels.astype(float).reshape(240, 2, 320, 2).mean(axis=(1, 3))
    assert np.corrcoef(halved.ravel(), small.pixels.ravel())[0, 1] > 0.95
    assert large.coloured is not None
    assert 0.03 < large.coloured.mean() < 0.1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_file_ends_one_way_or_the_other(path: Path) -> None:
    """CT, SR, RT, directories and deliberately broken files: read, or refused in one sentence, and mostly skipped."""
    try:
        frames = list(read_frames(path))
    except Unreadable as error:
        assert str(error)  # noqa: PT017 - either way of ending is right, nothing else is
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these files are broken on purpose, and pydicom says so
        reason = skip_reason(dcmread(path, stop_before_pixels=True))

    assert frames
    assert reason is (None if path.name in ULTRASOUND else SkipReason.NOT_ULTRASOUND)


def test_most_of_them_can_be_read() -> None:
    """The refusals above are exceptions: of the image files with a codec, 60 and more decode."""
    read = 0
    for path in FILES:
        try:
            read += bool(list(read_frames(path)))
        except Unreadable:
            continue

    assert read >= 60
