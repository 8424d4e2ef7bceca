"""Names in every script of the world, too long ones and wrongly declared ones: results carry them as the source did."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from measured import failed_image, measured_image
from pydicom import config, dcmread
from studies import EVERYTHING, WrittenStudy, write_objects
from validators import ENTITIES, UNAVOIDABLE, dcentvfy, dciodvfy, peer, unexplained

from hri_node.records import MeasuredImage

SCRIPTS: Final[dict[str, tuple[str | list[str], str]]] = {
    "latin_1": ("ISO_IR 100", "Prüfung^Bär"),
    "latin_2": ("ISO_IR 101", "Kovářová^Žofie"),
    "latin_5": ("ISO_IR 148", "Çavuşoğlu^İpek"),
    "cyrillic": ("ISO_IR 144", "Люксембург^Роза"),
    "arabic": ("ISO_IR 127", "قباني^لنزار"),
    "greek": ("ISO_IR 126", "Διονυσιος^Σολωμος"),
    "hebrew": ("ISO_IR 138", "שרון^דבורה"),
    "thai": ("ISO_IR 166", "สมชาย^ใจดี"),
    "unicode": ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
    "gb18030": ("GB18030", "Wang^XiaoDong=王^小东"),
    "gbk": ("GBK", "Wang^XiaoDong=王^小东"),
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "kanji_supplement": (["", "ISO 2022 IR 87", "ISO 2022 IR 159"], "Tani^Tarou=丂^太"),
    "half_width": (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "prefixes": ("ISO_IR 100", "Müller^Jörg^Friedrich^Prof. Dr.^MdB"),
    "full": ("ISO_IR 192", "Ä" * 31 + "^" + "Ö" * 32 + "=" + "山" * 31 + "^" + "川" * 32),
    "too_long": ("ISO_IR 192", "Nachname" * 20 + "^Vorname"),
}
"""Specific Character Set and a name in it (PS3.3 C.12.1.1.2, PS3.5 H to K)."""

WRONG: Final[dict[str, tuple[str | list[str] | None, bytes]]] = {
    "undeclared": (None, b"M\xfcller^J\xf6rg"),
    "unicode_as_latin": ("ISO_IR 100", "Müller^Jörg".encode()),
    "unicode_undeclared": (None, "王^小東".encode()),
    "without_escape": (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=张^小东".encode("gb2312")),
}
"""Specific Character Set and the bytes of a name that is not in it, as scanners send them."""

ABOUT_THE_NAME: Final = {
    r"Error - Value invalid for this VR - \(0x0010,0x0010\) PN Patient's Name .*": "so is the source's",
    r"Error - Dicom dataset contains invalid data values for Value Representations": "the same, summed up",
}
"""What dciodvfy may say of a name that it says of the source's, too: it counts bytes, and knows no GBK."""


def patient_of(file: Path) -> bytes:
    """Return the bytes of the patient's name as they are in a file."""
    return bytes(dcmread(file).get_item("PatientName").value)


def images_of(folder: Path, character_set: str | list[str] | None, name: str) -> list[MeasuredImage]:
    """Write the sources of a study of this patient, one measured and one not."""
    said: dict[str, Any] = {"SpecificCharacterSet": character_set, "PatientName": name}
    said |= {"ReferringPhysicianName": "", "StudyDescription": "US"}
    with config.disable_value_validation():
        return [
            measured_image(folder, number=1, attributes=said),
            failed_image(folder, "no_kidney", number=2, attributes=said),
        ]


def wrongly_made(folder: Path, character_set: str | list[str] | None, name: bytes) -> WrittenStudy:
    """Write a study of a patient whose name is these bytes, an even number of them, whatever is declared."""
    images = images_of(folder, character_set, placeholder := "N" * len(name))
    for image in images:
        image.path.write_bytes(image.path.read_bytes().replace(placeholder.encode(), name))
    return write_objects(folder, images, EVERYTHING)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], WrittenStudy]:
    """The study of a patient whose name is in a script of `SCRIPTS`."""
    made: dict[str, WrittenStudy] = {}

    def by_name(name: str) -> WrittenStudy:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            made[name] = write_objects(folder, images_of(folder, *SCRIPTS[name]), EVERYTHING)
        return made[name]

    return by_name


@pytest.mark.parametrize("name", SCRIPTS)
def test_name_is_carried_unchanged(script: Callable[[str], WrittenStudy], name: str) -> None:
    """Every object has the source's character set and the name, byte for byte."""
    shown = script(name)
    wanted = patient_of(shown.sources[0])

    assert {place: patient_of(file) for place, file in shown.objects.items()} == dict.fromkeys(shown.objects, wanted)
    with config.disable_value_validation():
        results = [dcmread(file) for file in shown.objects.values()]
        assert {str(ds.PatientName) for ds in results} == {SCRIPTS[name][1]}


@pytest.mark.parametrize("name", WRONG)
def test_wrongly_declared_name_is_carried_unchanged(tmp_path: Path, name: str) -> None:
    """A name that is not in the declared character set keeps its bytes: only the sender's people can say what it is."""
    character_set, wanted = WRONG[name]
    wanted += b" " * (len(wanted) % 2)

    shown = wrongly_made(tmp_path, character_set, wanted)

    assert patient_of(shown.sources[0]) == wanted
    assert {place: patient_of(file) for place, file in shown.objects.items()} == dict.fromkeys(shown.objects, wanted)


@pytest.mark.filterwarnings("ignore:Failed to decode byte string")
def test_undecodable_name_is_marked(tmp_path: Path) -> None:
    """Where Latin bytes are declared to be Unicode, each that cannot be one stands as its replacement character."""
    shown = wrongly_made(tmp_path, "ISO_IR 192", b"M\xfcller^J\xf6rg ")

    names = {patient_of(file).decode().rstrip() for file in shown.objects.values()}

    assert names == {"M\N{REPLACEMENT CHARACTER}ller^J\N{REPLACEMENT CHARACTER}rg"}


@pytest.mark.peers
@pytest.mark.parametrize("name", SCRIPTS)
def test_dciodvfy_says_no_more_than_of_the_source(script: Callable[[str], WrittenStudy], name: str) -> None:
    """In no script does a result have a fault, but for a name that the source itself has at fault."""
    shown = script(name)
    inherited = {p: why for p, why in ABOUT_THE_NAME.items() if any(re.match(p, s) for s in dciodvfy(shown.sources[0]))}

    said = {place: dciodvfy(file) for place, file in shown.objects.items()}

    assert unexplained(said, UNAVOIDABLE | inherited) == {}
    assert bool(inherited) == (name in {"gbk", "full", "too_long"})


@pytest.mark.peers
@pytest.mark.parametrize("name", SCRIPTS)
def test_dcentvfy_finds_one_patient(script: Callable[[str], WrittenStudy], name: str) -> None:
    """In every script, sources and results are of one patient."""
    shown = script(name)

    said = {name: dcentvfy([*shown.sources, *shown.objects.values()])}

    assert unexplained(said, ENTITIES) == {}


@pytest.mark.peers
@pytest.mark.parametrize("name", sorted(set(SCRIPTS) - {"japanese", "half_width", "kanji_supplement", "too_long"}))
def test_dcmtk_reads_the_name(script: Callable[[str], WrittenStudy], name: str) -> None:
    """DCMTK turns the report into Unicode and finds the name; Debian's cannot do so for ISO 2022 of Japan."""
    shown = script(name)

    said = peer("dcmtk", "dcmdump", "+U8", "+P", "PatientName", "+L", shown.report)

    assert f"[{SCRIPTS[name][1]}]" in said.stdout
