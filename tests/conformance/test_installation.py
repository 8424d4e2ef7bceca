"""The statement of an installation has its own names, ports, peers and options, and none of its secrets."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hri_node.cli import cli
from hri_node.conformance.statement import statement
from hri_node.settings import Settings, load

SETTINGS = """
ledger_url = "postgresql+psycopg://ledger.example/hri"
[listener]
ae_title = "HRI_ROOM_7"
port = 104
plain = false
[report]
pdf = true
[[scanners]]
ae_title = "US_ROOM_1"
host = "10.0.0.5"
return_results = true
[[destinations]]
name = "archive"
host = "pacs.example"
port = 11113
called = "PACS"
[[destinations]]
name = "web"
protocol = "dicomweb"
url = "https://web.example/dicom-web"
only = { kinds = ["sr", "pdf"] }
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings of a hospital, a password among them that only the environment has."""
    monkeypatch.setenv("HRI_LEDGER_URL", "postgresql+psycopg://node:top-secret@ledger.example/hri?password=top-secret")
    monkeypatch.setenv("HRI_LISTENER__TLS__PASSWORD", "top-secret")
    file = tmp_path / "hri-node.toml"
    file.write_text(SETTINGS)
    return load(file, is_node=False)


@pytest.mark.parametrize(
    "line",
    [
        "installation whose AE title is `HRI_ROOM_7`",
        "| 104 | DICOM | `listener.port` | closed |",
        "for each study that is reported, by `report.pdf` | yes |",
        "| `US_ROOM_1` | 10.0.0.5:104 | no | sends, is told of commitments, gets results |",
        "| archive | dicom | `PACS` | `HRI_ROOM_7` | pacs.example:11113 | no | auto | all |",
        "| web | dicomweb |  |  | https://web.example/dicom-web | yes | auto | sr, pdf |",
        "| `listener.plain` | true | `true`, `false` | false |",
        "| `ledger_url` | none | text | `postgresql+psycopg://ledger.example/hri` |",
        "| `listener.tls.password` | none | text | set |",
    ],
)
def test_what_was_chosen_is_told(settings: Settings, line: str) -> None:
    """Each in the table where an integrator looks for it."""
    assert line in statement(settings)


def test_no_secret_is_told(settings: Settings) -> None:
    """Neither a password by itself nor one in a URL."""
    assert "top-secret" not in statement(settings)


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    """The whole statement, nothing on stdout."""
    answer = CliRunner().invoke(cli, ["conformance", "--defaults", "--output", str(tmp_path / "made.md")])

    assert (answer.exit_code, answer.stdout) == (0, "")
    assert (tmp_path / "made.md").read_text(encoding="utf-8").startswith("<!-- ")


def test_the_command_prints(tmp_path: Path) -> None:
    """Markdown, neither wrapped nor coloured."""
    file = tmp_path / "hri-node.toml"
    file.write_text('[listener]\nae_title = "HRI_ROOM_8"\n')

    answer = CliRunner().invoke(cli, ["conformance", "--config", str(file)])

    assert answer.exit_code == 0
    assert answer.stdout == statement(load(file, is_node=False))


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """In one sentence, as the command line says it."""
    answer = CliRunner().invoke(cli, ["conformance", "--defaults", "--output", str(tmp_path / "no" / "made.md")])

    assert str(answer.exception).startswith(f"--output: {tmp_path}/no/made.md cannot be written")
