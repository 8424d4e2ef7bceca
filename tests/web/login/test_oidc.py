"""Login by an OpenID Connect provider: what is not proven lets nobody in; one that is away stops nobody else."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from guarded import NOW, Browser, Clock, Site, guarded
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from provided import SECRET, DishonestProvider, dishonest_provider

from hri_node.console_sections import OidcSettings
from hri_node.errors import Misconfigured, Refused
from hri_node.ledger.states import Role
from hri_node.web.login.oidc import Provider
from hri_node.web.login.oidc_claims import claim, names_of, role_of
from hri_node.web.login.passwords import NAME_FORM

SECOND = 1
SETTINGS = {"client_id": "hri-node", "admins": ("us-admins",), "operators": ("us-mta",), "viewers": ("us-readers",)}


@pytest.fixture
def provider() -> Iterator[DishonestProvider]:
    """A provider that says what it is told to."""
    with dishonest_provider(Clock()) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, provider: DishonestProvider) -> Iterator[Site]:
    """A site that believes it."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with guarded(tmp_path, oidc=SETTINGS | {"issuer": provider.issuer, "client_secret_file": secret}) as made:
        yield made


def come_back(site: Site, provider: DishonestProvider, browser: Browser | None = None) -> requests.Response:
    """Answer to a browser that was at the provider."""
    browser = browser or site.browser()
    return browser.get(provider.authorize(browser.get("/login/provider").headers["Location"]))


def test_what_is_asked_of_the_provider(site: Site, provider: DishonestProvider) -> None:
    """A code, with PKCE, state and nonce, different each time; our secret comes with the code, and nowhere else."""
    asked = []
    for _ in range(2):
        browser = site.browser()
        location = browser.get("/login/provider").headers["Location"]
        asked.append({name: values[0] for name, values in parse_qs(urlsplit(location).query).items()})
        assert browser.get(provider.authorize(location)).status_code == 303

    fixed = {
        "response_type": "code",
        "client_id": "hri-node",
        "scope": "openid profile",
        "redirect_uri": f"{site.url}/login/provider/back",
        "code_challenge_method": "S256",
    }
    for each in asked:
        assert fixed.items() <= each.items()
    for name in ("state", "nonce", "code_challenge"):
        assert len({each[name] for each in asked}) == 2
    form = provider.forms[0]
    assert (form["code"], form["grant_type"], len(form["code_verifier"])) == ("code", "authorization_code", 43)
    assert form["authorization"].startswith("Basic ")
    assert SECRET not in str(asked)


