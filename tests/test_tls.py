"""TLS contexts: what they offer, what they refuse, and every wrong file as one sentence."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from certificates import PASSWORD, Authority, encrypt

from hri_node.errors import Misconfigured
from hri_node.sections import TlsSettings
from hri_node.tls import CIPHER_SUITES, client_context, server_context, trouble

PATIENCE_S = 10


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that both sides know."""
    return Authority(tmp_path)


@contextmanager
def serving(context: ssl.SSLContext) -> Iterator[int]:
    """Port of a server that shakes hands, says a byte and hangs up, again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = server.accept()
                    plain.settimeout(PATIENCE_S)
                    with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                        connection.sendall(b"!")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_S)


@contextmanager
def connected(port: int, context: ssl.SSLContext, name: str = "127.0.0.1") -> Iterator[ssl.SSLSocket]:
    """Encrypted connection after the server's byte has come."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    with plain, context.wrap_socket(plain, server_hostname=name) as connection:
        assert connection.recv(1) == b"!"
        yield connection


def server(settings: TlsSettings, *, require_client: bool = False) -> ssl.SSLContext:
    """Context of a server that has a certificate."""
    context = server_context(settings, require_client=require_client)
    assert context
    return context


def failure(port: int, context: ssl.SSLContext, name: str = "127.0.0.1") -> str:
    """Why no connection comes about, in words."""
    with pytest.raises(ssl.SSLError) as caught, connected(port, context, name):
        pass
    return trouble(caught.value)


def test_without_certificate_there_is_no_server_side() -> None:
    """The port of TLS is opened by its certificate."""
    assert server_context(TlsSettings(), require_client=False) is None


