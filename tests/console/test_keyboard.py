"""Keys alone: on every page Tab goes through everything in the order of the page, one sees where, and leaves again."""

import pytest
from console_hospital import Hospital
from test_all_pages import PAGES
from visiting import Visits

pytestmark = pytest.mark.peers

STEPS_MAX = 150


@pytest.mark.parametrize("name", PAGES)
def test_tab(visits: Visits, hospital: Hospital, name: str) -> None:
    """The skip link first; nothing is focused unseen; nothing traps."""
    with visits.screen("ada") as screen:
        screen.open(PAGES[name].format(**{each: hospital.study_id(each) for each in hospital.studies}))
        screen.page.evaluate("() => document.querySelector('.skip').focus()")
        screen.press("Shift+Tab")  # before all of the page, wherever it had put the focus
        places, names = [], []
        for _ in range(STEPS_MAX):
            screen.press("Tab")
            here = screen.focused()
            if here is None or places[:1] == [here["order"]]:  # it left the page, or begins anew
                break
            assert here["outline"], f"a visible focus on {here['name']}"
            assert here["seen"], f"{here['name']} in the window"
            places.append(here["order"])
            names.append(here["name"])
        else:
            pytest.fail(f"Tab does not leave the page: {names[-5:]}")

        assert names[0] == "a Skip to content"
        assert places == sorted(places), "the order of the page"
        assert len(places) > 3


def test_skip_link(visits: Visits) -> None:
    """Leads past what stands on every page."""
    with visits.screen("ada") as screen:
        screen.open("/queues")
        screen.press("Tab")
        assert screen.focused() is not None
        screen.press("Enter", "Tab")
        inside = screen.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
        assert inside
