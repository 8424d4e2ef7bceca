"""The server: HTTPS by configuration, a header that never ends is not waited for, and a port that is taken is said."""

import socket
import ssl
import time
from pathlib import Path

import pytest
import requests
import trustme
from running import eventually
from web_node import serving

from hri_node.console_sections import WebSettings
from hri_node.errors import Misconfigured
from hri_node.web import server
from hri_node.web.server import WebServer


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """An authority whose certificate is in `authority.pem`, and one of the node's in `node.pem` and `node.key`."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "authority.pem")
    issued = made.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "node.pem")
    issued.private_key_pem.write_to_path(tmp_path / "node.key")
    return made


def tls(folder: Path) -> dict[str, str]:
    """Section `web.tls`."""
    names = {"certificate": "node.pem", "key": "node.key", "authorities": "authority.pem"}
    return {key: str(folder / name) for key, name in names.items()}


@pytest.mark.usefixtures("authority")
def test_https_by_configuration(tmp_path: Path) -> None:
    """With the certificate of the settings; plain HTTP gets no answer there."""
    with serving(tmp_path, tls=tls(tmp_path)) as node:
        assert requests.get(f"{node.url}/healthz", verify=str(tmp_path / "authority.pem"), timeout=10).ok
        with pytest.raises(requests.RequestException):
            requests.get(node.url.replace("https", "http"), timeout=10)


def test_https_with_client_certificates(tmp_path: Path, authority: trustme.CA) -> None:
    """Whoever shows one that the authority signed is served, others are not."""
    ours = authority.issue_cert("scanner.example")
    ours.private_key_and_cert_chain_pem.write_to_path(tmp_path / "scanner.pem")
    with serving(tmp_path, tls=tls(tmp_path), require_client_certificate=True) as node:
        verify, cert = str(tmp_path / "authority.pem"), str(tmp_path / "scanner.pem")

        assert requests.get(f"{node.url}/healthz", verify=verify, cert=cert, timeout=10).ok
        with pytest.raises(requests.RequestException):
            requests.get(f"{node.url}/healthz", verify=verify, timeout=10)


def test_a_renewed_certificate_counts_at_once(tmp_path: Path, authority: trustme.CA) -> None:
    """From the next connection on, without a restart."""
    with serving(tmp_path, tls=tls(tmp_path)) as node:
        before = ssl.get_server_certificate(("localhost", node.port))
        issued = authority.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "node.pem")
        issued.private_key_pem.write_to_path(tmp_path / "node.key")
        after = ssl.get_server_certificate(("localhost", node.port))

    assert after == issued.cert_chain_pems[0].bytes().decode() != before


@pytest.mark.usefixtures("authority")
def test_old_versions_of_tls_are_not_spoken(tmp_path: Path) -> None:
    """BCP 195: TLS 1.2 is the least."""
    context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving(tmp_path, tls=tls(tmp_path)) as node, socket.create_connection(("localhost", node.port)) as plain:
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: h\r\nX"])
def test_a_header_that_never_ends_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """The connection is closed, whether nothing came or half a header."""
    monkeypatch.setattr(server, "HEADER_S", 0.2)
    with serving(tmp_path) as node, socket.create_connection(("127.0.0.1", node.port), timeout=10) as connection:
        connection.sendall(sent)

        assert connection.recv(1000) == b""


def test_a_connection_serves_one_request_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch over headers does not close one that is in use."""
    monkeypatch.setattr(server, "HEADER_S", 0.2)
    with serving(tmp_path) as node, requests.Session() as session:
        answers = []
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            answers.append(session.get(f"{node.url}/healthz", timeout=10).status_code)

    assert set(answers) == {200}
    assert len(answers) > 25  # with Nagle's algorithm, each would take 40 ms


def test_no_request_is_believed_where_it_claims_to_come_from(tmp_path: Path) -> None:
    """X-Forwarded-For opens nothing."""
    with serving(tmp_path, allowed_addresses=("10.0.0.5",)) as node:
        assert node.store(b"", X_Forwarded_For="10.0.0.5").status_code == 403


def test_a_port_that_is_taken_stops_the_start() -> None:
    """The sentence names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Misconfigured, match=f"web cannot bind 127.0.0.1:{port}"):
            WebServer(lambda: None, WebSettings(host="127.0.0.1", port=port))


def test_told_to_stop_it_closes_its_port(tmp_path: Path) -> None:
    """And every connection."""
    with serving(tmp_path) as node:
        port = node.port

    eventually(lambda: _is_free(port), 10, "the end of the listening")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
