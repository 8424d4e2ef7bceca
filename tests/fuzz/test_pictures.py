"""Tests of damaged pictures and settings: read, or refused in one sentence."""

import io

import numpy as np
import pytest
from cage import Cage
from hypothesis import given
from hypothesis import strategies as st
from mutations import Edit, edits, mutated
from PIL import Image
from profiles import examples
from verdict import check

SETTINGS = b"""
data_dir = "data"
[listener]
ae_title = "HRI_NODE"
port = 11112
allowed_peers = ["US_1@10.0.0.0/8"]
[[scanners]]
ae_title = "US_1"
study_quiet_s = 30.0
[[destinations]]
name = "pacs"
host = "10.0.0.2"
called = "PACS"
"""


def _picture(kind: str, mode: str, **options: object) -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    grey = np.arange(32 * 40, dtype=np.uint8).reshape(32, 40)
    Image.fromarray(grey).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


PICTURES = {
    "png": _picture("PNG", "L"),
    "png_16": _picture("PNG", "I;16"),
    "png_palette": _picture("PNG", "P", transparency=3),
    "png_rgba": _picture("PNG", "RGBA"),
    "jpeg": _picture("JPEG", "L"),
    "jpeg_progressive": _picture("JPEG", "RGB", progressive=True),
    "tiff": _picture("TIFF", "L"),
    "bmp": _picture("BMP", "L"),
}


@pytest.mark.parametrize("kind", PICTURES)
@examples(60)
@given(todo=edits)
def test_damaged_picture_is_read_or_refused(cage: Cage, kind: str, todo: list[Edit]) -> None:
    """As a picture to measure, and as a label map."""
    hostile = mutated(bytes(128) + PICTURES[kind], todo)[128:]

    for target in ("picture", "labels"):
        check(cage.run(target, hostile))


@examples(150)
@given(todo=edits)
def test_damaged_settings_are_refused(cage: Cage, todo: list[Edit]) -> None:
    """By name of the key, or as no TOML."""
    check(cage.run("settings", mutated(bytes(128) + SETTINGS, todo)[128:]))


@pytest.mark.parametrize(
    "hostile",
    [
        b"a = " + b"[" * 100_000,
        b"a" * 2**20,
        b"a." * 50_000 + b"b = 1",
        b"a = 1" + b"0" * 5000,
        b"\xff\xfe",
        b"a = \x00",
    ],
)
def test_settings_that_break_parsers(cage: Cage, hostile: bytes) -> None:
    """Brackets, dots and digits without end, and bytes that are no text."""
    ending = cage.run("settings", hostile)

    check(ending)
    assert ending.sentence


@examples(50)
@given(text=st.text(max_size=200))
def test_text_is_no_settings(cage: Cage, text: str) -> None:
    """Unless it is."""
    check(cage.run("settings", text.encode("utf-8", "surrogatepass")))
