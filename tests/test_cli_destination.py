"""The command line about destinations: what is paused and away, and what users change."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hri_node.cli import run
from hri_node.ledger.ledger import Ledger, open_ledger

SETTINGS = """
[[destinations]]
name = "pacs"
host = "127.0.0.1"
called = "PACS"

[[scanners]]
ae_title = "US1"
host = "127.0.0.1"
return_results = true
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command in a folder with one destination and one scanner: its exit code, its output and its complaints."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "hri-node.toml").write_text(SETTINGS)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def ledger(call: Call, tmp_path: Path) -> Ledger:  # noqa: ARG001 - the folder must be there
    """The ledger that the commands use."""
    return open_ledger(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")


def listed(call: Call) -> dict[str, dict[str, Any]]:
    """What `destination ls --json` says of each."""
    return {each["name"]: each for each in json.loads(call("destination", "ls", "--json")[1])}


def test_destinations_of_the_settings_are_listed(call: Call) -> None:
    """Also a scanner that results return to; nothing is known of them yet."""
    assert {name: each["configured"] for name, each in listed(call).items()} == {"pacs": True, "sender:US1": True}
    assert call("destination", "ls")[1].count("sent to") == 2


def test_a_destination_is_paused_and_resumed(call: Call) -> None:
    """The listing says by whom and since when."""
    assert call("destination", "pause", "sender:US1", "--by", "the night shift")[:2] == (0, "sender:US1 is paused\n")
    assert listed(call)["sender:US1"]["paused_by"] == "the night shift"
    assert "paused by the night shift since 2" in call("destination", "ls")[1]

    assert call("destination", "resume", "sender:US1")[0] == 0
    assert listed(call)["sender:US1"]["paused_at"] is None


def test_a_destination_that_is_away_is_resumed_at_once(call: Call, ledger: Ledger) -> None:
    """Its pause is over; that it was away is known until it answers."""
    now = datetime.now(UTC)
    ledger.note_outage("pacs", "no connection to PACS", now, now + timedelta(minutes=5))
    assert "away (outages in a row: 1, left alone until" in call("destination", "ls")[1]

    call("destination", "resume", "pacs")

    assert (listed(call)["pacs"]["not_before"], listed(call)["pacs"]["failures"]) == (None, 1)


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_an_unknown_destination_is_one_sentence_and_code_2(call: Call, command: str) -> None:
    """It names those that there are."""
    assert call("destination", command, "pax") == (
        2,
        "",
        "hri-node: there is no destination pax; there is pacs, sender:US1\n",
    )


def test_a_destination_that_was_taken_out_of_the_settings_can_be_resumed(call: Call, ledger: Ledger) -> None:
    """The ledger knows it, and says that the settings do not."""
    ledger.pause("old", "", datetime.now(UTC))

    assert "old (not configured any more)" in call("destination", "ls")[1]
    assert call("destination", "resume", "old")[0] == 0


def test_status_shows_pauses_outages_and_free_space(call: Call, ledger: Ledger) -> None:
    """In words, and in JSON beside the numbers that were there before."""
    ledger.pause("pacs", "Ann", datetime.now(UTC))

    status = json.loads(call("status", "--json")[1])
    words = call("status")[1]

    assert (status["destinations"]["pacs"]["paused_by"], status["destinations"]["pacs"]["waiting"]) == ("Ann", 0)
    assert status["spool"]["clean_below_mib"] == 4096
    assert "Destination pacs: paused by Ann since 2" in words
    assert "full at 1024" in words
