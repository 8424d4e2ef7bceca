"""Instances of every kind come in; their frames must equal what the builders drew."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Source, instance_file, region
from pictures import grey_file, real_frame
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
    UltrasoundMultiFrameImageStorage,
)

from hri_node.errors import Unreadable
from hri_node.read.frames import frame_count, read_frames

NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
LOSSLESS = (RLELossless, JPEGLSLossless, JPEG2000Lossless, JPEGLossless, JPEGLosslessSV1)
GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
SIZE: dict[str, Any] = {"rows": 60, "columns": 80}

EXACT = [
    *((syntax, photometric) for syntax in NATIVE for photometric in (*GREY, "RGB", "YBR_FULL", "YBR_FULL_422")),
    *((syntax, photometric) for syntax in LOSSLESS for photometric in (*GREY, "RGB", "YBR_FULL")),
    (JPEG2000Lossless, "YBR_RCT"),
]

LOSSY = [
    *(
        (syntax, photometric)
        for syntax in (JPEGBaseline8Bit, JPEGExtended12Bit)
        for photometric in ("MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422")
    ),
    (JPEGLSNearLossless, "MONOCHROME2"),
    (JPEGLSNearLossless, "RGB"),
    (JPEG2000, "MONOCHROME2"),
    (JPEG2000, "YBR_ICT"),
]


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize(("syntax", "photometric"), EXACT)
def test_lossless_frames_are_equal(tmp_path: Path, syntax: str, photometric: str, frames: int) -> None:
    """What is coded without loss comes back grey level by grey level, in every photometric interpretation."""
    path = instance_file(tmp_path, transfer_syntax=syntax, photometric=photometric, frames=frames, **SIZE)

    found = [frame.pixels for frame in read_frames(path)]

    assert np.array_equal(found, Source(frames=frames, **SIZE).grey())


@pytest.mark.parametrize(("syntax", "photometric"), LOSSY)
def test_lossy_frames_are_close(tmp_path: Path, syntax: str, photometric: str) -> None:
    """What is coded with loss comes back within the loss: mean error under 2 grey levels, and nothing coloured."""
    path = instance_file(tmp_path, transfer_syntax=syntax, photometric=photometric, frames=2, **SIZE)

    frames = list(read_frames(path))

    assert np.abs(np.array([f.pixels for f in frames], float) - Source(frames=2, **SIZE).grey()).mean() < 2
    assert not any(f.coloured is not None and f.coloured.any() for f in frames)


@pytest.mark.parametrize("photometric", GREY)
@pytest.mark.parametrize("syntax", [*NATIVE, RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_sixteen_bits_are_scaled_by_their_full_range(tmp_path: Path, syntax: str, photometric: str) -> None:
    """Values of 16 bits, and indices into a palette of 1024 entries, show the grey levels they were made from."""
    path = instance_file(tmp_path, transfer_syntax=syntax, photometric=photometric, bits=16, **SIZE)

    (frame,) = read_frames(path)

    assert np.array_equal(frame.pixels, Source(**SIZE).grey()[0])


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_planes_may_follow_each_other(tmp_path: Path, syntax: str, photometric: str) -> None:
    """Planar Configuration 1 (all red, then all green, then all blue) is the same picture."""
    path = instance_file(tmp_path, transfer_syntax=syntax, photometric=photometric, planar=1, frames=2, **SIZE)

    assert np.array_equal([frame.pixels for frame in read_frames(path)], Source(frames=2, **SIZE).grey())


@pytest.mark.parametrize(
    ("syntax", "photometric"),
    [
        (ExplicitVRLittleEndian, "RGB"),
        (ExplicitVRLittleEndian, "YBR_FULL"),
        (ExplicitVRLittleEndian, "YBR_FULL_422"),
        (JPEGBaseline8Bit, "YBR_FULL_422"),
        (JPEGBaseline8Bit, "RGB"),
        (JPEGLosslessSV1, "RGB"),
        (JPEG2000Lossless, "YBR_RCT"),
    ],
)
def test_colour_is_marked_where_it_is(tmp_path: Path, syntax: str, photometric: str) -> None:
    """The blue patch of the builders is coloured, the tissue is not, and the patch shows its luminance."""
    path = instance_file(tmp_path, transfer_syntax=syntax, photometric=photometric, logo=True)

    (frame,) = read_frames(path)

    assert frame.coloured is not None
    assert frame.coloured[6:18, 10:38].all()
    assert not frame.coloured[30:].any()
    # 0.299·0 + 0.587·90 + 0.114·160; JPEG may lose a level or two.
    assert np.abs(frame.pixels[6:18, 10:38].astype(int) - 71).max() <= 2


def test_grey_source_has_no_colour_mask(tmp_path: Path) -> None:
    """MONOCHROME2 cannot be coloured, so that nothing is there to check."""
    (frame,) = read_frames(instance_file(tmp_path, **SIZE))

    assert frame.coloured is None
    assert frame.seen is frame.pixels


def test_frames_are_chosen_by_number(tmp_path: Path) -> None:
    """Frame numbers are 1-based, come in the order asked for, and say which frame they are."""
    path = instance_file(tmp_path, frames=4, transfer_syntax=RLELossless, **SIZE)

    third, first = read_frames(path, [3, 1])

    assert (third.frame_number, first.frame_number) == (3, 1)
    assert np.array_equal(third.pixels, Source(frames=4, **SIZE).grey()[2])


def test_frame_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Asking for frame 3 of 2 is answered with one sentence, before anything is decoded."""
    with pytest.raises(Unreadable, match="has 2 frames, frame 3 was asked for"):
        read_frames(instance_file(tmp_path, frames=2, **SIZE), [1, 3])


