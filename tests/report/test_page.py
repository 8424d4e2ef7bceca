"""The page about a study, as bytes and as Poppler reads it."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pdfs import drawn, fonts_of, info_of, picture_sizes, text_of
from studies import CAUTIONS, EVERYTHING, PRIORS

from hri_node.measure.types import Caution
from hri_node.records import MeasuredImage, PriorIndex
from hri_node.report.context import ReportContext
from hri_node.report.identity import Maker
from hri_node.report.page import page, shown_image
from hri_node.report.source import read_source

NAMED = replace(CONTEXT, patient_on_picture=True)


def made(*images: MeasuredImage, context: ReportContext = CONTEXT) -> bytes:
    """Return the page about `images`."""
    return page([read_source(image) for image in images], Maker(ALGORITHM, context))


def images(folder: Path, count: int, **options: Any) -> list[MeasuredImage]:  # noqa: ANN401 - passed through
    """Return a study of images with the indices 1.1, 1.2, …."""
    return [
        measured_image(folder, number=k, attributes={"InstanceNumber": k}, result_hri=1 + k / 10, **options)
        for k in range(1, count + 1)
    ]


def test_page_is_one_plain_pdf(tmp_path: Path) -> None:
    """A page is one page, and nothing on it went through a compressor that differs between machines."""
    data = made(measured_image(tmp_path))

    assert data.startswith(b"%PDF-1.")
    assert data.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    assert b"FlateDecode" not in data


@pytest.mark.parametrize("kind", KINDS)
def test_same_study_same_page(tmp_path: Path, kind: str) -> None:
    """The same study gives the same bytes."""
    image = measured_image(tmp_path, **KINDS[kind])

    assert made(image) == made(image)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati"])
def test_no_environment_changes_the_page(tmp_path: Path, zone: str) -> None:
    """Neither time zone nor locale, nor what ReportLab and build systems read from the environment, shows."""
    script = (
        "import hashlib, sys; from pathlib import Path; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/report'];"
        "from test_page import *; data = made(measured_image(Path(sys.argv[2])), context=EVERYTHING);"
        "print(hashlib.sha256(data).hexdigest())"
    )
    settings = {"RL_pageCompression": "1", "RL_useA85": "1", "RL_canvas_basefontname": "Courier", "RL_invariant": "0"}
    environment = os.environ | settings | {"SOURCE_DATE_EPOCH": "1", "TZ": zone, "LC_ALL": "de_DE.UTF-8"}
    command = [sys.executable, "-c", script, str(Path(__file__).parents[1]), str(tmp_path)]

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    here = made(measured_image(tmp_path), context=EVERYTHING)
    assert ran.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_representative_image_is_shown(tmp_path: Path) -> None:
    """The picture is of the image that the study's index is nearest to; of a failed study, of the nearest failure."""
    sources = [read_source(image) for image in images(tmp_path, 5)]
    failed = [read_source(failed_image(tmp_path, reason, number=8)) for reason in ("not_bmode", "kidney_too_dark")]

    assert shown_image(sources) is sources[2]
    assert shown_image(failed) is failed[1]


@pytest.mark.peers
def test_values_are_on_the_page(tmp_path: Path) -> None:
    """The index, its interval, means, SDs, depths, areas and cautions of each image can be read."""
    first, second = images(tmp_path, 2, result_warnings=CAUTIONS)

    text = text_of(made(first, second), tmp_path)

    liver, cortex = first.result.liver, first.result.renal_cortex
    row = [f"{region['mean']:.2f}, {region['sd']:.2f}" for region in (liver, cortex)]
    assert re.search(rf"Image 1 +1\.10 +1\.40 to 1\.62 +{row[0]} +{row[1]} +71 / 71 +216\.1 / 136\.9 +limited", text)
    assert all(word in text for word in ("1.15", "Median of 2 measured images", "ROI smaller than 15 mm"))


@pytest.mark.peers
def test_origin_is_on_the_page(tmp_path: Path) -> None:
    """Network, Device UID, weights, parameters, revision and who answers for it can be read."""
    text = " ".join(text_of(made(measured_image(tmp_path), context=EVERYTHING), tmp_path).split())

    assert f"network icnet 1.0.0, Device UID {ALGORITHM.device_uid}, weights SHA-256" in text
    assert ALGORITHM.sha256 in text.replace(" ", "")
    assert "Final, verified by Reader, Anna, Department of Radiology. Revision 2." in text
    assert CONTEXT.parameters in text
    assert "Research use - not for diagnosis" in text


@pytest.mark.peers
def test_trend_is_on_the_page(tmp_path: Path) -> None:
    """Earlier indices can be read, and by which network they were found; without any there is no plot."""
    image = measured_image(tmp_path)

    text = text_of(made(image, context=replace(CONTEXT, priors=PRIORS)), tmp_path)

    assert all(word in text for word in ("1.31", "1.44", "icnet 0.9.0", "earlier ones of the same patient"))
    assert "earlier" not in text_of(made(image), tmp_path)


@pytest.mark.peers
def test_reason_is_on_the_page(tmp_path: Path) -> None:
    """A study without an index has a page that says why, and what was found before."""
    failed = [failed_image(tmp_path, "no_liver", "no_kidney"), failed_image(tmp_path, "not_bmode", number=2)]

    text = text_of(made(*failed, context=replace(CONTEXT, priors=PRIORS)), tmp_path)

    wanted = ("Not measurable", "Liver not identified", "Right kidney not identified", "Nearest of 2 images.", "1.31")
    assert all(word in text for word in wanted)
    assert "Median" not in text


