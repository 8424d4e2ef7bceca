"""Associations that we request over TLS: with pynetdicom's and DCMTK's acceptors, and every refusal in words."""

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from certificates import Authority
from dimse import PROGRAM_TIMEOUT_S, needs, peer_at, running_pacs, store_at
from pynetdicom import build_context
from running import eventually, free_port

from hri_node.errors import PeerUnavailable
from hri_node.receive.part10 import take_apart
from hri_node.records import Peer
from hri_node.sections import TlsSettings
from hri_node.send.association import associated
from hri_node.send.scu import DicomDestination
from hri_node.tls import client_context, server_context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that both sides know."""
    (tmp_path / "certificates").mkdir()
    return Authority(tmp_path / "certificates")


@contextmanager
def encrypted_pacs(
    settings: TlsSettings, *, require_client: bool = False, version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> Iterator[Peer]:
    """Pynetdicom's acceptor with our server context, as a peer without any encryption of ours yet."""
    context = server_context(settings, require_client=require_client)
    assert context
    context.maximum_version = version
    with running_pacs(tls=context) as pacs:
        yield pacs.peer


def complaint(peer: Peer, timeout_s: float = 5.0) -> str:
    """Why an echo fails, as an outage."""
    with pytest.raises(PeerUnavailable) as caught:
        DicomDestination(peer, timeout_s=timeout_s).echo()
    return str(caught.value)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_object_reaches_the_pacs_over_either_version(authority: Authority, version: ssl.TLSVersion) -> None:
    """With both sides showing certificates; an object is longer than a record of TLS."""
    settings = authority.settings()
    encoded = part10(ultrasound_instance(rows=256, columns=256))
    context = server_context(settings, require_client=True)
    assert context
    context.maximum_version = version

    with running_pacs(tls=context) as pacs:
        store_at(replace(pacs.peer, tls=client_context(settings)), encoded)

        assert list(pacs.stored.values()) == [encoded[take_apart(encoded).offset :]]


def test_the_encrypted_connection_keeps_time_out_and_speed(authority: Authority) -> None:
    """A PACS that falls silent costs a time-out, and no small packet waits for its answer."""
    settings = authority.settings()
    with encrypted_pacs(settings) as peer:
        secure = replace(peer, tls=client_context(settings))
        with associated(secure, [build_context("1.2.840.10008.1.1")], 7.0) as association:
            connection = association.dul.socket.socket

            assert isinstance(connection, ssl.SSLSocket)
            assert connection.gettimeout() == 7.0
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_pacs_of_another_authority_is_not_trusted(authority: Authority) -> None:
    """No object goes to whoever took the PACS's place."""
    known = TlsSettings(authorities=authority.file)

    with encrypted_pacs(authority.stranger().settings()) as peer:
        words = complaint(replace(peer, tls=client_context(known)))

    assert "no encrypted connection: the peer's certificate: unable to get local issuer" in words


def test_an_expired_pacs_is_an_outage(authority: Authority) -> None:
    """When its certificate is renewed, everything that waits goes out by itself."""
    settings = authority.expired()

    with encrypted_pacs(settings) as peer:
        words = complaint(replace(peer, tls=client_context(settings)))

    assert words.endswith("no encrypted connection: the peer's certificate: certificate has expired")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_pacs_that_wants_our_certificate_is_understood(authority: Authority, version: ssl.TLSVersion) -> None:
    """In TLS 1.3 it says so only after the handshake."""
    bare = TlsSettings(authorities=authority.file)

    with encrypted_pacs(authority.settings(), require_client=True, version=version) as peer:
        words = complaint(replace(peer, tls=client_context(bare)))

    assert words.endswith("the peer wants a certificate of ours")


def test_a_pacs_without_tls_is_an_outage(authority: Authority) -> None:
    """It takes our greeting for a PDU of no known type and hangs up."""
    with running_pacs() as pacs:
        words = complaint(replace(pacs.peer, tls=client_context(authority.settings())))

    assert "no encrypted connection" in words


def test_a_pacs_with_tls_is_an_outage_without_it(authority: Authority) -> None:
    """It takes our request for a broken handshake."""
    with encrypted_pacs(authority.settings()) as peer:
        assert "gave the association up" in complaint(peer)


def test_a_peer_that_never_shakes_hands_costs_one_time_out(authority: Authority) -> None:
    """It accepts the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        peer = replace(peer_at(silent.getsockname()[1]), tls=client_context(authority.settings()))

        assert "does not answer" in complaint(peer, timeout_s=0.3)


@pytest.mark.peers
def test_storescp_keeps_what_comes_over_tls(authority: Authority, tmp_path: Path) -> None:
    """DCMTK, which checks our certificate as we check its."""
    needs("storescp")
    theirs, ours = authority.settings("localhost"), authority.settings("127.0.0.1")
    port = free_port()
    options = ["+tls", theirs.key, theirs.certificate, "+cf", authority.file, "-rc", "-aet", "HRI_NODE"]
    command = ["storescp", *map(str, options), "-od", str(tmp_path), str(port)]
    peer = replace(peer_at(port, host="localhost"), tls=client_context(ours))

    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: answers(peer), PROGRAM_TIMEOUT_S, "the start of storescp")
        store_at(peer, part10(ultrasound_instance(rows=64, columns=80)))
        process.terminate()

    assert len(list(tmp_path.glob("US*"))) == 1


def answers(peer: Peer) -> bool:
    """Whether the peer echoes."""
    with contextlib.suppress(PeerUnavailable):
        DicomDestination(peer).echo()
        return True
    return False