@pytest.mark.parametrize("frames", [1, 5])
def test_frames_are_counted(tmp_path: Path, frames: int) -> None:
    """The count is Number of Frames, and 1 where the attribute is absent."""
    assert frame_count(instance_file(tmp_path, frames=frames, **SIZE)) == frames


def test_multi_frame_class_with_one_frame(tmp_path: Path) -> None:
    """A cine of a single frame is read like any other."""
    path = instance_file(tmp_path, multi_frame=True, **SIZE)

    (frame,) = read_frames(path)

    assert frame.frame_number == 1
    assert UltrasoundMultiFrameImageStorage.encode() in path.read_bytes()


def test_spacing_travels_with_every_frame(tmp_path: Path) -> None:
    """(row, column) spacing of the region and where it came from are part of each frame."""
    frames = read_frames(instance_file(tmp_path, frames=2, spacing_mm=(0.2, -0.4), **SIZE))

    assert [(f.spacing_mm, f.spacing_source) for f in frames] == [((0.2, 0.4), "ultrasound_region")] * 2


def test_split_screen_shows_one_half(tmp_path: Path) -> None:
    """Only the calibrated half is seen; the picture itself stays as it is."""
    halves = (region((60, 80), (0.3, 0.3), (0, 0, 59, 39)), region((60, 80), (0.3, 0.3), (0, 40, 59, 79)))

    (frame,) = read_frames(instance_file(tmp_path, regions=halves, **SIZE))

    assert not frame.seen[:, 40:].any()
    assert np.array_equal(frame.seen[:, :40], frame.pixels[:, :40])
    assert np.array_equal(frame.pixels, Source(**SIZE).grey()[0])


def test_frame_holds_nothing_of_the_patient(tmp_path: Path) -> None:
    """Name and number of the patient are in the file and in no field of the frame."""
    path = instance_file(tmp_path, **SIZE)

    (frame,) = read_frames(path)

    assert b"SYNTHETIC-1" in path.read_bytes()
    assert "SYNTHETIC" not in repr(frame)


def test_poor_header_is_enough(tmp_path: Path) -> None:
    """An instance without type 2 attributes and calibration is read, its spacing unknown."""
    (frame,) = read_frames(instance_file(tmp_path, poor_header=True, **SIZE))

    assert (frame.spacing_mm, frame.spacing_source) == (None, None)


@pytest.mark.parametrize("name", ["images/a1.jpg", "hepatorenal/f10.png"])
def test_real_frames_survive_the_way_through_dicom(tmp_path: Path, name: str) -> None:
    """A real frame wrapped as DICOM, losslessly coded, comes back as the picture file shows it."""
    pixels = grey_file(real_frame(name))

    (frame,) = read_frames(instance_file(tmp_path, pixels=pixels, transfer_syntax=JPEGLSLossless))

    assert np.array_equal(frame.pixels, pixels)