@pytest.mark.peers
def test_many_images_are_counted(tmp_path: Path) -> None:
    """Of many images some have a row, the one shown among them; the others are counted."""
    study = [*images(tmp_path, 20), failed_image(tmp_path, "no_kidney", number=30)]

    text = text_of(made(*study), tmp_path)

    assert re.findall(r"^ *Image (\d+) ", text, re.MULTILINE) == ["1", "2", "3", "4", "5", "10"]
    assert "14 more measured images in the structured report. Of 21 images, 1 could not be measured." in text


@pytest.mark.peers
def test_patient_only_where_configured(tmp_path: Path) -> None:
    """Name, ID and birth date are on the page by setting only, date and Accession Number always; never in metadata."""
    image = measured_image(tmp_path)
    patient = ("Prüfung", "Bär", "SYNTHETIC-1", "1970-01-01")

    without, named = (text_of(made(image, context=context), tmp_path) for context in (CONTEXT, NAMED))

    assert not any(word in without for word in patient)
    assert all(word in named for word in (*patient, "2025-01-02", "ACC001"))
    assert all(word in without for word in ("2025-01-02", "ACC001"))
    info = info_of(made(image, context=NAMED), tmp_path)
    assert (info["Title"], info["Author"], info["Pages"]) == ("Hepatorenal index", "HRI Project", "1")
    assert not any(word in str(info) for word in patient)


@pytest.mark.peers
@pytest.mark.parametrize(
    ("character_set", "name", "text"),
    [
        ("ISO_IR 192", "Łukasiewicz^Żaneta", "Łukasiewicz, Żaneta"),
        ("ISO_IR 144", "Люксембург", "Люксембург"),
        ("ISO_IR 126", "Διονυσιος", "Διονυσιος"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("ISO_IR 192", "<b>A&B</b>^C", "<b>A&B</b>, C"),
    ],
)
def test_names_in_many_scripts(tmp_path: Path, character_set: Any, name: str, text: str) -> None:  # noqa: ANN401 - DICOM values
    """A name that the page's font has is text, as it is, whatever ReportLab would read into it."""
    attributes = {"SpecificCharacterSet": character_set, "PatientName": name, "ReferringPhysicianName": ""}

    found = text_of(made(measured_image(tmp_path, attributes=attributes), context=NAMED), tmp_path)

    assert text in found


@pytest.mark.peers
def test_number_that_cannot_be_drawn(tmp_path: Path) -> None:
    """An Accession Number with a letter that no font has is left to the header, which has it: never boxes."""
    attributes = {"SpecificCharacterSet": "ISO_IR 192", "AccessionNumber": "A\ue000B"}

    text = text_of(made(measured_image(tmp_path, attributes=attributes)), tmp_path)

    assert "Accession number see the study" in text


@pytest.mark.parametrize(
    ("character_set", "name", "pictures"),
    [
        ("ISO_IR 192", "محمد^علي", 1),
        ("ISO_IR 192", "שרון^דבורה", 1),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", 2),
        ("ISO_IR 192", "山" * 64, 1),
        ("ISO_IR 100", "Buc^Jérôme", 0),
    ],
)
def test_other_scripts_are_pictures(tmp_path: Path, character_set: Any, name: str, pictures: int) -> None:  # noqa: ANN401 - DICOM values
    """A name in joined or Asian letters is drawn as a picture, within its half of the page."""
    attributes = {"SpecificCharacterSet": character_set, "PatientName": name, "ReferringPhysicianName": ""}

    sizes = picture_sizes(made(measured_image(tmp_path, attributes=attributes), context=NAMED))

    assert len(sizes) == pictures + 1  # that of the image
    assert all(width <= 256 for width, height in sizes if height < 20)


def test_everything_has_room(tmp_path: Path) -> None:
    """With all rows, cautions and earlier studies, and the longest words, the picture is still to be recognised."""
    words = {"PatientName": "W" * 64, "PatientID": "W" * 64, "AccessionNumber": "W" * 16}
    study = [measured_image(tmp_path, number=k, result_warnings=tuple(Caution), attributes=words) for k in range(1, 10)]
    priors = tuple(PriorIndex(f"2.25.{k}", f"20{10 + k}0101", "", 1.4, f"network {k}") for k in range(8))
    context = replace(EVERYTHING, priors=priors, parameters="side 15 mm; " * 30)

    ((_, height),) = picture_sizes(made(*study, context=context))

    assert height > 90


@pytest.mark.peers
def test_fonts_are_embedded(tmp_path: Path) -> None:
    """A viewer needs no font of its own."""
    fonts = fonts_of(made(measured_image(tmp_path), context=EVERYTHING), tmp_path)

    assert {row[0].split("+")[1] for row in fonts} == {"FiraGO-Regular", "FiraGO-Bold"}
    assert all(row[3] == "yes" for row in fonts)


@pytest.mark.peers
def test_page_is_drawn_inside_its_margins(tmp_path: Path) -> None:
    """Nothing lies on the margins, and something lies between them."""
    grey = drawn(made(measured_image(tmp_path), context=EVERYTHING), tmp_path)

    inner = grey[40:-40, 40:-40]
    assert grey.shape == (842, 596)
    assert grey.sum() - inner.sum() == 255 * (grey.size - inner.size)
    assert inner.mean() < 240
