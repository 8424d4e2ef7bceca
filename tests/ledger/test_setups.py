"""Tests of `hri_node.ledger.setups`: the settings file begins, people go on, and neither undoes the other unasked."""

from ledger_rows import NOW

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import SetupKind

TO = SetupKind.DESTINATION
FIRST, SECOND, THIRD = ({"name": "pacs", "host": host} for host in ("one", "two", "three"))
ADA = ("ada", NOW)


def hosts(ledger: Ledger) -> dict[str, str]:
    """Host of every destination that is set up."""
    return {one.name: one.chosen["host"] for one in ledger.setups(TO)}


def test_the_settings_file_is_the_start_value(ledger: Ledger) -> None:
    """What stands in the file is set up, and said to be the file's."""
    assert ledger.seed_setups(TO, {"pacs": FIRST}, NOW) == []

    assert [(one.name, one.chosen, one.is_of_file) for one in ledger.setups(TO)] == [("pacs", FIRST, True)]


def test_whoever_edits_the_file_alone_is_followed(ledger: Ledger) -> None:
    """An entry that no person changed follows the file."""
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)

    assert ledger.seed_setups(TO, {"pacs": SECOND}, NOW) == []

    assert hosts(ledger) == {"pacs": "two"}


def test_what_a_person_changed_outlives_a_restart(ledger: Ledger) -> None:
    """The same file again changes nothing."""
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)
    ledger.put_setup(TO, "pacs", SECOND, ADA)

    assert ledger.seed_setups(TO, {"pacs": FIRST}, NOW) == []

    assert hosts(ledger) == {"pacs": "two"}


def test_two_changes_of_one_entry_are_told(ledger: Ledger) -> None:
    """Where file and person both changed it, the person's holds and the file's is named, once."""
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)
    ledger.put_setup(TO, "pacs", SECOND, ADA)

    told = [ledger.seed_setups(TO, {"pacs": THIRD}, NOW) for _ in range(2)]

    assert told == [["pacs"], []]
    assert hosts(ledger) == {"pacs": "two"}


def test_what_a_person_removed_does_not_come_back(ledger: Ledger) -> None:
    """Neither by a restart nor by another entry of that name in the file; a person can bring it back."""
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)
    assert ledger.remove_setup(TO, "pacs", ADA)
    assert not ledger.remove_setup(TO, "pacs", ADA)

    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)
    ledger.seed_setups(TO, {"pacs": SECOND}, NOW)
    assert hosts(ledger) == {}

    ledger.put_setup(TO, "pacs", THIRD, ADA)
    assert hosts(ledger) == {"pacs": "three"}


def test_an_entry_that_left_the_file_stays(ledger: Ledger) -> None:
    """A process whose file does not name a destination takes it from nobody."""
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)

    ledger.seed_setups(TO, {}, NOW)

    assert hosts(ledger) == {"pacs": "one"}


def test_every_change_raises_the_revision(ledger: Ledger) -> None:
    """Seeding, changing and removing; seeding again what is there does not."""
    seen = [ledger.setup_revision()]
    for change in (
        lambda: ledger.seed_setups(TO, {"pacs": FIRST}, NOW),
        lambda: ledger.put_setup(TO, "pacs", SECOND, ADA),
        lambda: ledger.remove_setup(TO, "pacs", ADA),
    ):
        change()
        seen.append(ledger.setup_revision())
    ledger.seed_setups(TO, {"pacs": FIRST}, NOW)

    assert len(set(seen)) == len(seen)
    assert ledger.setup_revision() == seen[-1]


def test_setups_keep_their_order(ledger: Ledger) -> None:
    """In the file's order, what people add after it."""
    entries = {name: {"name": name, "host": "x"} for name in ("b", "a")}
    ledger.seed_setups(TO, entries, NOW)
    ledger.put_setup(TO, "0", {"name": "0", "host": "x"}, ADA)

    assert list(hosts(ledger)) == ["b", "a", "0"]
