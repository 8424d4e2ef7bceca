"""A study is found in two clicks, judged with its outlines, and mended in one."""

import io
from pathlib import Path

import numpy as np
import pytest
from console_hospital import OTHER_CLEAR, Hospital
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect
from pydicom import dcmread
from running import eventually
from visiting import Screen, Visits

from hri_node.ledger.states import StudyState

pytestmark = pytest.mark.peers

SETTLED_WITHIN_S = 60


def canvas(screen: Screen) -> NDArray[np.uint8]:
    """What the picture shows."""
    expect(screen.page.locator("#zoom")).not_to_have_text("–")
    with Image.open(io.BytesIO(screen.page.locator("#canvas").screenshot())) as picture:
        return np.asarray(picture.convert("RGB"))


def coloured(picture: NDArray[np.uint8]) -> int:
    """How many pixels have a colour."""
    spread = picture.max(axis=2).astype(int) - picture.min(axis=2)
    return int((spread > 60).sum())


def test_found_in_two_clicks(visits: Visits, hospital: Hospital) -> None:
    """By the field on every page and the line that it finds; a viewer is not told the name."""
    with visits.screen("otto") as screen:
        screen.open("/")
        screen.page.get_by_role("searchbox").first.fill("doubt")
        screen.press("Enter")
        screen.content.locator("tbody a").first.click()

        expect(screen.page.get_by_role("heading", name="Phantom, Doubtful")).to_be_visible()
        assert screen.path == f"/studies/{hospital.study_id('doubtful')}"


def test_search_by_everything(visits: Visits) -> None:
    """Accession, sender, date, state, results, index; each finds what it should, and no more."""
    wanted = {
        "q=ACC0001": ["ACC0001"],
        "sender=SCANNER&from=2026-06-02&to=2026-06-02": ["ACC0002"],
        "state=reported&measured=no": ["ACC0003"],
        "results=waiting&q=PHANTOM-001": ["ACC0001"],
        "lowest=5": [],
        "q=Phantom^Empty": ["ACC0003"],
    }
    with visits.screen("otto") as screen:
        for query, accessions in wanted.items():
            screen.open(f"/studies?{query}")
            cells = screen.content.locator("tbody tr td:nth-child(3)").all_inner_texts()
            assert cells == accessions, query


def test_outlines_and_zoom(visits: Visits, hospital: Hospital) -> None:
    """Each can be hidden, by mouse and key; one pixel of the image is one of the screen where that is wanted."""
    with visits.screen("otto") as screen:
        screen.open(f"/studies/{hospital.study_id('doubtful')}")
        counts = [coloured(canvas(screen))]
        for label in ("Liver", "Kidney"):
            screen.page.get_by_role("checkbox", name=label, exact=True).uncheck()
            counts.append(coloured(canvas(screen)))
        for key in ("g", "c"):
            screen.press(key)
            counts.append(coloured(canvas(screen)))
        assert counts == sorted(counts, reverse=True)
        assert len(set(counts)) == 5

        screen.press("1")
        expect(screen.page.locator("#zoom")).to_have_text("100 %")
        bare = canvas(screen)
        assert coloured(bare) == 0
        row = bare[bare.shape[0] // 2, :, 0]
        inside = row[row.shape[0] // 2 - 60 : row.shape[0] // 2 + 60]
        assert any(
            inside.tobytes() in line.tobytes() for line in dcmread(hospital.studies["doubtful"].files[0]).pixel_array
        )
        screen.press("+", "+")
        expect(screen.page.locator("#zoom")).to_have_text("156 %")
        screen.press("0")
        expect(screen.page.locator("#zoom")).not_to_have_text("156 %")


def test_values_and_warnings(visits: Visits, hospital: Hospital) -> None:
    """As the ledger has them; every warning in a sentence; what cannot be measured says why."""
    ledger = hospital.node.ledger
    with visits.screen("vera") as screen:
        screen.open(f"/studies/{hospital.study_id('doubtful')}")
        hri = ledger.study(hospital.study_id("doubtful")).hri
        expect(screen.page.locator("#values")).to_contain_text(f"HRI {hri:.2f}")
        assert screen.page.locator(".cautions li").count() >= 1
        expect(screen.content).to_contain_text("It informs, it never diagnoses", ignore_case=True)
        screen.open(f"/studies/{hospital.study_id('empty')}")
        expect(screen.page.locator("#values .why")).to_contain_text("kidney")
        assert screen.page.get_by_role("button", name="Discard").count() == 0


def test_downloads(visits: Visits, hospital: Hospital, tmp_path: Path) -> None:
    """Report, segmentation and picture as DICOM files, and the picture as PNG."""
    with visits.screen("otto") as screen:
        screen.open(f"/studies/{hospital.study_id('clear')}")
        kinds = set()
        for link in screen.page.locator("#way a[download]").all():
            with screen.page.expect_download() as coming:
                link.click()
            path = tmp_path / coming.value.suggested_filename
            coming.value.save_as(path)
            kinds.add(dcmread(path).Modality)
        assert {"SR", "SEG"} <= kinds
        assert len(kinds) == 3
        with screen.page.expect_download() as coming:
            screen.page.get_by_role("link", name="Picture as PNG").click()
        coming.value.save_as(tmp_path / "picture.png")
        with Image.open(tmp_path / "picture.png") as picture:
            assert coloured(np.asarray(picture.convert("RGB"))) > 100


def test_mended_in_one_click(visits: Visits, hospital: Hospital) -> None:
    """Reported again, sent to another destination, one delivery again, measured again, set aside; by keys alone."""
    hospital.send("mended", OTHER_CLEAR)
    eventually(hospital.is_settled, SETTLED_WITHIN_S, "the first report")
    number, ledger = hospital.study_id("mended"), hospital.node.ledger
    with visits.screen("otto") as screen:
        screen.open(f"/studies/{number}")
        for name in ("Report again", "Deliver again", "Measure this image again"):
            screen.tab_to(f"button {name}")
            with screen.page.expect_navigation():
                screen.press("Enter")
            assert not screen.told.startswith("Not done"), screen.told
            eventually(hospital.is_settled, SETTLED_WITHIN_S, name)
        screen.page.get_by_label("Send to").select_option("burner")
        screen.press_button("Send")
        assert not screen.told.startswith("Not done"), screen.told
        eventually(hospital.is_settled, SETTLED_WITHIN_S, "the delivery")
        screen.press_button("Discard")
        assert not screen.told.startswith("Not done"), screen.told
    assert ledger.study(number).state in {StudyState.DISCARDED, StudyState.REPORTED}
    assert {act.what for act in ledger.acts() if act.who == "otto"} >= {"jobs retry", "study send"}
