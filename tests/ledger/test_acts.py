"""Acts: who did what, the latest first, page by page."""

from datetime import UTC, datetime, timedelta

from hri_node.ledger.ledger import Ledger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_latest_acts_come_first(ledger: Ledger) -> None:
    """And the next page goes on where the last one ended."""
    for number in range(5):
        ledger.note_act("anna", f"act {number}", "deliver-1", NOW + timedelta(minutes=number))

    page = ledger.acts(limit=2)
    assert [act.what for act in page] == ["act 4", "act 3"]
    assert [act.what for act in ledger.acts(limit=2, before_id=page[-1].id)] == ["act 2", "act 1"]
    assert (page[0].who, page[0].about, page[0].done_at) == ("anna", "deliver-1", NOW + timedelta(minutes=4))


def test_long_lists_are_cut(ledger: Ledger) -> None:
    """Ten thousand jobs that somebody retried fit."""
    ledger.note_act("a" * 100, "w" * 100, ", ".join(f"deliver-{number}" for number in range(10_000)), NOW)

    (act,) = ledger.acts()
    assert (len(act.who), len(act.what), len(act.about)) == (64, 64, 1000)
    assert act.about.endswith("…")


def test_old_acts_are_forgotten(ledger: Ledger) -> None:
    """The audit trail keeps them."""
    ledger.note_act("anna", "old", "", NOW - timedelta(days=400))
    ledger.note_act("anna", "new", "", NOW)

    ledger.forget_acts(NOW - timedelta(days=365))

    assert [act.what for act in ledger.acts()] == ["new"]


def test_acts_of_one_person(ledger: Ledger) -> None:
    """And the names of all who did something."""
    for number, who in enumerate(("ben", "anna", "ben")):
        ledger.note_act(who, f"act {number}", "", NOW)

    assert [act.what for act in ledger.acts(who="ben")] == ["act 2", "act 0"]
    assert ledger.actors() == ["anna", "ben"]
