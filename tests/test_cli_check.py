"""`hri-node check` finds what would stop a role, in one sentence, before anybody waits for it."""

from pathlib import Path

import pytest
from certificates import Authority

from hri_node import cli


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty node, with a certificate and the key of another one beside it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "bare.toml").write_text("")
    authority = Authority(tmp_path)
    authority.settings("node")
    authority.settings("other")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HRI_CONFIG", "bare.toml")
    monkeypatch.setattr("hri_node.cli.guard", lambda: None)  # the process is pytest's
    monkeypatch.setattr("sys.argv", ["hri-node", "check"])


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"HRI_LISTENER__TLS__CERTIFICATE": "a.pem", "HRI_LISTENER__TLS__KEY": "a.key"},
            "listener.tls.certificate: a.pem",
        ),
        (
            {"HRI_LISTENER__TLS__CERTIFICATE": "node.pem", "HRI_LISTENER__TLS__KEY": "other.key"},
            "is not the key of node.pem",
        ),
        ({"HRI_WEB__TLS__CERTIFICATE": "node.pem", "HRI_WEB__TLS__KEY": "a.key"}, "web.tls.key: a.key"),
        ({"HRI_LISTENER__ALLOWED_PEERS": '["(blank)"]'}, "a blank AE title names nobody"),
        ({"HRI_AUDIT__FILE": "absent/audit.xml"}, "audit.file: absent/audit.xml cannot be written"),
    ],
)
def test_what_would_stop_a_role_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], sentence: str
) -> None:
    """Code 2: it is a matter of configuration."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        cli.run()

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err.replace("\n", " ")
