"""Every page, dark and light, on a small and on a large screen: nothing too wide, no grave fault, kept as pictures."""

import pytest
from console_hospital import Hospital
from visiting import LARGE, SMALL, Screen, Visits

pytestmark = pytest.mark.peers

PAGES = {
    "overview": "/",
    "studies": "/studies",
    "studies nothing found": "/studies?q=nobody",
    "study measured": "/studies/{clear}",
    "study doubtful": "/studies/{doubtful}",
    "study not measurable": "/studies/{empty}",
    "queues": "/queues?queue=deliver&state=waiting",
    "dead letters": "/queues?state=failed",
    "scanners": "/scanners",
    "scanner": "/scanners/SCANNER",
    "scanner turned away": "/scanners/MRI_3",
    "add scanner": "/setup/scanner",
    "destinations": "/destinations",
    "add destination": "/setup/destination",
    "edit destination": "/setup/destination?name=pacs",
    "alerts": "/alerts",
    "self-test": "/self-test",
    "log": "/acts",
    "people": "/people",
    "password": "/password",
    "api": "/api/docs",
}


def look(screen: Screen, name: str) -> list[str]:
    """Look at an open page in both themes and sizes; what is wrong with it."""
    wrong = []
    for theme in ("dark", "light"):
        screen.page.emulate_media(color_scheme=theme)
        screen.page.set_viewport_size(SMALL)
        wrong += [f"{theme}: {fault}" for fault in screen.faults()]
        wrong += [f"sideways: {box}" for box in screen.too_wide()]
        screen.keep(f"{name} {theme} 1280")
        screen.page.set_viewport_size(LARGE)
        screen.keep(f"{name} {theme} 1920")
        wrong += [f"sideways: {box}" for box in screen.too_wide()]
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_page(visits: Visits, hospital: Hospital, name: str) -> None:
    """As an admin sees it."""
    with visits.screen("ada") as screen:
        screen.open(PAGES[name].format(**{each: hospital.study_id(each) for each in hospital.studies}))
        assert look(screen, name) == []
