"""Sessions: idle ones end, old ones end, those of people who are gone end; the ledger does not hold the cookie."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE


@pytest.fixture
def anna(ledger: Ledger) -> int:
    """Anna, logged in for 12 hours."""
    person = ledger.add_person("anna", Role.OPERATOR, "hash", NOW)
    ledger.begin_session(person.id, "c1", "csrf", now=NOW, expires_at=NOW + 12 * HOUR)
    return person.id


@pytest.mark.usefixtures("anna")
def test_a_session_says_who_it_is(ledger: Ledger) -> None:
    """Name, role, token of forms; and the person was here."""
    login = ledger.login("c1", NOW, HOUR)

    assert login is not None
    assert (login.name, login.role, login.csrf_token, login.has_password) == ("anna", Role.OPERATOR, "csrf", True)
    assert ledger.persons()[0].last_login_at == NOW
    assert ledger.login("c2", NOW, HOUR) is None


@pytest.mark.usefixtures("anna")
def test_an_idle_session_ends(ledger: Ledger) -> None:
    """And does not come back when the clock does."""
    assert ledger.login("c1", NOW + HOUR, HOUR) is None
    assert ledger.login("c1", NOW, HOUR) is None


@pytest.mark.usefixtures("anna")
def test_visits_keep_a_session_until_its_end(ledger: Ledger) -> None:
    """Twelve hours after the login it ends, however busy."""
    for minutes in range(0, 720, 50):
        assert ledger.login("c1", NOW + minutes * MINUTE, HOUR) is not None

    assert ledger.login("c1", NOW + 12 * HOUR, HOUR) is None


@pytest.mark.usefixtures("anna")
def test_a_page_that_asks_by_itself_keeps_nothing_alive(ledger: Ledger) -> None:
    """Whoever goes home without logging out is logged out."""
    for minutes in range(1, 60):
        assert ledger.login("c1", NOW + minutes * MINUTE, HOUR, is_visit=False) is not None

    assert ledger.login("c1", NOW + HOUR, HOUR, is_visit=False) is None


@pytest.mark.usefixtures("anna")
def test_a_clock_that_was_set_back_prolongs_nothing(ledger: Ledger) -> None:
    """A session from the future is over."""
    assert ledger.login("c1", NOW - HOUR, HOUR) is None


def test_who_is_disabled_is_out_and_stays_out(ledger: Ledger, anna: int) -> None:
    """Neither the old session nor a new one."""
    ledger.add_person("root", Role.ADMIN, "hash", NOW)
    ledger.disable("anna", NOW)

    assert ledger.login("c1", NOW, HOUR) is None
    with pytest.raises(Refused, match="disabled or removed"):
        ledger.begin_session(anna, "c2", "csrf", now=NOW, expires_at=NOW + HOUR)

    ledger.enable("anna")
    ledger.begin_session(anna, "c2", "csrf", now=NOW, expires_at=NOW + HOUR)
    assert ledger.login("c2", NOW, HOUR) is not None


def test_one_browser_or_all(ledger: Ledger, anna: int) -> None:
    """Logging out, here or everywhere."""
    for cookie in ("c2", "c3"):
        ledger.begin_session(anna, cookie, "csrf", now=NOW, expires_at=NOW + HOUR)

    ledger.end_session("c1")
    assert [bool(ledger.login(cookie, NOW, HOUR)) for cookie in ("c1", "c2", "c3")] == [False, True, True]

    ledger.end_sessions(anna)
    assert [bool(ledger.login(cookie, NOW, HOUR)) for cookie in ("c1", "c2", "c3")] == [False, False, False]


def test_sessions_that_are_over_are_forgotten(ledger: Ledger, anna: int) -> None:
    """At the next login."""
    later = NOW + 13 * HOUR

    ledger.begin_session(anna, "c2", "csrf", now=later, expires_at=later + HOUR)

    with ledger.transaction(reading=True) as session:
        assert session.execute(text("SELECT cookie_sha256 FROM session")).scalars().all() == ["c2"]
