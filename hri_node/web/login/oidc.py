"""Somebody's visit to an OpenID Connect provider comes in, and back; who they are goes out, as far as it is proven.

Authorization Code Flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 9700).
"""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final, cast
from urllib.parse import urlsplit

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from hri_node.console_sections import OidcSettings
from hri_node.errors import Misconfigured, Refused, Unavailable
from hri_node.web.login.oidc_claims import claim
from hri_node.web.login.oidc_token import Expected, proven
from hri_node.web.login.origin import is_same
from hri_node.web.login.secrets import new_secret

DISCOVERY: Final = "/.well-known/openid-configuration"
"""OpenID Connect Discovery 1.0, 4."""

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
"""How we say our secret (OpenID Connect Core 1.0, 9)."""

TIMEOUT_S: Final = (5.0, 10.0)
"""For a connection, and for each piece of an answer."""

FRESH_S: Final = 3600.0
KEYS_APART_S: Final = 30.0
"""How long its description is believed; how soon keys are asked for again, as a token names one that is not known."""

log = structlog.get_logger()


class ProviderAway(Unavailable):
    """The provider does not answer, or not as a provider does."""


class ProviderRefused(Refused):
    """The provider does not vouch for whoever came."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was asked of a provider; the browser keeps it until it comes back."""

    state: str
    nonce: str
    verifier: str
    wanted: str