@pytest.mark.parametrize("profile", ["bcp195", "modified"])
def test_each_profile_offers_its_suites_and_no_other(authority: Authority, profile: str) -> None:
    """PS3.15 B.12 and B.13: TLS 1.2 and 1.3, forward secrecy and authenticated encryption only."""
    context = server(authority.settings(profile=profile))

    suites = {suite["name"]: suite["protocol"] for suite in context.get_ciphers()}

    assert {name for name, version in suites.items() if version == "TLSv1.2"} == set(CIPHER_SUITES[profile])
    assert all("GCM" in name or "CCM" in name or "POLY1305" in name for name in suites)
    assert set(suites.values()) == {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize("profile", ["bcp195", "modified"])
def test_both_sides_agree_on_the_latest_version(authority: Authority, profile: str) -> None:
    """Servers shall prefer TLS 1.3 if offered (PS3.15 B.12)."""
    settings = authority.settings(profile=profile)

    with serving(server(settings)) as port, connected(port, client_context(settings)) as connection:
        assert connection.version() == "TLSv1.3"


def test_tls_1_2_is_spoken_with_older_peers(authority: Authority) -> None:
    """Scanners stay in service for fifteen years."""
    settings = authority.settings()
    older = client_context(settings)
    older.maximum_version = ssl.TLSVersion.TLSv1_2

    with serving(server(settings)) as port, connected(port, older) as connection:
        assert connection.cipher() == ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls_1_1_is_refused(authority: Authority) -> None:
    """RFC 8996 deprecates it."""
    settings = authority.settings()
    old = client_context(settings)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    with serving(server(settings)) as port:
        assert failure(port, old) == "the peer does not speak our versions of TLS"


def test_a_server_of_another_authority_is_not_trusted(authority: Authority) -> None:
    """Whoever stands between us and the PACS has no certificate of its authority."""
    with serving(server(authority.stranger().settings())) as port:
        assert "unable to get local issuer" in failure(port, client_context(TlsSettings(authorities=authority.file)))


def test_a_server_by_another_name_is_not_trusted(authority: Authority) -> None:
    """A certificate counts for its host name only."""
    settings = authority.settings("pacs.example")

    with serving(server(settings)) as port:
        assert "Hostname mismatch" in failure(port, client_context(settings), "archive.example")


def test_an_expired_server_is_not_trusted(authority: Authority) -> None:
    """The sentence says so: somebody has to renew it."""
    settings = authority.expired()

    with serving(server(settings)) as port:
        assert failure(port, client_context(settings)) == "the peer's certificate: certificate has expired"


def test_the_machines_authorities_count_where_none_are_named(authority: Authority) -> None:
    """A certificate of the hospital's own authority is then refused, and nothing is accepted unseen."""
    with serving(server(authority.settings())) as port:
        assert "unable to get local issuer" in failure(port, client_context(TlsSettings()))


def test_a_client_certificate_is_checked_where_it_is_required(authority: Authority) -> None:
    """One of our authority comes in, one of another and none at all do not."""
    settings = authority.settings()
    foreign = authority.stranger().settings("127.0.0.1", authorities=authority.file)

    with serving(server(settings, require_client=True)) as port:
        with connected(port, client_context(settings)) as connection:
            assert connection.version()
        assert failure(port, client_context(foreign)) == "the peer does not know who signed our certificate"
        bare = client_context(TlsSettings(authorities=authority.file))
        assert failure(port, bare) == "the peer wants a certificate of ours"


def test_a_renewed_certificate_counts_from_the_next_connection_on(authority: Authority) -> None:
    """Certificates live 90 days, nodes run for years."""
    settings = authority.settings()
    client = client_context(settings)

    with serving(server(settings)) as port:
        with connected(port, client) as connection:
            first = connection.getpeercert(binary_form=True)
        authority.settings()
        with connected(port, client) as connection:
            assert connection.getpeercert(binary_form=True) != first


def test_a_half_written_renewal_leaves_the_former_certificate(authority: Authority) -> None:
    """Whoever copies two files makes a moment in which they do not match."""
    settings = authority.settings()
    client = client_context(settings)

    with serving(server(settings)) as port:
        (authority.folder / "127.0.0.1.pem").write_text("half a cert")
        with connected(port, client) as connection:
            assert connection.version() == "TLSv1.3"


def test_a_password_comes_from_its_file(authority: Authority) -> None:
    """With the line break that every editor adds."""
    file = authority.folder / "password"
    file.write_bytes(PASSWORD + b"\n")
    settings = authority.settings(password_file=file)
    encrypt(authority.folder / "127.0.0.1.key")

    assert server(settings)


def test_a_password_comes_from_the_environment(authority: Authority) -> None:
    """As containers hand secrets over."""
    settings = authority.settings(password=PASSWORD.decode())
    encrypt(authority.folder / "127.0.0.1.key")

    assert server(settings)
    assert PASSWORD.decode() not in repr(settings)


def spoilt(settings: TlsSettings, how: str) -> TlsSettings:
    """The same settings with one thing wrong."""
    assert settings.certificate
    assert settings.key
    other = Authority(settings.key.parent).stranger().settings()
    assert other.key
    actions = {
        "no certificate": settings.certificate.unlink,
        "empty certificate": lambda: settings.certificate.write_text(""),
        "no key": settings.key.unlink,
        "empty key": lambda: settings.key.write_text(""),
        "other key": lambda: shutil.copy(other.key, settings.key),
        "encrypted": lambda: encrypt(settings.key),
        "wrong password": lambda: encrypt(settings.key, b"another"),
        "no authorities": settings.authorities.unlink,
        "empty authorities": lambda: settings.authorities.write_text(""),
    }
    actions.get(how, lambda: None)()
    return settings


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("no certificate", r"web\.tls\.certificate: .* cannot be read: No such file"),
        ("empty certificate", r"web\.tls\.certificate: .* holds no certificate in PEM format"),
        ("no key", r"web\.tls\.key: .* cannot be read: No such file"),
        ("empty key", r"web\.tls\.key: .* is no private key in PEM format"),
        ("other key", r"web\.tls\.key: .* is not the key of "),
        ("encrypted", r"web\.tls\.key: .* is encrypted: password_file is needed"),
        ("no authorities", r"web\.tls\.authorities: .* cannot be read: No such file"),
        ("empty authorities", r"web\.tls\.authorities: .* holds no certificate"),
    ],
)
def test_a_wrong_file_is_one_sentence(authority: Authority, how: str, sentence: str) -> None:
    """It names the setting and the file."""
    settings = spoilt(authority.settings(), how)

    with pytest.raises(Misconfigured, match=sentence):
        server_context(settings, require_client=True, name="web.tls")


@pytest.mark.parametrize(
    ("how", "sentence"),
    [("wrong password", "cannot be decrypted with the password given"), ("plain", "is not encrypted, but a password")],
)
def test_a_wrong_password_is_one_sentence_without_it(authority: Authority, how: str, sentence: str) -> None:
    """Whoever reads over a shoulder learns nothing."""
    settings = spoilt(authority.settings(password=PASSWORD.decode()), how)

    with pytest.raises(Misconfigured, match=sentence) as caught:
        client_context(settings)
    assert PASSWORD.decode() not in str(caught.value)


def test_required_client_certificates_need_authorities(authority: Authority) -> None:
    """Or every certificate would do."""
    with pytest.raises(Misconfigured, match=r"tls\.authorities: needed"):
        server_context(authority.settings(authorities=None), require_client=True)


def test_an_expired_certificate_of_ours_is_said_and_used(
    authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some peers do not look at dates; the others say so themselves."""
    assert server(authority.expired())

    said = capsys.readouterr()
    assert "certificate_expired" in said.out + said.err
