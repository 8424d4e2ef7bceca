"""Certificates of the settings come in; contexts for encrypted connections after PS3.15 Annex B go out."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates

from hri_node.errors import Misconfigured
from hri_node.sections import TlsSettings

CIPHER_SUITES: Final = {
    # PS3.15 B.12, by RFC 9325 4.2: the four suites it recommends.
    "bcp195": (
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
    ),
    # PS3.15 B.13: of the suites it permits, those that OpenSSL knows; no other may be added.
    "modified": (
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-CCM",
        "ECDHE-ECDSA-AES256-CCM8",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-CCM",
        "ECDHE-ECDSA-AES128-CCM8",
    ),
}
"""Suites for TLS 1.2, the strongest first, by profile. Those of TLS 1.3 are OpenSSL's own three, permitted by both."""

SECURITY_LEVEL: Final = "@SECLEVEL=2"
"""OpenSSL's: RSA and DH keys of 2048 bits or more, ECC of 224 or more, no SHA-1 in signatures (RFC 9325 4.5)."""

ALERTS: Final = {
    "certificate required": "the peer wants a certificate of ours",
    "unknown ca": "the peer does not know who signed our certificate",
    "certificate expired": "our certificate has expired",
    "bad certificate": "the peer does not accept our certificate",
    "certificate unknown": "the peer does not accept our certificate",
    "protocol version": "the peer does not speak our versions of TLS",
    "handshake failure": "no cipher suite in common, or the peer wants a certificate of ours",
    "wrong version number": "the peer does not speak TLS",
    "http request": "the peer speaks HTTP",
}
"""RFC 8446 6.2, what the peer says before it hangs up, and what OpenSSL says of those that say something else."""

EXPIRY_NOTICE: Final = timedelta(days=30)

log = structlog.get_logger()


def server_context(settings: TlsSettings, *, require_client: bool, name: str = "tls") -> ssl.SSLContext | None:
    """Context for connections that we accept, or None where no certificate is set.

    A certificate that is renewed in place is used from the next connection on.

    Parameters
    ----------
    settings
        Certificate, key, authorities and profile.
    require_client
        Whether a peer must show a certificate that one of `authorities` signed.
    name
        Of the section, for the sentence of an error.

    Raises
    ------
    Misconfigured
        When a file is missing or is not what its key says, key and certificate do not belong together, or client
        certificates are required and no authorities are named.
    """
    if settings.certificate is None:
        return None
    context = _server(settings, name, require_client=require_client)
    context.sni_callback = _renewal(settings, lambda: _server(settings, name, require_client=require_client))
    return context


def client_context(settings: TlsSettings, *, name: str = "tls") -> ssl.SSLContext:
    """Context for connections that we request; the peer's certificate is checked against authorities and host name.

    Parameters
    ----------
    settings
        Profile; certificate and key to show where the peer asks for them; `authorities` None takes the machine's.
    name
        Of the section, for the sentence of an error.

    Raises
    ------
    Misconfigured
        When a file is missing or is not what its key says, or key and certificate do not belong together.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, settings)
    if settings.authorities:
        _load_authorities(context, settings.authorities, name)
    else:
        context.load_default_certs()
    if settings.certificate:
        _load_certificate(context, settings, name)
    return context


def trouble(error: OSError) -> str:
    """What went wrong with an encrypted connection, in words.

    Parameters
    ----------
    error
        As the handshake, or the first read, raised it.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the peer's certificate: {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "the peer hung up during the handshake"
    if isinstance(error, TimeoutError):
        return "the peer did not finish the handshake in time"
    if not isinstance(error, ssl.SSLError):
        return "the connection broke during the handshake"
    words = (error.reason or "unknown").replace("_", " ").lower()
    return ALERTS.get(words.partition("alert ")[2] or words, words)