class Provider:
    """An OpenID Connect provider. Methods wait for it: call them in a thread.

    Parameters
    ----------
    settings
        Section ``web.oidc``.
    clock
        Present time.

    Raises
    ------
    Misconfigured
        When a file that the settings name cannot be read.
    """

    def __init__(self, settings: OidcSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._metadata: dict[str, Any] = {}
        self._metadata_at = self._keys_at = float("-inf")
        self._keys: KeySet | None = None
        for key, path in (("client_secret_file", settings.client_secret_file), ("authorities", settings.authorities)):
            if path and not path.is_file():
                raise Misconfigured(f"web.oidc.{key}: {path} cannot be read")
        if urlsplit(settings.issuer).scheme != "https":
            log.warning("provider_not_encrypted", setting="web.oidc.issuer", reason="whoever is between can be anybody")

    @property
    def name(self) -> str:
        """What people know it by."""
        return urlsplit(self._settings.issuer).hostname or self._settings.issuer

    def begin(self, back: str, wanted: str) -> tuple[str, Visit]:
        """Where to send a browser, and what it keeps meanwhile.

        Parameters
        ----------
        back
            Where it is sent back to.
        wanted
            Page that it goes on to.

        Raises
        ------
        ProviderAway
            When the provider does not answer.
        """
        visit = Visit(new_secret(), new_secret(), new_secret(), wanted)
        with self._session(back) as session:
            endpoint = self._endpoint(session, "authorization_endpoint")
            url, _ = session.create_authorization_url(
                endpoint, state=visit.state, code_verifier=visit.verifier, nonce=visit.nonce
            )
        return str(url), visit

    def finish(self, back: str, visit: Visit, said: Mapping[str, str]) -> dict[str, Any]:
        """Claims about whoever comes back, proven to be the provider's, about this visit, for us, and of now.

        Parameters
        ----------
        back
            As `begin` has it.
        visit
            What the browser kept.
        said
            Parameters of the address that it was sent back with.

        Raises
        ------
        ProviderRefused
            When the provider says no, or what came is not proven.
        ProviderAway
            When the provider does not answer.
        """
        if not is_same(visit.state, said.get("state", "")):
            raise ProviderRefused("this answer belongs to another login: begin anew")
        with self._session(back) as session:
            self._check_issuer(session, said)
            if "error" in said:
                raise ProviderRefused(f"you were not logged in at {self.name} ({said['error'][:60]})")
            token = self._token(session, visit, said.get("code", ""))
            claims = self._proven(session, visit, token)
            return self._completed(session, token, claims)

    @contextmanager
    def _session(self, back: str) -> Any:  # noqa: ANN401 - Authlib has no types
        """A session with the provider; what goes wrong in it, in our words."""
        try:
            with self._new_session(back) as session:
                yield session
        except (JoseError, AuthlibBaseError) as error:
            log.warning("provider_refused", reason=f"{type(error).__name__}: {error}")
            raise ProviderRefused(f"what {self.name} said of you is not proven: begin anew") from error
        except (OSError, ValueError, KeyError, TypeError) as error:  # those of requests are OSErrors
            log.warning("provider_away", reason=f"{type(error).__name__}: {error}")
            raise ProviderAway(f"no answer from {self.name}: log in with a password of this node, or later") from error

    def _new_session(self, back: str) -> OAuth2Session:
        chosen = self._settings
        secret = chosen.client_secret_file.read_text().strip() if chosen.client_secret_file else None
        options = {"scope": " ".join(chosen.scopes), "redirect_uri": back, "code_challenge_method": "S256"}
        session = OAuth2Session(chosen.client_id, secret, default_timeout=TIMEOUT_S, **options)
        session.verify = str(chosen.authorities) if chosen.authorities else True
        session.token_endpoint_auth_method = BASIC if secret else "none"
        return session

    def _get(self, session: OAuth2Session, url: str, *, withhold_token: bool = True) -> dict[str, Any]:
        answer = session.request("GET", url, withhold_token=withhold_token, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise TypeError(f"{url} is no JSON object")
        return found

    def _described(self, session: OAuth2Session) -> dict[str, Any]:
        """What the provider says of itself; it must call itself as the settings do."""
        if monotonic() - self._metadata_at > FRESH_S:
            found = self._get(session, self._settings.issuer.rstrip("/") + DISCOVERY)
            if found.get("issuer") != self._settings.issuer:
                raise ValueError(f"it calls itself {found.get('issuer')}, web.oidc.issuer is {self._settings.issuer}")
            self._metadata, self._metadata_at = found, monotonic()
        return self._metadata

    def _endpoint(self, session: OAuth2Session, name: str) -> str:
        """One of its addresses, encrypted where the provider is."""
        found = str(self._described(session)[name])
        wanted = urlsplit(self._settings.issuer).scheme
        if urlsplit(found).scheme not in {wanted, "https"}:
            raise ValueError(f"{name} is not {wanted}")
        return found

    def _check_issuer(self, session: OAuth2Session, said: Mapping[str, str]) -> None:
        """Whether the answer is of this provider, and not of another one that mixed it up (RFC 9207 2.4)."""
        must = self._described(session).get("authorization_response_iss_parameter_supported", False)
        if said.get("iss", "" if must else self._settings.issuer) != self._settings.issuer:
            raise ProviderRefused("this answer is another provider's: begin anew")

    def _token(self, session: OAuth2Session, visit: Visit, code: str) -> dict[str, Any]:
        """What the code is worth."""
        endpoint = self._endpoint(session, "token_endpoint")
        ways = self._metadata.get("token_endpoint_auth_methods_supported", [BASIC])
        if session.client_secret and BASIC not in ways:
            session.token_endpoint_auth_method = POST
        token: dict[str, Any] = session.fetch_token(
            endpoint, code=code, code_verifier=visit.verifier, grant_type="authorization_code", allow_redirects=False
        )
        if not isinstance(token.get("id_token"), str):
            raise ProviderRefused(f"no ID token came from {self.name}")
        return token

    def _proven(self, session: OAuth2Session, visit: Visit, token: Mapping[str, Any]) -> dict[str, Any]:
        """Claims of the ID token."""
        named = self._metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        chosen = self._settings
        expected = Expected(chosen.issuer, chosen.client_id, visit.nonce, str(token.get("access_token", "")), named)
        now = self._clock()
        try:
            return proven(token["id_token"], self._key_set(session), expected, now)
        except InvalidKeyIdError:
            return proven(token["id_token"], self._key_set(session, anew=True), expected, now)

    def _key_set(self, session: OAuth2Session, *, anew: bool = False) -> KeySet:
        """Its keys; asked for again where one is not known, but not with every forged token."""
        apart_s = KEYS_APART_S if anew else FRESH_S
        if self._keys is None or monotonic() - self._keys_at > apart_s:
            found = self._get(session, self._endpoint(session, "jwks_uri"))
            self._keys = KeySet.import_key_set(cast("KeySetSerialization", found))
            self._keys_at = monotonic()
        return self._keys

    def _completed(self, session: OAuth2Session, token: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """The claims, and where they lack what is needed, those of UserInfo, of the same person (Core 5.3.4)."""
        needed = (self._settings.name_claim, self._settings.role_claim)
        if all(claim(claims, name) is not None for name in needed) or "userinfo_endpoint" not in self._metadata:
            return claims
        session.token = token
        more = self._get(session, self._endpoint(session, "userinfo_endpoint"), withhold_token=False)
        if more.get("sub") != claims["sub"]:
            raise ProviderRefused(f"two people at once came from {self.name}: begin anew")
        return {**more, **claims}
