"""Where the marking tool is found: on a server of its own, by HTTPS too, and at /reader of the node's web."""

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from certificates import Authority
from reading import Visitor, served
from study_made import made_study
from web_node import serving

from hri_node.cli import run
from hri_node.commands.study_serving import settings_of
from hri_node.errors import Misconfigured
from hri_node.web.reader.app import reader_path


def test_the_nodes_web_has_it_where_a_study_is_named(tmp_path: Path) -> None:
    """Readers need no account of the console."""
    study = made_study(tmp_path / "study")
    with serving(tmp_path, study_dir=study.folder) as node:
        visitor = Visitor(node.url)
        answer = visitor.post(reader_path(study.new_link("R1", datetime.now(UTC))))

        assert answer.headers["Location"] == "/reader/"
        assert len(visitor.images()) == 3
        assert requests.get(f"{node.url}/reader", timeout=10).status_code == 401


@pytest.mark.parametrize("path", ["/", "/studies", "/api/jobs", "/reader/../people", "/reader/%2e%2e/acts", "/readers"])
def test_a_reader_gets_nowhere_else(tmp_path: Path, path: str) -> None:
    """A personal link opens the marking tool, and nothing of the console, whatever the address looks like."""
    study = made_study(tmp_path / "study")
    with serving(tmp_path, study_dir=study.folder) as node:
        visitor = Visitor(node.url)
        visitor.post(reader_path(study.new_link("R1", datetime.now(UTC))))
        cookie = "; ".join(f"{each.name}={each.value}" for each in visitor.session.cookies)
        request = f"GET {path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", node.port), timeout=10) as connection:
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()

        assert answer.split()[1] in {"303", "401", "404"}
        assert "Location: /reader" not in answer


def test_without_a_study_there_is_nothing(tmp_path: Path) -> None:
    """A folder that is no study stops the node before it starts."""
    with serving(tmp_path) as node:
        assert requests.get(f"{node.url}/reader/", timeout=10).status_code == 404
    with pytest.raises(Misconfigured, match="is no study"), serving(tmp_path, study_dir=tmp_path / "other"):
        pass


def test_a_server_of_its_own_leads_to_it(tmp_path: Path) -> None:
    """From its root; it says that it is alive."""
    with served(made_study(tmp_path / "study")) as made:
        visitor = Visitor(made.url)

        assert visitor.get("/").headers["Location"] == "/reader/"
        assert visitor.get("/healthz").text == "alive\n"
        assert visitor.get("/static/console.css").status_code == 404


def test_by_https(tmp_path: Path) -> None:
    """With the certificate of the command line's options; the cookie never leaves in plain."""
    authority = Authority(tmp_path)
    made = authority.settings("localhost")
    settings = settings_of("127.0.0.1", 0, made.certificate, made.key, "")
    with served(made_study(tmp_path / "study"), tls=settings.tls) as https:
        # An answer that is held keeps its connection, which the server would wait for in the end.
        cookie = requests.post(https.link(), allow_redirects=False, verify=str(authority.file), timeout=10).headers[
            "Set-Cookie"
        ]

    assert cookie.startswith("__Host-hri_reader_")
    assert "Secure" in cookie.split("; ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["other"], "other is no study"),
        (["study", "--certificate", "a.pem"], "--certificate and --key need each other"),
        (["study", "--public-url", "readers"], "'readers' is none such as"),
        (["study", "--host", "256.1.1.1"], "web cannot bind 256.1.1.1:8090"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    """On stderr; exit code 2."""
    made_study(tmp_path / "study").close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["hri-node", "study", "serve", *arguments])
    monkeypatch.setattr("hri_node.commands.roles.signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        run()

    assert ended.value.code == 2
    assert words in capsys.readouterr().err
