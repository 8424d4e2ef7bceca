"""Tokens and one-time links: good once, or until revoked or expired; only their hashes are kept."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Role, TokenPurpose
from hri_node.ledger.tokens import NewToken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def api(name: str = "grafana", sha256: str = "h1", expires_at: datetime | None = None) -> NewToken:
    """A token of the API."""
    return NewToken(TokenPurpose.API, name, sha256, Role.VIEWER, "anna", expires_at)


def welcome(name: str = "otto", sha256: str = "w1") -> NewToken:
    """A link for somebody."""
    return NewToken(TokenPurpose.WELCOME, name, sha256, Role.OPERATOR, "anna", NOW + DAY)


def test_a_token_is_good_until_it_expires(ledger: Ledger) -> None:
    """To the second."""
    ledger.add_token(api(expires_at=NOW + DAY), NOW)

    found = ledger.token(TokenPurpose.API, "h1", NOW)
    assert found is not None
    assert (found.name, found.role, found.made_by, found.used_at) == ("grafana", Role.VIEWER, "anna", None)
    assert ledger.token(TokenPurpose.API, "h1", NOW + DAY) is None
    assert ledger.token(TokenPurpose.API, "h2", NOW) is None


def test_a_token_is_good_for_its_purpose_only(ledger: Ledger) -> None:
    """A link calls no API, and a token sets no password."""
    ledger.add_person("otto", Role.OPERATOR, "", NOW)
    ledger.add_token(welcome(), NOW)
    ledger.add_token(api(), NOW)

    assert ledger.token(TokenPurpose.API, "w1", NOW) is None
    assert ledger.token(TokenPurpose.WELCOME, "h1", NOW) is None
    with pytest.raises(Refused, match="has been used"):
        ledger.redeem_welcome_link("h1", "hash", NOW)


def test_a_revoked_token_opens_nothing_and_frees_its_name(ledger: Ledger) -> None:
    """It is still shown."""
    ledger.add_token(api(), NOW)
    with pytest.raises(Refused, match="token called grafana already"):
        ledger.add_token(api(sha256="h2"), NOW)

    ledger.revoke_token("grafana", NOW)
    with pytest.raises(Refused, match="no token called grafana"):
        ledger.revoke_token("grafana", NOW)
    ledger.add_token(api(sha256="h2"), NOW)

    assert ledger.token(TokenPurpose.API, "h1", NOW) is None
    assert ledger.token(TokenPurpose.API, "h2", NOW) is not None
    assert [token.revoked_at for token in ledger.tokens()] == [None, NOW]


def test_an_expired_token_frees_its_name(ledger: Ledger) -> None:
    """Whoever renews one needs no other name."""
    ledger.add_token(api(expires_at=NOW + DAY), NOW)

    ledger.add_token(api(sha256="h2"), NOW + DAY)

    assert len(ledger.tokens()) == 2
    ledger.add_token(api(name="other", sha256="h3"), NOW + 100 * DAY)
    assert [token.name for token in ledger.tokens()] == ["other", "grafana"]  # the expired one is long gone


def test_its_last_use_is_written_down_now_and_then(ledger: Ledger) -> None:
    """Not with every request."""
    ledger.add_token(api(), NOW)
    for seconds in (0, 5, 70):
        found = ledger.token(TokenPurpose.API, "h1", NOW)
        assert found is not None
        ledger.note_use(found, NOW + timedelta(seconds=seconds))
        expected = NOW if seconds < 70 else NOW + timedelta(seconds=70)
        assert ledger.tokens()[0].used_at == expected


def test_the_first_admin_is_made_once(ledger: Ledger) -> None:
    """By the latest link; nobody else is, by any."""
    assert ledger.renew_first_link("f1", NOW, NOW + DAY)
    assert ledger.renew_first_link("f2", NOW, NOW + DAY)
    with pytest.raises(Refused):
        ledger.redeem_first_link("f1", "anna", "hash", NOW)

    first = ledger.redeem_first_link("f2", "anna", "hash", NOW)

    assert (first.name, first.role) == ("anna", Role.ADMIN)
    with pytest.raises(Refused, match="has been used"):
        ledger.redeem_first_link("f2", "eve", "hash", NOW)
    assert not ledger.renew_first_link("f3", NOW, NOW + DAY)
    with pytest.raises(Refused):
        ledger.redeem_first_link("f3", "eve", "hash", NOW)


def test_a_first_link_is_good_for_a_day(ledger: Ledger) -> None:
    """Whoever finds it in a log later cannot use it."""
    ledger.renew_first_link("f1", NOW, NOW + DAY)

    with pytest.raises(Refused, match="its time is over"):
        ledger.redeem_first_link("f1", "anna", "hash", NOW + DAY)


def test_a_first_link_is_worth_nothing_once_somebody_is_there(ledger: Ledger) -> None:
    """As when the first admin was made at the command line."""
    ledger.renew_first_link("f1", NOW, NOW + DAY)
    ledger.add_person("anna", Role.ADMIN, "hash", NOW)

    with pytest.raises(Refused):
        ledger.redeem_first_link("f1", "eve", "hash", NOW)
    assert [person.name for person in ledger.persons()] == ["anna"]


def test_of_many_who_use_a_link_at_once_one_succeeds(ledger: Ledger) -> None:
    """The others are told that it has been used."""
    ledger.renew_first_link("f1", NOW, NOW + DAY)
    barrier, outcomes = Barrier(4), []

    def redeem(name: str) -> None:
        barrier.wait()
        try:
            outcomes.append(ledger.redeem_first_link("f1", name, "hash", NOW).name)
        except Refused:
            outcomes.append("refused")

    threads = [Thread(target=redeem, args=[f"n{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 3
    assert len(ledger.persons()) == 1


def test_a_link_sets_a_password_once(ledger: Ledger) -> None:
    """The role stays as it is by then; sessions end."""
    person = ledger.add_person("otto", Role.OPERATOR, "old", NOW)
    ledger.begin_session(person.id, "c1", "csrf", now=NOW, expires_at=NOW + DAY)
    ledger.add_token(welcome(), NOW)

    assert ledger.redeem_welcome_link("w1", "new", NOW).role is Role.OPERATOR

    found = ledger.credentials("otto")
    assert found is not None
    assert found[1] == "new"
    assert ledger.login("c1", NOW, DAY) is None
    with pytest.raises(Refused):
        ledger.redeem_welcome_link("w1", "newer", NOW)


def test_a_newer_link_takes_the_place_of_an_older_one(ledger: Ledger) -> None:
    """A mail that went to the wrong person is mended by another one."""
    ledger.add_person("otto", Role.OPERATOR, "", NOW)
    ledger.add_token(welcome(), NOW)
    ledger.add_token(welcome(sha256="w2"), NOW)

    with pytest.raises(Refused):
        ledger.redeem_welcome_link("w1", "hash", NOW)
    assert ledger.redeem_welcome_link("w2", "hash", NOW).name == "otto"


@pytest.mark.parametrize("change", ["set_password", "set_role", "disable", "remove_person"])
def test_a_link_ends_with_what_it_was_made_for(ledger: Ledger, change: str) -> None:
    """A person who is changed or removed is not let in by an old link, nor is somebody of the same name."""
    ledger.add_person("otto", Role.OPERATOR, "", NOW)
    ledger.add_token(welcome(), NOW)
    argument = {"set_role": [Role.VIEWER], "set_password": ["hash"], "disable": [NOW]}.get(change, [])

    getattr(ledger, change)("otto", *argument)

    with pytest.raises(Refused):
        ledger.redeem_welcome_link("w1", "hash", NOW)


def test_a_link_needs_somebody(ledger: Ledger) -> None:
    """A name with a typing error is told."""
    with pytest.raises(Refused, match="nobody called otto"):
        ledger.add_token(welcome(), NOW)
