"""The benchmark of searches: its table, its ledger, and that both databases find the same in it."""

import json
from pathlib import Path

import pytest
from bench_console import arrivals_per_s, asking, questions, searches
from big_ledger import NOW, Size, fill
from postgres import PostgresServer

from hri_node.ledger.ledger import open_ledger

SMALL = Size(studies=300, images=4, measured_studies=20)


def test_every_line_is_what_the_contract_says(tmp_path: Path) -> None:
    """A name, and under it value, unit, peer and ratio; two lines for each kind of question, and two for all."""
    (tmp_path / "spool").mkdir()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    fill(ledger, SMALL)

    table = searches(ledger, tmp_path, (SMALL, 2))

    assert json.loads(json.dumps(table)) == table
    assert all(list(figure) == ["value", "unit", "peer", "ratio"] for figure in table.values())
    assert len(table) == 2 * len(questions(SMALL)) + 2
    assert arrivals_per_s(ledger) > 0
    ledger.close()


@pytest.mark.peers
def test_both_databases_find_the_same(tmp_path: Path) -> None:
    """Something for most kinds of question, and nothing where nothing can be."""
    (tmp_path / "spool").mkdir()
    server = PostgresServer()
    found = []
    try:
        for url in (f"sqlite:///{tmp_path / 'ledger.sqlite'}", server.ledger_url()):
            ledger = open_ledger(url)
            fill(ledger, SMALL)
            with asking(ledger, tmp_path) as client:
                answers = {
                    name: client.get("/api/studies", params=question(3)).json()["studies"]
                    for name, question in questions(SMALL).items()
                }
            found.append({name: [study["id"] for study in studies] for name, studies in answers.items()})
            ledger.close()
    finally:
        server.remove()

    assert found[0] == found[1]
    empty = {name for name, ids in found[0].items() if not ids}
    assert {"index_of_nobody", "name_of_nobody", "sender_of_nothing", "discarded", "what_excludes_itself"} <= empty
    assert len(empty) < len(found[0]) / 2


def test_the_ledger_has_as_many_rows_as_it_says() -> None:
    """A million, in the ledger that `make bench` makes; the last of them came just now."""
    assert Size().instances > 1_000_000
    assert NOW.tzinfo is None
