"""Nothing comes in; secrets that nobody can guess go out, and what is kept of them."""

import hashlib
import re
import secrets
from typing import Final

SECRET_BYTES: Final = 32
"""256 random bits: a hash of them needs neither salt nor slowness."""

API_PREFIX: Final = "hri_"
"""By which tools that look for secrets in files know a token of ours."""

SECRET_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """A secret for a cookie or a link, 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def sha256_of(secret: str) -> str:
    """What the ledger keeps of a secret.

    Parameters
    ----------
    secret
        With or without the prefix of tokens.
    """
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def is_secret(text: str) -> bool:
    """Whether a text can be a secret of ours.

    Parameters
    ----------
    text
        Whatever came.
    """
    return bool(SECRET_FORM.fullmatch(text))
