"""Tests of `hri-node alert`: what is wrong, and a test of who is told."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alarmed import alarm_all
from told import mailbox, service
from typer.testing import CliRunner

from hri_node.cli import cli
from hri_node.ledger.ledger import open_ledger


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of a node in a folder of its own."""
    file = tmp_path / "node.toml"
    file.write_text(f'data_dir = "{tmp_path}"\n')
    return file


def run(config: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner().invoke(cli, ["alert", *words, "--config", str(config)])
    return done.exit_code, done.output


def test_nothing_is_wrong(config: Path) -> None:
    """Exit 0, for scripts."""
    assert run(config, "ls", "--json") == (0, "[]\n")


def test_what_is_wrong(config: Path, tmp_path: Path) -> None:
    """Exit 1; in words, and in JSON."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    alarm_all(ledger, datetime.now(UTC))
    ledger.close()

    code, words = run(config, "ls")
    _, plain = run(config, "ls", "--json")

    assert code == 1
    assert "Destination pacs is away: connection refused." in words
    kinds = [alarm["kind"] for alarm in json.loads(plain)]
    assert kinds == ["destination_away", "silent_scanner", "failures", "disk_low"]


def test_a_test_by_every_channel(config: Path, tmp_path: Path) -> None:
    """Exit 1 as one of them fails; what became of each is said, and that it was done is written down."""
    with mailbox() as box, service() as there:
        (tmp_path / "url").write_text(there.url)
        there.status = 500
        lines = ["[alerts]", 'mail_to = ["a@b.example"]', 'mail_from = "c@d.example"', 'smtp_host = "127.0.0.1"']
        lines += [f"smtp_port = {box.port}", 'smtp_security = "none"', f'webhook_file = "{tmp_path / "url"}"']
        config.write_text(config.read_text() + "\n".join(lines))
        code, words = run(config, "test")
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    (act,) = ledger.acts()
    ledger.close()

    assert code == 1
    assert words.splitlines() == [
        "mail: sent, the mail server took it for 1 person",
        "webhook: failed, the webhook answered 500",
    ]
    assert (act.what, act.about) == ("alert test", "mail, webhook")


def test_a_test_without_channels(config: Path) -> None:
    """Exit 1: nobody would be told."""
    code, words = run(config, "test")

    assert (code, "nobody was told" in words) == (1, True)
