"""People: names that nobody else has, roles, an admin who is always left, sessions that end with what they rest on."""

from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread

import pytest

from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def logged_in(ledger: Ledger, person_id: int, cookie: str = "c1") -> None:
    """A browser of theirs."""
    ledger.begin_session(person_id, cookie, "csrf", now=NOW, expires_at=NOW + 12 * HOUR)


@pytest.fixture
def two(ledger: Ledger) -> Ledger:
    """Anna, an admin, and Otto, an operator, both logged in."""
    logged_in(ledger, ledger.add_person("Anna", Role.ADMIN, "hash-a", NOW).id, "a")
    logged_in(ledger, ledger.add_person("Otto", Role.OPERATOR, "hash-o", NOW).id, "o")
    return ledger


def test_roles_cover_those_below() -> None:
    """Viewer, operator, admin, each more than the last."""
    assert Role.ADMIN.covers(Role.OPERATOR)
    assert Role.OPERATOR.covers(Role.OPERATOR)
    assert not Role.VIEWER.covers(Role.OPERATOR)


def test_a_new_ledger_has_nobody(ledger: Ledger) -> None:
    """There is no default password, and nobody to have it."""
    assert not ledger.has_persons()
    assert ledger.persons() == []


def test_names_that_differ_in_capitals_are_one(two: Ledger) -> None:
    """People could not tell them apart."""
    with pytest.raises(Refused, match="somebody called anna already"):
        two.add_person("anna", Role.VIEWER, "", NOW)

    found = two.credentials("ANNA")
    assert found is not None
    assert (found[0].name, found[1]) == ("Anna", "hash-a")


def test_nobody_sees_the_hash(two: Ledger) -> None:
    """It is asked for by its own method only."""
    assert "hash-a" not in repr(two.persons())


@pytest.mark.parametrize("change", ["set_role", "set_password", "disable", "remove_person"])
def test_whoever_changes_logs_in_again(two: Ledger, change: str) -> None:
    """A role, a password, the right to be here: the person's sessions end with them, and nobody else's."""
    argument = {"set_role": [Role.VIEWER], "set_password": ["hash-2"], "disable": [NOW], "remove_person": []}[change]

    getattr(two, change)("Otto", *argument)

    assert two.login("o", NOW, HOUR) is None
    assert two.login("a", NOW, HOUR) is not None


@pytest.mark.parametrize("change", ["set_role", "disable", "remove_person"])
def test_one_admin_is_always_left(two: Ledger, change: str) -> None:
    """Nobody locks everybody out, themselves last."""
    argument = {"set_role": [Role.VIEWER], "disable": [NOW], "remove_person": []}[change]
    with pytest.raises(Refused, match="no admin would be left without Anna"):
        getattr(two, change)("Anna", *argument)

    two.set_role("Otto", Role.ADMIN)
    getattr(two, change)("Anna", *argument)
    assert [person.name for person in two.persons() if person.role is Role.ADMIN and not person.disabled_at] == ["Otto"]


def test_of_two_admins_who_remove_each_other_one_is_left(two: Ledger) -> None:
    """They do it at the same moment."""
    two.set_role("Otto", Role.ADMIN)
    barrier, refused = Barrier(2), []

    def remove(name: str) -> None:
        barrier.wait()
        try:
            two.remove_person(name)
        except Refused as error:
            refused.append(str(error))

    threads = [Thread(target=remove, args=[name]) for name in ("Anna", "Otto")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert len(two.persons()) == 1


@pytest.mark.parametrize("change", ["set_password", "set_role", "disable", "enable", "remove_person"])
def test_nobody_is_named_in_a_sentence(ledger: Ledger, change: str) -> None:
    """Who is not there cannot be changed."""
    argument = {"set_role": [Role.VIEWER], "set_password": ["hash"], "disable": [NOW]}.get(change, [])

    with pytest.raises(Refused, match="there is nobody called Nora"):
        getattr(ledger, change)("Nora", *argument)


def test_two_who_take_a_name_at_once(ledger: Ledger) -> None:
    """One has it, the other one is told."""
    barrier, outcomes = Barrier(4), []

    def add() -> None:
        barrier.wait()
        try:
            outcomes.append(ledger.add_person("Anna", Role.VIEWER, "", NOW).name)
        except Refused as error:
            outcomes.append(str(error))

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["Anna", *["there is somebody called Anna already"] * 3]


def test_a_provider_brings_the_same_person_again(ledger: Ledger) -> None:
    """By what it calls them for ever; a name that somebody has here is not theirs to take."""
    ledger.add_person("anna", Role.ADMIN, "hash", NOW)

    names = ("anna" if number == 0 else f"anna-{number}" for number in count())
    first = ledger.provide("https://login.example|77", names, Role.VIEWER, NOW)
    again = ledger.provide("https://login.example|77", iter(()), Role.VIEWER, NOW)

    assert (first.name, first.role, first.has_password) == ("anna-1", Role.VIEWER, False)
    assert again.id == first.id


def test_a_role_that_the_provider_takes_away_ends_sessions(ledger: Ledger) -> None:
    """At the next login, in every browser."""
    person = ledger.provide("s", iter(["anna"]), Role.ADMIN, NOW)
    logged_in(ledger, person.id)

    ledger.provide("s", iter(()), Role.ADMIN, NOW)
    assert ledger.login("c1", NOW, HOUR) is not None

    assert ledger.provide("s", iter(()), Role.VIEWER, NOW).role is Role.VIEWER
    assert ledger.login("c1", NOW, HOUR) is None


def test_the_same_person_in_two_browsers_at_once(ledger: Ledger) -> None:
    """Two processes that see them for the first time make one person."""
    barrier, found = Barrier(3), []

    def provide() -> None:
        barrier.wait()
        found.append(ledger.provide("s", iter(["anna", "anna-1", "anna-2"]), Role.VIEWER, NOW).id)

    threads = [Thread(target=provide) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 3
    assert len(set(found)) == 1
    assert len(ledger.persons()) == 1


def test_a_hash_made_anew_does_not_undo_a_change(ledger: Ledger) -> None:
    """Whoever changed their password meanwhile has the new one."""
    person = ledger.add_person("anna", Role.VIEWER, "old", NOW)
    ledger.set_password("anna", "chosen")

    ledger.rehash(person.id, "old", "old-anew")

    found = ledger.credentials("anna")
    assert found is not None
    assert found[1] == "chosen"