def _server(settings: TlsSettings, name: str, *, require_client: bool) -> ssl.SSLContext:
    context = _context(ssl.PROTOCOL_TLS_SERVER, settings)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    _load_certificate(context, settings, name)
    if require_client and not settings.authorities:
        raise Misconfigured(f"{name}.authorities: needed, since client certificates are required")
    if require_client and settings.authorities:
        _load_authorities(context, settings.authorities, name)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _context(side: int, settings: TlsSettings) -> ssl.SSLContext:
    """Versions and suites of the profile (PS3.15 B.12, B.13; RFC 9325 3.1, 3.3, 3.5, 4.2)."""
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join((SECURITY_LEVEL, *CIPHER_SUITES[settings.profile])))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def _load_certificate(context: ssl.SSLContext, settings: TlsSettings, name: str) -> None:
    """Certificate and key, checked one by one: OpenSSL's own words do not say which file is wrong."""
    assert settings.certificate and settings.key, "the settings ask for both"  # noqa: PT018
    certificate = _certificates(settings.certificate, f"{name}.certificate")[0]
    password = _password(settings, name)
    try:
        key = load_pem_private_key(_read(settings.key, f"{name}.key"), password)
    except TypeError as error:  # a password where none is needed, or none where one is
        trouble = "is not encrypted, but a password is set" if password else "is encrypted: password_file is needed"
        raise Misconfigured(f"{name}.key: {settings.key} {trouble}") from error
    except ValueError as error:
        trouble = "cannot be decrypted with the password given" if password else "is no private key in PEM format"
        raise Misconfigured(f"{name}.key: {settings.key} {trouble}") from error
    if key.public_key() != certificate.public_key():
        raise Misconfigured(f"{name}.key: {settings.key} is not the key of {settings.certificate}")
    try:
        context.load_cert_chain(settings.certificate, settings.key, lambda: password or b"")
    except ssl.SSLError as error:  # what the security level does not let pass
        raise Misconfigured(f"{name}.certificate: {settings.certificate} is refused: {error.reason}") from error
    _warn_of_expiry(certificate, settings.certificate, name)


def _load_authorities(context: ssl.SSLContext, authorities: Path, name: str) -> None:
    _certificates(authorities, f"{name}.authorities")
    context.load_verify_locations(authorities)


def _certificates(path: Path, key: str) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(_read(path, key))
    except ValueError as error:
        raise Misconfigured(f"{key}: {path} holds no certificate in PEM format") from error


def _password(settings: TlsSettings, name: str) -> bytes | None:
    if settings.password:
        return settings.password.get_secret_value().encode()
    if settings.password_file is None:
        return None
    return _read(settings.password_file, f"{name}.password_file").rstrip(b"\r\n")


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{key}: {path} cannot be read: {error.strerror}") from error


def _warn_of_expiry(certificate: Certificate, path: Path, name: str) -> None:
    """A certificate past its time does not stop the node: peers decide, and what needs no TLS goes on."""
    end = certificate.not_valid_after_utc
    left = end - datetime.now(UTC)
    if left < EXPIRY_NOTICE:
        event = "certificate_expired" if left < timedelta(0) else "certificate_expires_soon"
        log.warning(event, setting=f"{name}.certificate", path=str(path), not_valid_after=f"{end:%Y-%m-%d %H:%M:%S}")


def _renewal(
    settings: TlsSettings, build: Callable[[], ssl.SSLContext]
) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]:
    """What OpenSSL calls at each handshake: where files have changed, the connection gets a context built from them."""
    paths = [path for path in (settings.certificate, settings.key, settings.authorities) if path]
    state: list[object] = [_marks(paths), None]

    def renew(connection: ssl.SSLObject, _server_name: str | None, _context: ssl.SSLContext) -> None:
        marks = _marks(paths)
        if marks != state[0]:
            state[0] = marks
            try:
                state[1] = build()
                log.info("certificate_renewed", path=str(settings.certificate))
            except Misconfigured as error:  # half-written, perhaps: the former one serves on
                log.warning("certificate_not_renewed", reason=str(error))
        if isinstance(state[1], ssl.SSLContext):
            connection.context = state[1]

    return renew


def _marks(paths: list[Path]) -> list[tuple[int, int] | None]:
    """What changes when a file does."""
    return [_mark(path) for path in paths]


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
