"""An ID token comes in; its claims go out, proven to be its provider's, about this login, for us, and of now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError
from joserfc.jwk import KeySet

SIGNATURES: Final = frozenset({
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
})  # fmt: skip
"""Made with a key that the provider alone has. Neither none nor HS256, whose key is our own secret, proves that."""

LEEWAY_S: Final = 60
"""How far its clock and ours may be apart."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must stand in it; `signatures` are those that the provider says to use."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    signatures: Collection[str]


def proven(id_token: str, keys: KeySet, expected: Expected, now: datetime) -> dict[str, Any]:
    """Claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7).

    Parameters
    ----------
    id_token
        As the provider sent it.
    keys
        The provider's.
    expected
        What must stand in it.
    now
        Present time.

    Raises
    ------
    JoseError
        When anything is not as it must be.
    """
    decoded = jwt.decode(id_token, keys, algorithms=sorted(SIGNATURES & set(expected.signatures)))
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
        "nonce": {"essential": True, "value": expected.nonce},
    }
    about = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    claims = CodeIDToken(decoded.claims, decoded.header, options, about)
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    if not isinstance(claims["sub"], str):
        raise InvalidClaimError("sub")
    return dict(claims)
