"""Scanners and destinations are added, tested, changed and removed from pages, and the node goes by it at once."""

import subprocess

import pytest
from console_hospital import CLEAR, Hospital
from playwright.sync_api import expect
from running import eventually
from visiting import Screen, Visits

from hri_node.ledger.states import StudyState

pytestmark = pytest.mark.peers

SETTLED_WITHIN_S = 60
FOLLOWED_WITHIN_S = 20
REFUSED = "status of 422"
"""What Chromium itself writes where something in a form is wrong."""


def echoes(hospital: Hospital, calling: str) -> bool:
    """Whether the node lets a scanner in."""
    command = ["echoscu", "-aet", calling, "-aec", "HRI_NODE", "127.0.0.1", str(hospital.node.port)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(screen: Screen, **fields: str) -> None:
    """Fill a form in by keys: Tab from field to field."""
    for name, words in fields.items():
        for _ in range(60):
            screen.press("Tab")
            if screen.page.evaluate("() => document.activeElement.name") == name:
                break
        screen.press("Control+A")
        screen.page.keyboard.type(words)


def test_a_scanner(visits: Visits, hospital: Hospital) -> None:
    """Who was turned away is admitted by one click; its quiet time is kept; a study is completed by force; removed."""
    assert not echoes(hospital, "MRI_3")
    with visits.screen("ada") as screen:
        screen.open("/scanners")
        screen.follow("Admit", screen.row("MRI_3"))
        expect(screen.page.get_by_label("AE title")).to_have_value("MRI_3")
        fill(screen, study_quiet_s="900")
        screen.press("Enter")
        screen.page.wait_for_url("**/scanners")
        assert screen.told == "MRI_3 is set up."
        eventually(lambda: echoes(hospital, "MRI_3"), FOLLOWED_WITHIN_S, "the admission")
        expect(screen.row("MRI_3")).not_to_contain_text("turned away 1", timeout=30_000)

        hospital.send("slow", CLEAR, calling="MRI_3")
        number = hospital.study_id("slow")
        _completed(screen, number)
        eventually(
            lambda: hospital.node.ledger.study(number).state == StudyState.REPORTED, SETTLED_WITHIN_S, "the report"
        )

        screen.open("/scanners")
        screen.press_button("Remove", screen.row("MRI_3"))
        assert screen.told == "MRI_3 is removed."
    eventually(lambda: not echoes(hospital, "MRI_3"), FOLLOWED_WITHIN_S, "the end of its admission")


def _completed(screen: Screen, number: int) -> None:
    """Report a study now, from the list of jobs that wait."""
    screen.open("/queues?queue=report&state=waiting")
    row = screen.content.locator("#jobs tbody tr", has_text=f"report-{number}")
    row.get_by_role("button", name="Report now").focus()
    with screen.page.expect_navigation():
        screen.press("Enter")
    assert f"Study {number} is reported as it is" in screen.told


def test_a_destination(visits: Visits, hospital: Hospital) -> None:
    """Added by keys alone; tested; changed, which a wrong value does not; removed."""
    with visits.screen("ada", allowed=[REFUSED]) as screen:
        screen.open("/destinations")
        screen.tab_to("a Add a destination")
        with screen.page.expect_navigation():
            screen.press("Enter")
        fill(screen, name="second", host="127.0.0.1", port=str(hospital.pacs.dicom_port), called="ORTHANC")
        screen.press("Enter")
        screen.page.wait_for_url("**/destinations")
        assert screen.told == "second is set up."

        screen.press_button("Test", screen.row("second"))
        expect(screen.row("second")).to_contain_text("Tested")
        expect(screen.row("second").locator(".words.ok")).to_be_visible()
        screen.press_button("Test", screen.row("archive"))
        expect(screen.row("archive").locator(".words.bad").last).to_contain_text("does not answer")

        screen.follow("Edit", screen.row("second"))
        fill(screen, port="99999")
        screen.press("Enter")
        expect(screen.page.get_by_role("alert")).to_contain_text("Nothing was changed")
        expect(screen.page.get_by_label("Port")).to_be_focused()
        screen.keep("wrong port")
        assert screen.faults() == []
        screen.page.get_by_label("Port").fill(str(hospital.archive_port))
        screen.press("Enter")
        screen.page.wait_for_url("**/destinations")
        assert screen.told == "second is changed."
        screen.press_button("Test", screen.row("second"))
        expect(screen.row("second").locator(".words.bad").last).to_contain_text("does not answer")

        screen.press_button("Remove", screen.row("second"))
        assert screen.told.startswith("second is removed")
        screen.open("/acts")
        expect(screen.content).to_contain_text("destination rm")
