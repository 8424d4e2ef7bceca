"""Letters as pictures: every script that is drawn is drawn right, and every other one is refused."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from hri_node.report import codes, lettering
from hri_node.report.lettering import ELLIPSIS, LINE_SPACING, drawable, length, plain, stamp, wrapped
from hri_node.report.panel import DISCLAIMER
from hri_node.report.patient import UNDRAWABLE_NAME

SCRIPTS = {
    "latin": "Müller, Jürgen Łódź",
    "vietnamese": "Nguyễn Văn Ấ",
    "greek": "Διονυσίου",
    "cyrillic": "Люксембург",
    "arabic": "قباني ج لنزار",
    "persian": "پرویز گلزار",
    "hebrew": "שרון דבורה",
    "japanese": "山田 太郎 やまだ",
    "half width": "ﾔﾏﾀﾞ ﾀﾛｳ",
    "korean": "洪 吉洞 홍길동",
    "chinese": "王小东 張偉",
}


LETTERS = "e9e0a33826df05c59e928188f594ba3343377a347359b93e9071fdd27aaef9a0"
"""SHA-256 of letters. Another one means another Pillow or font, other pictures, and so another version of ours."""


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_scripts_that_are_drawn(text: str) -> None:
    """Every letter of these scripts has a shape, and it is not the font's empty box."""
    assert drawable(text) == text
    assert np.asarray(stamp(text, 20)).any()


@pytest.mark.parametrize("text", [DISCLAIMER, UNDRAWABLE_NAME, ELLIPSIS, "×*.,:()0123456789"])
def test_own_words_are_drawn(text: str) -> None:
    """What the panel says itself can be drawn."""
    assert drawable(text) == text


@pytest.mark.parametrize("code", [*codes.REASONS.values(), *codes.CAUTIONS.values()], ids=lambda code: code.value)
def test_coded_words_are_drawn(code: codes.Code) -> None:
    """Every reason and caution can be drawn."""
    assert drawable(code.meaning) == code.meaning


@pytest.mark.parametrize(
    "text",
    ["", "  ", "M\ufffdller", "\x1b$B;3ED", "नमस्ते", "ที่", "😀", "ܫܠܡܐ", "Łódź 山田", "m\u0302", "\ue000"],
    ids=["empty", "blank", "undecoded", "escape", "marks", "thai", "symbol", "no font", "two fonts", "mark", "private"],
)
def test_what_is_refused(text: str) -> None:
    """No box is drawn, no mark beside its letter, and no byte that nobody could decode."""
    assert drawable(text) is None


def test_invisible_characters_are_left_out() -> None:
    """What turns or joins letters unseen is not kept: a name must not change the direction of what follows it."""
    assert drawable("a\u202eb\u200dc\ufeff") == "abc"


def test_letters_and_marks_are_composed() -> None:
    """A letter and its mark are one character where there is one."""
    assert drawable("Mu\u0308ller") == "Müller"


def test_hebrew_runs_from_right_to_left() -> None:
    """The first letter stands at the right, a number inside stays as it is."""
    assert lettering._in_drawing_order("אבג 12") == "12 גבא"


def test_arabic_letters_are_joined() -> None:
    """Letters take the form that their neighbours give them, and lam with alef is one."""
    assert lettering._in_drawing_order("محمد") == "\ufeaa\ufee4\ufea4\ufee3"
    assert lettering._in_drawing_order("سلام") == "\u0645\ufefc\ufeb3"


@pytest.mark.parametrize("size", [11, 13, 19, 46])
@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_nothing_is_cut_off(text: str, size: int) -> None:
    """A stamp holds all the ink that there is on a sheet large enough."""
    drawn = lettering._in_drawing_order(text)
    font = lettering._font(lettering._face_of(drawn, is_bold=False), size)
    sheet = Image.new("L", (40 * size, 8 * size))

    ImageDraw.Draw(sheet).text((4 * size, 4 * size), drawn, fill=255, font=font, anchor="ls")

    assert np.asarray(stamp(text, size), np.int64).sum() == np.asarray(sheet, np.int64).sum()


@pytest.mark.parametrize("face", [lettering._REGULAR, lettering._BOLD, lettering._CJK])
def test_layout_is_the_one_that_every_pillow_has(face: str) -> None:
    """Raqm is never used, wherever it is."""
    assert lettering._font(face, 12).layout_engine == ImageFont.Layout.BASIC


@pytest.mark.parametrize("columns", [60, 150, 230])
@pytest.mark.parametrize("text", [*SCRIPTS.values(), "W" * 64, "a bb ccc " * 9], ids=[*SCRIPTS, "wide", "words"])
def test_lines_fit(text: str, columns: int) -> None:
    """No line is wider than it may be, and nothing is lost but the spaces."""
    lines = wrapped(text, 16, columns, 99)

    assert max(length(line, 16) for line in lines) <= columns
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole() -> None:
    """A line breaks between words as long as each of them fits."""
    assert wrapped("Large part of an organ in shadow", 16, 120, 9) == ("Large part of an", "organ in shadow")


def test_longer_words_begin_on_the_line() -> None:
    """A word that is longer than a line is broken, and begins where there is room."""
    assert wrapped("ID " + "A" * 20, 16, 100, 9)[0].startswith("ID A")


def test_too_long_a_text_ends_in_an_ellipsis() -> None:
    """What has no room is left out, and that is said."""
    lines = wrapped("a bb ccc " * 20, 16, 100, 2)

    assert len(lines) == 2
    assert lines[-1].endswith(ELLIPSIS)
    assert length(lines[-1], 16) <= 100


def test_names_of_files_are_always_drawn() -> None:
    """Letters of a script without font are question marks, others stay."""
    assert plain("कa\n.png") == "?a?.png"
    assert plain("ä.png") == "ä.png"


def test_lines_do_not_touch() -> None:
    """Two lines of letters without overhang have a row between them."""
    ink = np.flatnonzero(np.asarray(stamp("Hxg", 20)).any(axis=1))

    assert np.ptp(ink) + 1 < 20 * LINE_SPACING


def test_environment_changes_nothing(tmp_path: Path) -> None:
    """The settings that the reshaper would take from the environment are not taken."""
    (tmp_path / "settings.ini").write_text("[ArabicReshaper]\nsupport_ligatures = no\n")
    asked = (
        "import sys; from hri_node.report.lettering import stamp; sys.stdout.buffer.write(stamp('سلام', 20).tobytes())"
    )
    environment = {"PYTHON_ARABIC_RESHAPER_CONFIGURATION_FILE": str(tmp_path / "settings.ini"), "LC_ALL": "C"}

    made = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, check=True)

    assert made.stdout == stamp("سلام", 20).tobytes()


def test_letters_are_the_same_on_every_machine() -> None:
    """Shapes, hinting and smoothing are those of the pinned packages, and nothing of the machine."""
    found = hashlib.sha256()

    for text in SCRIPTS.values():
        for size in (11, 16, 46):
            found.update(stamp(text, size).tobytes() + stamp(text, size, is_bold=True).tobytes())

    assert found.hexdigest() == LETTERS
