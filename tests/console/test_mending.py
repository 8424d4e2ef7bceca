"""Queues are paused, dead letters done again, studies completed; each by mouse or by keys, and written down."""

import pytest
from console_hospital import NOT_UNDERSTOOD, Hospital
from playwright.sync_api import expect
from running import eventually
from visiting import Screen, Visits

from hri_node.ledger.states import JobState, Queue

pytestmark = pytest.mark.peers

SETTLED_WITHIN_S = 60
SUCCESS = 0x0000


def failed(hospital: Hospital) -> int:
    """How many deliveries wait for a person."""
    return len(hospital.node.ledger.jobs(Queue.DELIVER, JobState.FAILED))


def acts(hospital: Hospital) -> set[tuple[str, str]]:
    """Who did what."""
    return {(act.who, act.what) for act in hospital.node.ledger.acts()}


def press_by_key(screen: Screen, name: str, key: str = "Enter") -> None:
    """Go to a button by Tab, and press it."""
    screen.tab_to(f"^(button|a) {name}")
    with screen.page.expect_navigation():
        screen.press(key)


def test_a_queue_is_paused_and_resumed(visits: Visits, hospital: Hospital) -> None:
    """By keys alone; other open pages see it."""
    with visits.screen("otto") as screen, visits.screen("vera") as other:
        other.open("/queues")
        screen.open("/queues")
        press_by_key(screen, "Pause", "Space")
        assert "paused" in screen.told
        expect(other.row("Measuring")).to_contain_text("paused")
        expect(other.row("Measuring")).to_contain_text("by otto")
        assert list(hospital.node.ledger.paused_queues()) == [Queue.MEASURE]

        press_by_key(screen, "Resume")
        expect(other.row("Measuring")).not_to_contain_text("paused")
    assert {("otto", "queue pause"), ("otto", "queue resume")} <= acts(hospital)


def test_a_destination_is_paused_and_resumed(visits: Visits, hospital: Hospital) -> None:
    """It is not sent to meanwhile, and the overview says so."""
    with visits.screen("otto") as screen:
        screen.open("/destinations")
        screen.press_button("Pause", screen.row("pacs"))
        expect(screen.row("pacs")).to_contain_text("paused")
        screen.open("/")
        expect(screen.page.locator("#verdict")).to_contain_text("Destination pacs is paused by otto")
        screen.open("/destinations")
        screen.press_button("Resume", screen.row("pacs"))
        expect(screen.row("pacs")).not_to_contain_text("paused")
    assert {("otto", "destination pause"), ("otto", "destination resume")} <= acts(hospital)


def test_dead_letters_are_done_again(visits: Visits, hospital: Hospital) -> None:
    """One, those that were chosen, all; as soon as the destination takes them."""
    before = failed(hospital)
    assert before >= 4
    with visits.screen("otto") as screen:
        screen.open("/queues?queue=deliver&state=failed")
        hospital.burner.status = SUCCESS
        try:
            screen.press_button("Retry", screen.content.locator("tbody tr", has_text="deliver-").first)
            eventually(lambda: failed(hospital) == before - 1, SETTLED_WITHIN_S, "the delivery of one")
            expect(screen.page.locator("#jobs tbody tr")).to_have_count(before - 1)

            screen.tab_to("input Choose deliver-")
            screen.press("Space", "Tab")
            press_by_key(screen, "Retry chosen")
            eventually(lambda: failed(hospital) == before - 2, SETTLED_WITHIN_S, "the delivery of a chosen one")
            expect(screen.page.locator("#jobs tbody tr")).to_have_count(before - 2)

            screen.page.get_by_role("button", name="Retry all").click()
            expect(screen.page.locator("#jobs")).to_contain_text("Nothing failed")
            eventually(hospital.is_settled, SETTLED_WITHIN_S, "the delivery of all")
            assert failed(hospital) == 0
        finally:
            hospital.burner.status = NOT_UNDERSTOOD
    assert ("otto", "jobs retry") in acts(hospital)


def test_what_is_chosen_stays_chosen(visits: Visits, hospital: Hospital) -> None:
    """While the list renews itself around it."""
    with visits.screen("otto") as screen:
        screen.open("/queues?queue=deliver&state=done")
        box = screen.content.locator("tbody input[type=checkbox]").nth(1)
        box.check()
        name = box.get_attribute("value")
        with screen.page.expect_response(lambda answer: "x-part" in answer.request.headers):
            pass
        with screen.page.expect_response(lambda answer: "x-part" in answer.request.headers):
            pass
        assert screen.content.locator(f'input[value="{name}"]').is_checked()
        assert screen.content.locator("tbody input:checked").count() == 1
    assert hospital.is_settled()


def test_a_list_of_acts(visits: Visits) -> None:
    """Who did what, of one person where that is wanted."""
    with visits.screen("ada") as screen:
        screen.open("/acts")
        screen.page.get_by_label("Person").select_option("otto")
        screen.press_button("Show")
        names = set(screen.content.locator("tbody tr td:nth-child(2)").all_inner_texts())
        assert names == {"otto"}