def spoil(**claims: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - of JSON
    """Claims that are changed; None takes one out."""

    def change(found: dict[str, Any]) -> None:
        found.update(claims)
        for name in [name for name, value in claims.items() if value is None]:
            del found[name]

    return change


AT = int(NOW.timestamp())
WRONG_CLAIMS = {
    "another nonce": spoil(nonce="another"),
    "no nonce": spoil(nonce=None),
    "another issuer": spoil(iss="https://evil.example"),
    "no issuer": spoil(iss=None),
    "for somebody else": spoil(aud="another-client"),
    "for nobody": spoil(aud=[]),
    "for us, among others, on behalf of another": spoil(aud=["hri-node", "other"], azp="other"),
    "for others, on our behalf": spoil(aud=["other"], azp="hri-node"),
    "expired": spoil(exp=AT - 61 * SECOND),
    "never expires": spoil(exp=None),
    "made in the future": spoil(iat=AT + 61 * SECOND),
    "not yet good": spoil(nbf=AT + 61 * SECOND),
    "about nobody": spoil(sub=None),
    "about a number": spoil(sub=77),
    "with another access token": spoil(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}


@pytest.mark.parametrize("case", WRONG_CLAIMS)
def test_claims_that_are_not_about_this_login(site: Site, provider: DishonestProvider, case: str) -> None:
    """Whatever is wrong about them, nobody is let in, and nobody is made."""
    provider.change = WRONG_CLAIMS[case]
    browser = site.browser()

    answer = come_back(site, provider, browser)

    assert answer.status_code == 403
    assert "is not proven: begin anew" in answer.text
    assert browser.session_cookie == ""
    assert site.ledger.persons() == []


@pytest.mark.parametrize(
    "change", [spoil(exp=AT - 59), spoil(iat=AT + 59), spoil(nbf=AT + 59), spoil(aud=["hri-node"])]
)
def test_clocks_may_be_a_minute_apart(
    site: Site, provider: DishonestProvider, change: Callable[[dict[str, Any]], None]
) -> None:
    """And an audience may be a list."""
    provider.change = change

    assert come_back(site, provider).status_code == 303


def unsigned(provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """The algorithm none, which the provider even says to support."""
    del provider
    parts = (json.dumps({"alg": "none"}), json.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts) + "."


def by_our_secret(_provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """HS256: anybody who knows our secret."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def by_its_public_key(provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """HS256 with the public key as the secret: anybody at all."""
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(provider.key.as_pem(private=False)))


def by_another_key(provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """A key of somebody else under the same name."""
    return provider.signed(claims, RSAKey.generate_key(2048))


def with_a_key_of_its_own(provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """A key that comes along in the header."""
    key = RSAKey.generate_key(2048)
    header: Any = {"jwk": key.as_dict(private=False)}
    return provider.signed(claims, key, **header)


def changed_afterwards(provider: DishonestProvider, claims: dict[str, Any]) -> str:
    """Another body under a signature."""
    head, _, signature = provider.signed(claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "1"}).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "encode", [unsigned, by_our_secret, by_its_public_key, by_another_key, with_a_key_of_its_own, changed_afterwards]
)
def test_tokens_that_the_provider_did_not_sign(
    site: Site, provider: DishonestProvider, encode: Callable[[DishonestProvider, dict[str, Any]], str]
) -> None:
    """However they are made to look."""
    provider.encode = encode

    assert come_back(site, provider).status_code == 403
    assert site.ledger.persons() == []


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "." * 1000])
def test_tokens_that_are_none(site: Site, provider: DishonestProvider, token: str) -> None:
    """A refusal, not an error of ours."""
    provider.encode = lambda _provider, _claims: token

    assert come_back(site, provider).status_code == 403


@pytest.mark.parametrize("said", ["", "state=another&code=code", "code=code", "state=", "error=x&state="])
def test_an_answer_to_nothing_that_was_asked(site: Site, said: str) -> None:
    """Login CSRF: a link that would log somebody in as somebody else."""
    for browser in (site.browser(), site.browser()):
        browser.get("/login/provider")
        assert browser.get(f"/login/provider/back?{said}").status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "e30=", "bnVsbA==", "W10=", "eyJzdGF0ZSI6MX0=", "é"])
def test_a_cookie_that_is_none(site: Site, cookie: str) -> None:
    """Whatever the browser kept."""
    answer = requests.get(
        f"{site.url}/login/provider/back?code=c&state=",
        headers={"Cookie": f"hri_provider={cookie}".encode()},
        timeout=10,
    )

    assert answer.status_code == 403


def test_the_answer_of_another_provider(site: Site, provider: DishonestProvider) -> None:
    """Mix-up (RFC 9207)."""
    browser = site.browser()
    address = provider.authorize(browser.get("/login/provider").headers["Location"])

    mixed_up = address.replace("iss=http", "iss=https")
    assert browser.get(mixed_up).status_code == 403

    provider.metadata["authorization_response_iss_parameter_supported"] = True
    site.access.provider._metadata_at = float("-inf")
    browser = site.browser()
    address = provider.authorize(browser.get("/login/provider").headers["Location"])
    assert browser.get(address.partition("&iss=")[0]).status_code == 403


def test_keys_that_were_changed_are_asked_for_again(site: Site, provider: DishonestProvider) -> None:
    """But not with every forged token."""
    assert come_back(site, provider).status_code == 303

    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.encode = lambda it, claims: it.signed(claims, kid="two")
    assert come_back(site, provider).status_code == 403
    assert provider.keys_asked == 1
    site.access.provider._keys_at -= 31
    assert come_back(site, provider).status_code == 303
    assert provider.keys_asked == 2


def test_a_provider_that_is_away(site: Site, provider: DishonestProvider) -> None:
    """Is said in a sentence; passwords of the node work still, and once it is back, so does it."""
    site.person()
    provider.fails = True
    for _ in range(2):
        answer = site.browser().get("/login/provider")
        assert answer.status_code == 403
        assert "No answer from localhost: log in with a password of this node, or later." in answer.text

    assert site.browser("anna").get("/studies").ok
    provider.fails = False
    assert site.browser().get("/login/provider").status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "/relative"},
    ],
)
def test_a_provider_that_describes_itself_wrongly(
    site: Site, provider: DishonestProvider, metadata: dict[str, Any]
) -> None:
    """Nobody is sent anywhere."""
    provider.metadata = metadata

    assert site.browser().get("/login/provider").status_code == 403


def test_an_encrypted_provider_stays_encrypted() -> None:
    """Its addresses must be, too."""
    chosen = Provider(OidcSettings(issuer="https://login.example", client_id="hri-node"), Clock())
    chosen._metadata = {"token_endpoint": "http://login.example/token", "jwks_uri": "https://login.example/jwks"}
    chosen._metadata_at = float("inf")

    assert chosen._endpoint(None, "jwks_uri") == "https://login.example/jwks"
    with pytest.raises(ValueError, match="token_endpoint is not https"):
        chosen._endpoint(None, "token_endpoint")


def test_what_the_token_lacks_is_in_user_info(site: Site, provider: DishonestProvider) -> None:
    """Of the same person; the token's own word goes before it."""
    provider.change = spoil(groups=None)
    provider.user_info = {"sub": "77", "groups": ["us-mta"], "preferred_username": "mallory"}
    assert come_back(site, provider).status_code == 303
    assert [(person.name, person.role) for person in site.ledger.persons()] == [("anna", Role.OPERATOR)]

    provider.user_info["sub"] = "78"
    assert come_back(site, provider).status_code == 403


def test_the_same_person_is_known_again(site: Site, provider: DishonestProvider) -> None:
    """By the subject, whatever their name is now; a role that is taken away ends what is open."""
    browser, later = site.browser(), site.browser()
    come_back(site, provider, browser)
    provider.change = spoil(preferred_username="anna.married", groups=["us-readers"])

    come_back(site, provider, later)

    assert [(person.name, person.role) for person in site.ledger.persons()] == [("anna", Role.VIEWER)]
    assert browser.get("/studies").status_code == 303
    assert later.get("/studies").text == "anna viewer"


def test_nobody_becomes_somebody_else_by_name(site: Site, provider: DishonestProvider) -> None:
    """A person of the node called anna is not the provider's anna; nor is a password of nobody's."""
    site.person("Anna", Role.ADMIN)
    provider.change = spoil(groups=["us-readers"])

    browser = site.browser()
    come_back(site, provider, browser)

    assert browser.get("/studies").text == "anna@localhost viewer"
    assert site.browser().log_in("anna@localhost", "").status_code == 403


def test_who_is_disabled_here_stays_out(site: Site, provider: DishonestProvider) -> None:
    """Whatever the provider says; and is told plainly."""
    come_back(site, provider)
    site.person("root", Role.ADMIN)
    site.ledger.disable("anna", site.clock())

    answer = come_back(site, provider)

    assert (answer.status_code, "an admin of this node has disabled you" in answer.text) == (403, True)


def test_it_is_written_down(site: Site, provider: DishonestProvider) -> None:
    """Who was let in, and that somebody was not; never a token or code."""
    come_back(site, provider)
    provider.change = spoil(nonce="another")
    come_back(site, provider)

    let_in, turned_away = [message for message in site.messages if 'csd-code="110122"' in message]
    assert 'UserID="anna"' in let_in
    assert 'EventOutcomeIndicator="4"' in turned_away
    assert 'UserID="unknown"' in turned_away


def test_no_way_out_by_next(site: Site, provider: DishonestProvider) -> None:
    """An open redirect, before and after, and by the cookie."""
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example"):
        browser = site.browser()
        there = browser.get("/login/provider", params={"next": wanted}).headers["Location"]
        assert browser.get(provider.authorize(there)).headers["Location"] == "/"


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    """Neither a button nor an address."""
    with guarded(tmp_path) as site:
        assert "/login/provider" not in site.browser().get("/login").text
        assert site.browser().get("/login/provider").status_code == 404


@pytest.mark.parametrize("key", ["client_secret_file", "authorities"])
def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path, key: str) -> None:
    """The sentence names it."""
    settings = OidcSettings(issuer="https://login.example", client_id="hri-node", **{key: tmp_path / "none"})

    with pytest.raises(Misconfigured, match=rf"web.oidc.{key}: .*none cannot be read"):
        Provider(settings, Clock())


CHOSEN = OidcSettings(issuer="https://login.example", **SETTINGS)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["us-readers", "us-admins", "x"], Role.ADMIN),
        ("us-mta", Role.OPERATOR),
        (["us-readers"], Role.VIEWER),
        (["US-ADMINS"], None),
        ([["us-admins"]], None),
        ({"us-admins": True, 1: 2}, Role.ADMIN),
        (True, None),
        (None, None),
        ([], None),
        (7, None),
    ],
)
def test_roles_of_groups(groups: object, role: Role | None) -> None:
    """The highest; a value counts as it stands, and what is no value does not."""
    if role is None:
        with pytest.raises(Refused, match="have no role on this node"):
            role_of({"groups": groups}, CHOSEN)
    else:
        assert role_of({"groups": groups}, CHOSEN) is role


def test_claims_within_claims() -> None:
    """As Keycloak nests its roles; a name with a dot that is there goes first."""
    claims = {"realm_access": {"roles": ["a"]}, "https://x.example/roles": ["b"]}

    assert claim(claims, "realm_access.roles") == ["a"]
    assert claim(claims, "https://x.example/roles") == ["b"]
    assert claim(claims, "realm_access.none.deeper") is None


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("anna", "anna"),
        ("Änne Müller", "nne-M-ller"),
        ("a@b.example", "a@b.example"),
        ("<script>", "script"),
        ("", "person"),
        (None, "person"),
        (["anna"], "person"),
        ("x" * 100, "x" * 64),
        ("../..", "person"),
    ],
)
def test_names_of_claims(said: object, first: str) -> None:
    """What a name must not hold is left out; further ones come without end, all of them names."""
    names = names_of({"preferred_username": said}, CHOSEN)
    found = [next(names) for _ in range(20)]

    assert found[0] == first
    assert len(set(found)) == 20
    assert all(NAME_FORM.fullmatch(name) for name in found)
