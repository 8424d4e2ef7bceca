"""Tests of a self-test at doors that are encrypted: it trusts the node's own certificate, by whatever name it calls."""

from pathlib import Path

import pytest
from certificates import Authority
from dimse import listening, memory_intake
from web_node import serving

from hri_node.errors import PeerUnavailable
from hri_node.receive.hooks import Hooks
from hri_node.sections import ListenerSettings, ListenerTlsSettings
from hri_node.self_test.doors import listener_peers, web_peer
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.scu import DicomDestination
from hri_node.settings import Settings
from hri_node.tls import server_context

TITLE = "SELFTESTABCDEFG2"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One that no machine knows."""
    (tmp_path / "certificates").mkdir()
    return Authority(tmp_path / "certificates")


def with_tls(authority: Authority, port: int) -> Settings:
    """A node that listens with TLS only, whose certificate is for another name than that it is called by."""
    chosen = authority.settings("node.hospital.example").model_dump()
    tls = ListenerTlsSettings(**chosen, port=port, require_client_certificate=True)
    listener = ListenerSettings(host="0.0.0.0", plain=False, tls=tls)  # noqa: S104 - as the default
    return Settings.model_construct(listener=listener)


def test_the_encrypted_port_of_the_listener_is_reached_with_the_nodes_own_certificate(authority: Authority) -> None:
    """It shows it as well, where the listener wants one; another node's listener is not trusted."""
    settings = with_tls(authority, 1)
    hooks = Hooks(tls=server_context(settings.listener.tls, require_client=True), guests=lambda _title: True)

    with listening(memory_intake(), hooks, tls=ListenerTlsSettings(port=0)) as listener:
        settings = with_tls(authority, listener.tls_port)
        peers = listener_peers(settings, TITLE)
        assert list(peers) == ["tls"]
        DicomDestination(peers["tls"], timeout_s=10).echo()
        stranger = listener_peers(with_tls(authority.stranger(), listener.tls_port), TITLE)["tls"]
        with pytest.raises(PeerUnavailable, match="certificate"):
            DicomDestination(stranger, timeout_s=10).echo()


def test_https_is_reached_as_well(authority: Authority, tmp_path: Path) -> None:
    """By the address of the machine, for which the certificate is not good; whoever else checks the name still does."""
    tls = authority.settings("node.hospital.example")
    token = tmp_path / "token"
    token.write_text("a token of its own")
    keys = {key: str(value) for key, value in tls.model_dump(include={"certificate", "key"}).items()}

    with serving(tmp_path, tls=keys) as node:
        port = int(node.url.rpartition(":")[2])
        settings = Settings.model_construct()
        web = settings.web.model_copy(update={"port": port, "tls": tls})
        peer = web_peer(settings.model_copy(update={"web": web}), token)
        assert peer.url.startswith("https://127.0.0.1:")
        DicomWebDestination(peer, "none", 10).echo()
        named = settings.self_test.model_copy(update={"web_url": f"https://127.0.0.1:{port}"})
        checked = web_peer(settings.model_copy(update={"web": web, "self_test": named}), token)
        with pytest.raises(PeerUnavailable, match="certificate"):
            DicomWebDestination(checked, "none", 10).echo()
