"""The settings come in; the node's own doors go out as peers, by which a self-test comes in like anybody else."""

import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from hri_node.errors import Misconfigured
from hri_node.records import Peer
from hri_node.sections import TlsSettings
from hri_node.send.dicomweb_session import WebPeer
from hri_node.settings import Settings
from hri_node.tls import client_context

LISTENER: Final = "the listener"
WEB: Final = "the web role"
"""In the sentences of errors."""

PATH: Final = "/dicom-web"

LOOPBACK: Final = "127.0.0.1"
LOOPBACK_6: Final = "::1"


def listener_peers(settings: Settings, ae_title: str) -> Mapping[str, Peer]:
    """The listener's ports, by what encrypts them.

    Parameters
    ----------
    settings
        Of the node.
    ae_title
        What the self-test calls itself.

    Raises
    ------
    Misconfigured
        When nothing is listened on, a port is not known, or a certificate cannot be used.
    """
    listener = settings.listener
    host = settings.self_test.listener_host or _reachable(listener.host)
    ports: dict[str, tuple[int, ssl.SSLContext | None]] = {"plain": (listener.port, None)} if listener.plain else {}
    if listener.tls.certificate:
        ports["tls"] = listener.tls.port, _own_context(listener.tls, "listener.tls")
    if not ports or not all(port for port, _ in ports.values()):
        raise Misconfigured("listener.port: the self-test has to know on which port the listener listens")
    return {
        name: Peer(LISTENER, host, port, listener.ae_title, ae_title, context)
        for name, (port, context) in ports.items()
    }


def web_peer(settings: Settings, token_file: Path) -> WebPeer:
    """Where STOW-RS requests go.

    Parameters
    ----------
    settings
        Of the node.
    token_file
        Holds the self-test's bearer token.

    Raises
    ------
    Misconfigured
        When the port is not known, or a certificate cannot be used.
    """
    web = settings.web
    if url := settings.self_test.web_url:  # somebody else's certificate: it has to be good for that name
        context = client_context(TlsSettings(authorities=web.tls.authorities), name="web.tls")
        return WebPeer(WEB, f"{url}{PATH}", token_file=token_file, tls=context)
    if not web.port:
        raise Misconfigured("web.port: the self-test has to know on which port the web role listens")
    scheme, own = ("https", _own_context(web.tls, "web.tls")) if web.tls.certificate else ("http", None)
    return WebPeer(
        WEB, f"{scheme}://{_bracketed(_reachable(web.host))}:{web.port}{PATH}", token_file=token_file, tls=own
    )


def _own_context(settings: TlsSettings, name: str) -> ssl.SSLContext:
    """Context that trusts our own certificate, whatever we call ourselves, and shows it where it is asked for."""
    context = client_context(settings, name=name)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the certificate itself, whoever signed it
    assert settings.certificate, "the caller looked"
    context.load_verify_locations(settings.certificate)
    return context


def _reachable(host: str) -> str:
    """Address by which this machine reaches what listens on another one, or on all it has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return LOOPBACK if address.version == 4 else LOOPBACK_6  # noqa: PLR2004 - as ipaddress has it


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
