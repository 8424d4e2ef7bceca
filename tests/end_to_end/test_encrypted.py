"""A whole node with certificates: DICOM TLS and HTTPS as the settings have them, and renewed while it runs."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import requests
from builders import part10, ultrasound_instance
from certificates import Authority
from dimse import peer_at, store_at
from running import RunningNode, eventually, free_port

from hri_node.errors import PeerUnavailable
from hri_node.sections import TlsSettings
from hri_node.send.scu import DicomDestination
from hri_node.tls import client_context

SECONDS = 30


@dataclass
class Secure:
    """A node that speaks TLS on both its ports, and whoever signs for it."""

    node: RunningNode
    authority: Authority
    port: int

    def shown(self, port: int) -> bytes | None:
        """The certificate that a port shows."""
        plain = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        with plain, self.context().wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            return connection.getpeercert(binary_form=True)

    def context(self, *, with_certificate: bool = True) -> ssl.SSLContext:
        """A scanner's."""
        bare = TlsSettings(authorities=self.authority.file)
        return client_context(self.authority.settings("scanner") if with_certificate else bare)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """A running node that asks scanners for certificates, and browsers for none."""
    folder = tmp_path_factory.mktemp("encrypted")
    authority = Authority(folder)
    tls, port = authority.settings("127.0.0.1"), free_port()
    files = {"CERTIFICATE": str(tls.certificate), "KEY": str(tls.key), "AUTHORITIES": str(tls.authorities)}
    environment = {f"HRI_LISTENER__TLS__{name}": value for name, value in files.items()}
    environment |= {f"HRI_WEB__TLS__{name}": value for name, value in files.items() if name != "AUTHORITIES"}
    environment |= {"HRI_LISTENER__TLS__PORT": str(port), "HRI_LISTENER__TLS__REQUIRE_CLIENT_CERTIFICATE": "true"}
    node = RunningNode(folder / "node", {}, environment=environment)
    log = folder / "node" / "log"
    eventually(lambda: "scheme=https" in log.read_text(), SECONDS, "the start of the web role")
    yield Secure(node, authority, port)
    node.stop()


def test_a_scanner_with_a_certificate_stores(secure: Secure) -> None:
    """The instance is in the ledger."""
    scanner = replace(peer_at(secure.port), tls=secure.context())

    store_at(scanner, part10(ultrasound_instance(rows=64, columns=80)))

    assert secure.node.ledger.study(1).study_instance_uid


def test_a_scanner_without_one_does_not(secure: Secure) -> None:
    """And the node's log says why."""
    stranger = replace(peer_at(secure.port), tls=secure.context(with_certificate=False))

    with pytest.raises(PeerUnavailable, match="wants a certificate of ours"):
        DicomDestination(stranger).echo()

    log = secure.node.folder / "log"
    eventually(lambda: "did not return a certificate" in log.read_text(), SECONDS, "a line of the log")


def test_the_web_speaks_https_only(secure: Secure) -> None:
    """`/healthz` answers to whoever trusts the authority, and to nobody in the clear."""
    address = f"127.0.0.1:{secure.node.web_port}/healthz"

    assert requests.get(f"https://{address}", verify=str(secure.authority.file), timeout=SECONDS).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{address}", timeout=SECONDS)


def test_a_renewed_certificate_needs_no_restart(secure: Secure) -> None:
    """Both ports show the new one."""
    ports = (secure.port, secure.node.web_port)
    before = [secure.shown(port) for port in ports]

    secure.authority.settings("127.0.0.1")

    after = [secure.shown(port) for port in ports]
    assert [new != old for new, old in zip(after, before, strict=True)] == [True, True]
