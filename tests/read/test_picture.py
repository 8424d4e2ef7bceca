"""Picture files of every mode come in; one grey frame, or one sentence, must go out."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from pictures import grey_file, real_frame, simple_picture, with_logo
from PIL import Image

from hri_node.errors import Unreadable
from hri_node.read.picture import is_picture, read_picture

PIXELS = simple_picture(60, 80).pixels


def saved(folder: Path, image: Image.Image, name: str = "a.png", quality: int = 95) -> Path:
    """Write a picture file."""
    image.save(folder / name, quality=quality)
    return folder / name


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_png_modes_show_the_same_grey(tmp_path: Path, mode: str) -> None:
    """Grey, colour, alpha and palette PNG of one picture give its grey levels."""
    frame = read_picture(saved(tmp_path, Image.fromarray(PIXELS).convert(mode)))

    assert np.array_equal(frame.pixels, PIXELS)
    assert (frame.frame_number, frame.spacing_mm, frame.spacing_source) == (1, None, None)


def test_sixteen_bit_png(tmp_path: Path) -> None:
    """16 bits are scaled by their full range."""
    frame = read_picture(saved(tmp_path, Image.fromarray(PIXELS.astype(np.uint16) * 257)))

    assert np.array_equal(frame.pixels, PIXELS)
    assert frame.coloured is None


def test_one_bit_png(tmp_path: Path) -> None:
    """Black and white are 0 and 255."""
    frame = read_picture(saved(tmp_path, Image.fromarray(PIXELS > 50)))

    assert np.array_equal(frame.pixels, np.where(PIXELS > 50, 255, 0))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_modes(tmp_path: Path, mode: str) -> None:
    """Grey, colour and CMYK JPEG come back within their loss."""
    frame = read_picture(saved(tmp_path, Image.fromarray(PIXELS).convert(mode), "a.jpg"))

    assert np.abs(frame.pixels.astype(float) - PIXELS).mean() < 2


def test_transparency_is_black(tmp_path: Path) -> None:
    """Where nothing was drawn there is no echo."""
    picture = Image.fromarray(np.full((4, 4), 200, np.uint8)).convert("LA")
    picture.putalpha(Image.fromarray(np.diag([255, 0, 255, 0]).astype(np.uint8)))

    assert read_picture(saved(tmp_path, picture)).pixels.tolist() == np.diag([200, 0, 200, 0]).tolist()


def test_colour_is_marked(tmp_path: Path) -> None:
    """The blue patch is coloured and shows its luminance; a grey file has no mask."""
    frame = read_picture(saved(tmp_path, Image.fromarray(with_logo(PIXELS))))

    assert frame.coloured is not None
    assert frame.coloured[4:20, 8:40].all()
    assert (frame.coloured.sum(), frame.pixels[5, 10]) == (16 * 32, 71)
    assert read_picture(saved(tmp_path, Image.fromarray(PIXELS))).coloured is None


def test_spacing_is_the_callers(tmp_path: Path) -> None:
    """Pictures carry no calibration; the caller's is passed on with its source."""
    frame = read_picture(saved(tmp_path, Image.fromarray(PIXELS)), (0.2, 0.3))

    assert (frame.spacing_mm, frame.spacing_source) == ((0.2, 0.3), "argument")


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(rows: int, columns: int) -> bytes:
    """A few bytes that claim to be a large PNG."""
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("data", [bomb(60000, 60000), bomb(2**31 - 1, 2**31 - 1), bomb(4097, 4096)])
def test_bombs_are_refused(tmp_path: Path, data: bytes) -> None:
    """A picture that claims more pixels than any screen is refused before it is allocated."""
    (tmp_path / "a.png").write_bytes(data)

    with pytest.raises(Unreadable):
        read_picture(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_every_truncation_is_refused(tmp_path: Path, name: str) -> None:
    """Cut off anywhere but in its last bytes, a picture is refused in one sentence."""
    whole = saved(tmp_path, Image.fromarray(PIXELS), name).read_bytes()

    for length in range(0, len(whole) - 64, 97):
        (tmp_path / name).write_bytes(whole[:length])
        with pytest.raises(Unreadable, match="cannot be read as a PNG or JPEG picture"):
            read_picture(tmp_path / name)


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A GIF, a text, a folder and an absent file are no pictures of ours."""
    gif = saved(tmp_path, Image.fromarray(PIXELS), "a.gif")
    (tmp_path / "text.png").write_text("no picture")

    for path in (gif, tmp_path / "text.png", tmp_path, tmp_path / "absent.png"):
        assert not is_picture(path)
        with pytest.raises(Unreadable):
            read_picture(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_pictures_are_known_by_their_first_bytes(tmp_path: Path, name: str) -> None:
    """The name of the file does not matter."""
    path = saved(tmp_path, Image.fromarray(PIXELS), name)

    assert is_picture(path.rename(tmp_path / "picture.dcm"))


def test_real_frame() -> None:
    """A real frame is read as Pillow reads it."""
    path = real_frame("images/a1.jpg")

    assert np.array_equal(read_picture(path).pixels, grey_file(path))
