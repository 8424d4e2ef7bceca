"""The encrypted port: with DCMTK's and pynetdicom's requestors, and what it refuses, in words."""

import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from builders import part10, ultrasound_instance
from certificates import Authority
from dimse import bare_connection, dcmtk, listening, memory_intake, peer_at, store_at
from running import eventually

from hri_node.errors import Misconfigured, PeerUnavailable
from hri_node.receive.hooks import Hooks, Parties
from hri_node.receive.intake import Receipt
from hri_node.receive.scp import Listener
from hri_node.sections import ListenerTlsSettings, TlsSettings
from hri_node.send.scu import DicomDestination
from hri_node.tls import client_context, server_context

SECONDS = 10
LOOPBACK = {"tls": ListenerTlsSettings(port=0)}


@dataclass
class Noted:
    """A witness that remembers rejections."""

    reasons: list[str] = field(default_factory=list)

    def admitted(self, parties: Parties) -> None:
        """Forget."""

    def rejected(self, parties: Parties, reason: str) -> None:
        """Remember."""
        assert parties.address == "127.0.0.1"
        self.reasons.append(reason)

    def received(self, receipt: Receipt) -> None:
        """Forget."""

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """Forget."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that both sides know."""
    (tmp_path / "certificates").mkdir()
    return Authority(tmp_path / "certificates")


@contextmanager
def encrypted(
    settings: TlsSettings,
    *,
    require_client: bool = False,
    intake: Any = None,  # noqa: ANN401 - an intake
    **options: Any,  # noqa: ANN401 - fields of ListenerSettings
) -> Iterator[tuple[Listener, Noted]]:
    """Listener with both ports, and who witnesses its rejections."""
    noted = Noted()
    hooks = Hooks(tls=server_context(settings, require_client=require_client), witness=noted)
    with listening(intake or memory_intake(), hooks, **LOOPBACK | options) as listener:
        yield listener, noted


def echo(port: int, context: ssl.SSLContext | None, timeout_s: float = SECONDS) -> None:
    """C-ECHO over TLS, or in the clear."""
    DicomDestination(replace(peer_at(port), tls=context), timeout_s=timeout_s).echo()


