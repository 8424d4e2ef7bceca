"""Who the patient is, beside a picture: in every character set, as far as it can be drawn."""

from pathlib import Path
from typing import Any

import pytest
from builders import instance_file

from hri_node.report.header import read_header
from hri_node.report.patient import UNDRAWABLE_NAME, iso, patient_lines

UNSAID = ("PatientID", "PatientBirthDate", "StudyDate", "ReferringPhysicianName")
"""The last one has letters that not every character set has."""
NOBODY = dict.fromkeys(UNSAID)

JAPANESE = ["", "ISO 2022 IR 87"]
KOREAN = ["", "ISO 2022 IR 149"]

NAMES = {
    "latin": ("ISO_IR 100", "Müller^Jürgen", ["Müller, Jürgen"]),
    "all components": ("ISO_IR 100", "Adams^John^Robert Quincy^Rev.^B.A.", ["Adams, John Robert Quincy, Rev., B.A."]),
    "empty components": ("ISO_IR 100", "^^^Dr.", ["Dr."]),
    "greek": ("ISO_IR 126", "Διονυσιος", ["Διονυσιος"]),
    "cyrillic": ("ISO_IR 144", "Люкceмбypг", ["Люкceмбypг"]),
    "arabic": ("ISO_IR 127", "قباني^لنزار", ["قباني, لنزار"]),
    "hebrew": ("ISO_IR 138", "שרון^דבורה", ["שרון, דבורה"]),
    "japanese": (JAPANESE, "Yamada^Tarou=山田^太郎=やまだ^たろう", ["Yamada, Tarou", "山田 太郎", "やまだ たろう"]),
    "korean": (KOREAN, "Hong^Gildong=洪^吉洞=홍^길동", ["Hong, Gildong", "洪 吉洞", "홍 길동"]),
    "chinese": ("GB18030", "Wang^XiaoDong=王^小东", ["Wang, XiaoDong", "王 小东"]),
    "hangul alone": ("ISO_IR 192", "홍^길동", ["홍 길동"]),
    "same group twice": ("ISO_IR 192", "Roe^Ann=Roe^Ann", ["Roe, Ann"]),
    "thai with latin": ("ISO_IR 192", "Somchai=ที่^หนึ่ง", ["Somchai"]),
    "undrawable": ("ISO_IR 192", "नमस्ते^राम", [UNDRAWABLE_NAME]),
    "none": ("ISO_IR 192", None, []),
    "empty": ("ISO_IR 192", "^^", []),
    "two values": ("ISO_IR 192", ["Doe^A", "Roe^B"], ["Doe, A"]),
}
"""Character set, name, and what of it is drawn."""


def lines(folder: Path, **attributes: Any) -> tuple[str, ...]:  # noqa: ANN401 - DICOM values
    """Return what is said of the patient of an instance."""
    return patient_lines(read_header(instance_file(folder, attributes=attributes)))


@pytest.mark.parametrize(("character_set", "name", "drawn"), NAMES.values(), ids=NAMES.keys())
def test_name_in_every_way_that_can_be_drawn(
    tmp_path: Path, character_set: str | list[str], name: str | list[str], drawn: list[str]
) -> None:
    """Each group of the name is a line, in the order of the Standard, but none that would be boxes."""
    told = {**NOBODY, "SpecificCharacterSet": character_set, "PatientName": name}

    assert list(lines(tmp_path, **told)) == drawn


def test_all_that_is_known_is_said(tmp_path: Path) -> None:
    """Name, ID, birth date and study date, each on its line."""
    told = {"PatientName": "Doe^J", "PatientID": "A-1", "PatientBirthDate": "19600229", "StudyDate": "20250102"}

    assert lines(tmp_path, **told) == ("Doe, J", "ID A-1", "Born 1960-02-29", "Study 2025-01-02")


def test_bytes_without_character_set_are_not_guessed(tmp_path: Path) -> None:
    """Where no character set is named, only ASCII is sure: other bytes would be letters that nobody meant."""
    path = instance_file(tmp_path, attributes={**NOBODY, "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Bär"})
    path.write_bytes(
        path.read_bytes().replace(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", b"\x08\x00\x05\x00CS\x0a\x00" + b" " * 10)
    )

    assert patient_lines(read_header(path)) == (UNDRAWABLE_NAME,)


@pytest.mark.parametrize(("text", "day"), [("20250102", "2025-01-02"), ("", ""), ("2025", ""), ("20250230", "")])
def test_dates_as_people_write_them(text: str, day: str) -> None:
    """A date is shown with its hyphens; what is no date is not shown."""
    assert iso(text) == day
