"""Tests of the log's page: who did what, by person and by the page."""

from pathlib import Path

import pytest
from console_node import console

from hri_node.ledger.states import Role
from hri_node.web.console import acts
from hri_node.web.guard import Visitor


def test_acts_are_shown_by_person_and_by_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest first."""
    monkeypatch.setattr(acts, "PAGE", 2)
    with console(tmp_path) as (node, browser):
        for number, who in enumerate(("ada", "ben", "ada", "ada")):
            node.ledger.note_act(who, f"deed {number}", "deliver-1", node.clock())

        everybody, ben = browser.get("/acts").text, browser.get("/acts?who=ben").text
        earlier = browser.get("/acts?who=ada&before=3").text

    assert "deed 3" in everybody
    assert "deed 1" not in everybody
    assert "before=3" in everybody
    assert ("deed 1" in ben, "deed 3" in ben) == (True, False)
    assert ("deed 0" in earlier, "deed 2" in earlier) == (True, False)


def test_a_viewer_does_not_read_the_log(tmp_path: Path) -> None:
    """It is about colleagues."""
    with console(tmp_path, Visitor("vera", Role.VIEWER, "t", "127.0.0.1", 2)) as (_, browser):
        assert browser.get("/acts").status_code == 403
