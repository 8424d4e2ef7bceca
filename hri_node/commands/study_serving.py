"""The folder of a study comes in; its images are marked in readers' browsers until told to stop."""

from pathlib import Path

from pydantic import ValidationError

from hri_node.commands.roles import until_told_to_stop
from hri_node.commands.screen import say
from hri_node.console_sections import WebSettings
from hri_node.errors import Misconfigured
from hri_node.logs import set_up
from hri_node.sections import TlsSettings
from hri_node.study.project.store import open_study
from hri_node.web.login.links import address
from hri_node.web.reader.app import standalone
from hri_node.web.reader.rendering import PREFIX
from hri_node.web.server import WebServer

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def settings_of(host: str, port: int, certificate: Path | None, key: Path | None, public_url: str) -> WebSettings:
    """Settings of the server.

    Parameters
    ----------
    host, port
        Where it listens.
    certificate, key
        PEM files; None for plain HTTP.
    public_url
        By which browsers know it, where a proxy stands between; else empty.

    Raises
    ------
    Misconfigured
        When they do not fit together.
    """
    if (certificate is None) != (key is None):
        raise Misconfigured("--certificate and --key need each other")
    try:
        tls = TlsSettings(certificate=certificate, key=key)
        return WebSettings(host=host, port=port, tls=tls, public_url=public_url.rstrip("/"))
    except ValidationError as error:
        raise Misconfigured(f"--public-url: {public_url!r} is none such as https://readers.example") from error


def serve(folder: Path, settings: WebSettings) -> None:
    """Serve the marking tool.

    Parameters
    ----------
    folder
        Of the study.
    settings
        Where, and with which certificate.

    Raises
    ------
    Misconfigured
        When there is no study, or nobody can listen there.
    """
    stop = until_told_to_stop()
    set_up()
    study = open_study(folder)
    server = WebServer(standalone(study, settings), settings)
    say(f"readers mark {study.protocol.name} at {address(settings, f'{PREFIX}/', server.port)} until Ctrl-C")
    say("each reader opens a personal link first: `hri-node study assign` prints it")
    if settings.host not in LOOPBACK and not settings.tls.certificate and not settings.public_url.startswith("https:"):
        say("this is not encrypted: whoever listens on the network sees images and links; --certificate changes that")
    try:
        server.run(stop)
    finally:
        study.close()
