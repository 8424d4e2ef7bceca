"""The secret of a study's web pages comes in; cookies that say who reads, and names that tell nothing, go out."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from hri_node.errors import Misconfigured
from hri_node.study.project.files import write_file

FILE_NAME: Final = "pages.secret"

SECRET_BYTES: Final = 32

ALGORITHM: Final = "HS256"

KEPT: Final = timedelta(hours=12)
"""How long a visit lasts after the last page or mark; then the personal link is opened again."""

RENEWED_AFTER: Final = timedelta(minutes=30)

KEY_BYTES: Final = 15


class Seals:
    """What this server alone can make, and knows again after it was killed.

    Parameters
    ----------
    secret
        Of the study's pages.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._key = OctKey.import_key(self._mac("cookie"))

    def cookie(self, reader: str, linked: str, now: datetime) -> str:
        """A cookie that says who reads.

        Parameters
        ----------
        reader
            Their name.
        linked
            When they got their link: with another one, this cookie is worth nothing.
        now
            Present time.
        """
        claims = {"sub": reader, "linked": linked, "iat": int(now.timestamp())}
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])

    def claims(self, cookie: str, now: datetime) -> dict[str, Any] | None:
        """What a cookie of ours says, as long as it is good; None of every other one.

        Parameters
        ----------
        cookie
            Whatever the browser sent.
        now
            Present time.
        """
        try:
            claims: dict[str, Any] = jwt.decode(cookie, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        age = now - datetime.fromtimestamp(claims["iat"], now.tzinfo)
        return claims if age <= KEPT else None

    def csrf(self, reader: str) -> str:
        """What a page of this reader sends along with everything that changes something.

        Parameters
        ----------
        reader
            Their name.
        """
        return _text(self._mac("csrf", reader))

    def image_key(self, reader: str, session: int, subject: str) -> str:
        """The name of an image for one reader in one session: nobody can tell by it what they saw before.

        Parameters
        ----------
        reader, session, subject
            What it stands for.
        """
        return _text(self._mac("image", reader, str(session), subject)[:KEY_BYTES])

    def _mac(self, *words: str) -> bytes:
        return hmac.digest(self._secret, "\0".join(words).encode(), hashlib.sha256)


def secret_of(folder: Path) -> bytes:
    """The secret of a study's pages; drawn the first time, once, however many servers begin.

    Parameters
    ----------
    folder
        Of the study.

    Raises
    ------
    Misconfigured
        When the file holds something else, or cannot be read.
    """
    path = folder / FILE_NAME
    if not path.exists():
        aside = folder / f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}"
        write_file(aside, secrets.token_bytes(SECRET_BYTES), 0o600)
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from error
    if len(secret) != SECRET_BYTES:
        raise Misconfigured(f"{path} has {len(secret)} bytes, {SECRET_BYTES} are needed: remove it to draw a new one")
    return secret


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
