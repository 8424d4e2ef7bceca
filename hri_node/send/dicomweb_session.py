"""A DICOMweb peer comes in; an HTTP session with its credentials goes out, bounded in time and in what it reads."""

import ssl
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter

from hri_node.errors import PeerUnavailable

ANSWER_MAX_BYTES: Final = 32 * 1024 * 1024
"""Of one answer. Some 20,000 instances of a query; a peer that sends more is out of its mind."""

ANSWER_TIMES: Final = 4
"""An answer may take so many times the longest silence in all."""

BLOCK_BYTES: Final = 64 * 1024

SEND_BLOCK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class WebPeer:
    """A DICOMweb service and our credentials there.

    Attributes
    ----------
    name
        What the settings call it.
    url
        Its root, to which ``/studies`` is added.
    username, password_file
        For HTTP Basic authentication; the password is the first line of the file.
    token_file
        For a bearer token, the first line of the file; it goes before the password.
    tls
        For https; None takes the authorities of the machine.
    """

    name: str
    url: str
    username: str = ""
    password_file: Path | None = None
    token_file: Path | None = None
    tls: ssl.SSLContext | None = None


@contextmanager
def web_session(peer: WebPeer, timeout_s: float) -> Iterator[requests.Session]:
    """Session with a peer, closed at the end. Neither proxies nor credentials are taken from the environment.

    Parameters
    ----------
    peer
        Who, where, and our credentials, which are read anew for every session.
    timeout_s
        Longest silence, and a quarter of the longest time that one answer may take.

    Raises
    ------
    PeerUnavailable
        When a file of credentials cannot be read.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.max_redirects = 0
        if peer.token_file:
            session.headers["Authorization"] = f"Bearer {_secret(peer, peer.token_file)}"
        elif peer.username:
            password = _secret(peer, peer.password_file) if peer.password_file else ""
            credentials = b64encode(f"{peer.username}:{password}".encode())  # RFC 7617 2.1: UTF-8
            session.headers["Authorization"] = f"Basic {credentials.decode()}"
        adapter = _Adapter(peer.tls, timeout_s)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        yield session


class FileBody:
    """The body of a store request with one file, read while it is sent; its length is known before.

    Parameters
    ----------
    path
        A DICOM file.
    """

    def __init__(self, path: Path) -> None:
        self.boundary = uuid.uuid4().hex
        self._path = path
        self._before = f"--{self.boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        self._after = f"\r\n--{self.boundary}--\r\n".encode()

    def __len__(self) -> int:
        return len(self._before) + self._path.stat().st_size + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        with self._path.open("rb") as file:
            while block := file.read(SEND_BLOCK_BYTES):
                yield block
        yield self._after


def _secret(peer: WebPeer, file: Path) -> str:
    """First line of a file."""
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PeerUnavailable(f"{peer.name}: {file} with our credentials cannot be read") from error


class _Adapter(HTTPAdapter):
    """The way to the peer: our TLS context and nothing but it, time-outs, and answers of a bounded length."""

    def __init__(self, tls: ssl.SSLContext | None, timeout_s: float) -> None:
        self._tls = tls or ssl.create_default_context()
        self._timeout_s = timeout_s
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - requests' signature
        """Connections that use our context, by which alone it is decided whether host names matter."""
        named = {} if self._tls.check_hostname else {"assert_hostname": False}
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls, **named, **options)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401 - requests' signature
        """Add nothing: requests would put certifi's authorities beside the hospital's own."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - requests' signature
        *_positional: Any,  # noqa: ANN401
        **_options: Any,  # noqa: ANN401
    ) -> requests.Response:
        """Answer of the peer, read whole unless somebody wants to read it himself.

        Parameters
        ----------
        request
            What to ask.
        stream
            Whether the answer is read by whoever asked, within bounds of his own: instances are long.
        """
        request.headers.pop("Host", None)  # dicomweb-client sets one without the port; http.client sets the right one
        response = super().send(request, stream=True, timeout=self._timeout_s)
        if stream:
            return response
        deadline = time.monotonic() + self._timeout_s * ANSWER_TIMES
        content = bytearray()
        with response:
            for block in response.iter_content(BLOCK_BYTES):
                content += block
                if len(content) > ANSWER_MAX_BYTES:
                    raise requests.exceptions.ContentDecodingError("the answer is longer than allowed")
                if time.monotonic() > deadline:
                    raise requests.ReadTimeout("the answer does not end")
        response._content = bytes(content)  # noqa: SLF001 - where requests itself keeps what it has read
        return response