def rejection(noted: Noted) -> str:
    """The reason that the witness is told, sooner or later."""
    return eventually(lambda: noted.reasons, SECONDS, "a rejection")[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_an_instance_comes_in_over_either_version(authority: Authority, version: ssl.TLSVersion) -> None:
    """With both sides showing certificates; the row says who sent it."""
    settings = authority.settings()
    intake = memory_intake()
    context = client_context(settings)
    context.maximum_version = version

    with encrypted(settings, require_client=True, intake=intake) as (listener, _):
        ds = ultrasound_instance(rows=300, columns=400)
        store_at(replace(peer_at(listener.tls_port), tls=context), part10(ds))

    assert [row.origin.calling for row in intake.ledger.rows.values()] == ["SCANNER"]


def test_both_ports_serve_at_once(authority: Authority) -> None:
    """Old scanners in the clear, new ones encrypted."""
    settings = authority.settings()

    with encrypted(settings) as (listener, _):
        echo(listener.port, None)
        echo(listener.tls_port, client_context(settings))


def test_the_plain_port_can_be_left_out(authority: Authority) -> None:
    """Where everything must be encrypted, nothing else listens."""
    settings = authority.settings()

    with encrypted(settings, plain=False) as (listener, _):
        echo(listener.tls_port, client_context(settings))
        with pytest.raises(KeyError):
            _ = listener.port


def test_a_listener_without_any_port_does_not_start() -> None:
    """One sentence names both settings."""
    sentence = r"listener\.plain is false, and listener\.tls\.certificate"
    with pytest.raises(Misconfigured, match=sentence), listening(memory_intake(), plain=False):
        pass


def test_a_taken_port_stops_the_start_and_frees_the_other(authority: Authority) -> None:
    """Nothing listens by half."""
    hooks = Hooks(tls=server_context(authority.settings(), require_client=False))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        options = {"tls": ListenerTlsSettings(port=port)}
        sentence = f"cannot bind 127.0.0.1:{port}"
        with pytest.raises(Misconfigured, match=sentence), listening(memory_intake(), hooks, **options):
            pass


def test_a_scanner_without_certificate_is_rejected_where_one_is_required(authority: Authority) -> None:
    """Scanner and log are told."""
    bare = client_context(TlsSettings(authorities=authority.file))

    with encrypted(authority.settings(), require_client=True) as (listener, noted):
        with pytest.raises(PeerUnavailable, match="wants a certificate of ours"):
            echo(listener.tls_port, bare)
        assert rejection(noted) == "no encrypted connection: peer did not return a certificate"


def test_a_scanner_of_another_authority_is_rejected(authority: Authority) -> None:
    """Its certificate is as good as none."""
    foreign = client_context(authority.stranger().settings(authorities=authority.file))

    with encrypted(authority.settings(), require_client=True) as (listener, noted):
        with pytest.raises(PeerUnavailable, match="does not know who signed"):
            echo(listener.tls_port, foreign)
        assert "certificate" in rejection(noted)


def test_an_expired_scanner_is_rejected(authority: Authority) -> None:
    """The log says what is to be renewed."""
    ours, theirs = authority.settings("localhost"), authority.expired("127.0.0.1")
    context = client_context(theirs)
    context.check_hostname = False

    with encrypted(ours, require_client=True) as (listener, noted):
        with pytest.raises(PeerUnavailable, match="our certificate has expired"):
            echo(listener.tls_port, context)
        assert rejection(noted).endswith("the peer's certificate: certificate has expired")


def test_a_scanner_without_tls_is_rejected_in_words(authority: Authority) -> None:
    """It was given the wrong port: the log says so."""
    with encrypted(authority.settings()) as (listener, noted):
        with pytest.raises(PeerUnavailable):
            echo(listener.tls_port, None)
        assert rejection(noted) == "no encrypted connection: the peer does not speak TLS"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls_1_1_is_rejected(authority: Authority) -> None:
    """RFC 8996."""
    old = client_context(authority.settings())
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    with encrypted(authority.settings()) as (listener, noted):
        with pytest.raises(PeerUnavailable, match="does not speak our versions of TLS"):
            echo(listener.tls_port, old)
        assert rejection(noted) == "no encrypted connection: unsupported protocol"


def test_one_that_never_shakes_hands_keeps_nobody_out(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others associate meanwhile; it is hung up on in time."""
    monkeypatch.setattr("hri_node.receive.transport.HANDSHAKE_S", 0.5)
    settings = authority.settings()

    with encrypted(settings) as (listener, noted), bare_connection(listener.tls_port) as silent:
        echo(listener.tls_port, client_context(settings))
        assert noted.reasons == []
        assert silent.recv(1) == b""
        assert rejection(noted).endswith("did not finish the handshake in time")


def test_a_rejection_is_one_line_of_the_log(authority: Authority) -> None:
    """With the address, since no AE title is known yet."""
    with structlog.testing.capture_logs() as lines, encrypted(authority.settings()) as (listener, noted):
        with bare_connection(listener.tls_port) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        reason = rejection(noted)

    (line,) = [line for line in lines if line["event"] == "association_rejected"]
    assert (line["reason"], line["address"]) == (reason, "127.0.0.1")
    assert re.search("HTTP", reason)


@pytest.mark.peers
def test_storescu_stores_over_tls(authority: Authority, tmp_path: Path) -> None:
    """DCMTK with a certificate of its own, checking ours."""
    theirs, ours = authority.settings("scanner"), authority.settings("127.0.0.1")
    (tmp_path / "one.dcm").write_bytes(part10(ultrasound_instance(rows=64, columns=80)))
    intake = memory_intake()

    with encrypted(ours, require_client=True, intake=intake) as (listener, _):
        certificates = ["+tls", theirs.key, theirs.certificate, "+cf", authority.file]
        result = dcmtk("storescu", *certificates, "127.0.0.1", str(listener.tls_port), tmp_path / "one.dcm")

    assert result.returncode == 0, result.stderr
    assert len(intake.ledger.rows) == 1


@pytest.mark.peers
def test_anonymous_echoscu_is_answered_unless_certificates_are_required(authority: Authority) -> None:
    """`+tla`: encryption only."""
    returned = []
    for required in (False, True):
        with encrypted(authority.settings(), require_client=required) as (listener, _):
            options = ["+tla", "+cf", authority.file, "127.0.0.1", str(listener.tls_port)]
            returned.append(dcmtk("echoscu", *options).returncode)

    assert returned[0] == 0
    assert returned[1] != 0
