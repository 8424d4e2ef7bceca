"""The guard: nobody gets where their role does not, no other site acts for them, and every answer is protected."""

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from guarded import Browser, Site, guarded

from hri_node.errors import Misconfigured, Unavailable
from hri_node.ledger.states import Role


def test_a_stranger_is_shown_the_login_page(site: Site) -> None:
    """And afterwards the page they wanted."""
    answer = site.browser().get("/studies?patient=1&page=2")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Fstudies%3Fpatient%3D1%26page%3D2"


@pytest.mark.parametrize("path", ["/api/me", "/api", "/api/nothing", "/metrics"])
def test_a_program_is_told_that_it_needs_a_token(tmp_path: Path, path: str) -> None:
    """In JSON, and without a word about what is there."""
    with guarded(tmp_path, metrics_addresses=()) as site:
        answer = site.browser().get(path)

        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["status"] == 401


@pytest.mark.parametrize(
    "path", ["/nothing", "/forgotten", "//healthz", "/Healthz", "/static", "/dicom-webs", "/loginx"]
)
def test_what_is_not_known_to_be_free_is_not(site: Site, path: str) -> None:
    """A page that somebody forgot to protect, or an address that looks like a free one."""
    answer = requests.get(f"{site.url}{path}", allow_redirects=False, timeout=10)

    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")


@pytest.mark.parametrize("path", ["/static/../setup", "/static/%2e%2e/setup", "/login/../setup", "/static//setup"])
def test_no_way_round(site: Site, path: str) -> None:
    """An address with dots is taken as it is: it is no page."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.split()[1] == b"404"


def test_what_has_its_own_gate_is_left_alone(site: Site) -> None:
    """STOW-RS and health; their bodies are not read by the guard."""
    browser = site.browser()

    assert browser.get("/healthz").text == "free"
    assert browser.post("/dicom-web/studies", data=b"x" * 2**21, headers={"Origin": "https://evil.example"}).ok
    assert browser.get("/static/login.css").ok


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("path", "needed"), [("/studies", "viewer"), ("/mend", "operator"), ("/setup", "admin")])
def test_roles(site: Site, role: Role, path: str, needed: str) -> None:
    """Each page for its role and those above; others are told which one they need."""
    site.person("anna", role)

    answer = site.browser("anna").get(path)

    if role.covers(Role(needed)):
        assert (answer.status_code, answer.text) == (200, f"anna {role}")
    else:
        assert answer.status_code == 403
        assert f"This needs the role {needed}." in answer.text


def test_an_endpoint_that_names_no_role_needs_somebody(site: Site) -> None:
    """The guard has let nobody else through."""
    site.person()

    assert site.browser("anna").get("/forgotten").text == "anna viewer"


@pytest.mark.parametrize("form", ["", "forged", "é"])
def test_a_form_without_its_token_changes_nothing(site: Site, form: str) -> None:
    """CSRF: a browser sends its cookie along with what another site made it send."""
    site.person(role=Role.OPERATOR)
    browser = site.browser("anna")

    answer = browser.post("/mend", data={"what": "all", "csrf": form} if form else {"what": "all"})

    assert answer.status_code == 403
    assert "Open the page again" in answer.text
    assert site.changes == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_with_its_token_a_request_goes_on(site: Site, method: str) -> None:
    """In the form or in the header; the endpoint reads the body as it was sent."""
    site.person(role=Role.OPERATOR)
    browser = site.browser("anna")
    token = browser.csrf("/password")

    assert browser.request(method, "/mend", data={"csrf": token, "what": "one"}).text == "changed"
    assert browser.request(method, "/mend", data=b"{}", headers={"X-CSRF-Token": token}).text == "changed"
    assert browser.request(method, "/mend", files={"csrf": (None, token), "what": (None, "multi")}).text == "changed"
    assert site.changes == ["one", "{}", "multi"]


def test_the_token_of_somebody_else_is_none(site: Site) -> None:
    """Eve has an account, too."""
    site.person(role=Role.OPERATOR)
    site.person("eve", Role.ADMIN)
    stolen = site.browser("eve").csrf("/password")

    assert site.browser("anna").post("/mend", data={"csrf": stolen}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_another_site_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    """Even if it knew the token."""
    site.person(role=Role.OPERATOR)
    browser = site.browser("anna")
    token = browser.csrf("/password")

    assert browser.post("/mend", data={"csrf": token}, headers=headers).status_code == 403
    assert site.changes == []


def test_our_own_pages_may(tmp_path: Path) -> None:
    """By the name they were asked for, or by the public one, which a proxy stands for."""
    with guarded(tmp_path, public_url="http://hri.hospital.example") as site:
        site.person(role=Role.OPERATOR)
        browser = site.browser("anna")
        token = browser.csrf("/password")

        for origin in (site.url, "http://hri.hospital.example"):
            headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
            assert browser.post("/mend", data={"csrf": token, "what": "x"}, headers=headers).text == "changed"


def test_looking_needs_no_token_and_changes_nothing(site: Site) -> None:
    """A link from a mail of a colleague works; logging out by a picture on another site does not."""
    site.person()
    browser = site.browser("anna")

    assert browser.get("/studies", headers={"Sec-Fetch-Site": "cross-site"}).ok
    assert browser.get("/logout").status_code == 405
    assert browser.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/studies").ok


def test_a_token_of_the_api(site: Site) -> None:
    """By its role; no other site can send it, so it needs no second one."""
    headers = {"Authorization": f"Bearer {site.token(Role.OPERATOR)}"}

    assert requests.get(f"{site.url}/api/me", headers=headers, timeout=10).json() == {"name": "monitor"}
    answer = requests.post(f"{site.url}/api/mend", data=b"[1]", headers=headers, timeout=10)
    assert (answer.text, site.changes) == ("changed", ["[1]"])
    assert requests.get(f"{site.url}/setup", headers=headers, timeout=10).status_code == 403
    assert site.ledger.tokens()[0].used_at == site.clock()


def test_a_token_below_the_role_is_told_in_json(site: Site) -> None:
    """RFC 9457."""
    headers = {"Authorization": f"Bearer {site.token(Role.VIEWER)}"}

    answer = requests.post(f"{site.url}/api/mend", headers=headers, timeout=10)

    assert answer.status_code == 403
    assert json.loads(answer.text)["detail"] == "this needs the role operator"


def test_tokens_end(site: Site) -> None:
    """When they are revoked, or expire, at once."""
    revoked = site.token(name="a")
    expiring = site.token(name="b", expires_at=site.clock() + timedelta(hours=1))

    def ask(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return requests.get(f"{site.url}/api/me", headers=headers, timeout=10).status_code

    assert [ask(revoked), ask(expiring)] == [200, 200]

    site.ledger.revoke_token("a", site.clock())
    site.clock.advance(hours=1)

    assert [ask(revoked), ask(expiring)] == [401, 401]


@pytest.mark.parametrize(
    "guess", ["", "x", "hri_", "hri_" + "A" * 43, "A" * 43, "hri_" + "é" * 43, "hri_" + "A" * 10**5]
)
def test_a_token_that_is_guessed(site: Site, guess: str) -> None:
    """Opens nothing, and does not fall back on a cookie that is there, too."""
    site.person()
    site.token()
    browser = site.browser("anna")
    raw = f"Bearer {guess}".encode()

    assert browser.get("/api/me", headers={"Authorization": raw}).status_code in {400, 401}


def test_the_hash_of_a_token_is_no_token(site: Site) -> None:
    """Whoever reads the ledger cannot call the API, nor log in."""
    site.person()
    site.token()
    site.browser("anna")
    with site.ledger.transaction(reading=True) as session:
        kept = session.connection().exec_driver_sql("SELECT sha256 FROM token UNION SELECT cookie_sha256 FROM session")
        hashes = kept.scalars().all()

    assert len(hashes) == 3  # the token, the browser, the session
    for each in hashes:
        stolen = Browser(site.url)
        stolen.cookies.set("hri_session", each)
        assert stolen.get("/studies").status_code == 303
        assert stolen.get("/api/me", headers={"Authorization": f"Bearer hri_{each}"}).status_code == 401


def test_metrics_for_those_who_collect_them(tmp_path: Path) -> None:
    """By their address, with a token, or logged in."""
    (tmp_path / "a").mkdir()
    with guarded(tmp_path / "a", metrics_addresses=("127.0.0.0/8",)) as site:
        assert site.browser().get("/metrics").text == "free"
    (tmp_path / "b").mkdir()
    with guarded(tmp_path / "b", metrics_addresses=("10.0.0.0/8",)) as site:
        site.person()
        assert site.browser().get("/metrics").status_code == 401
        assert site.browser().get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 401
        assert site.browser().get("/metrics", headers={"Authorization": f"Bearer {site.token()}"}).text == "free"
        assert site.browser("anna").get("/metrics").text == "free"


def test_an_address_that_is_none_stops_the_start(tmp_path: Path) -> None:
    """The sentence names the setting."""
    with (
        pytest.raises(Misconfigured, match=r"web.metrics_addresses: 'prometheus' is no IP"),
        guarded(tmp_path, metrics_addresses=("prometheus",)),
    ):
        pass


PROTECTED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", ["/login", "/studies", "/setup", "/healthz", "/nothing", "/api/me", "/welcome/x"])
def test_every_answer_is_protected(site: Site, path: str) -> None:
    """Pages, refusals, redirects, JSON, what is free and what is not there."""
    site.person()
    for browser in (site.browser(), site.browser("anna")):
        headers = browser.get(path).headers

        assert {name: headers.get(name, "")[: len(value)] for name, value in PROTECTED.items()} == PROTECTED
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in headers  # plain HTTP: no browser would heed it
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers


def test_https_is_remembered(tmp_path: Path) -> None:
    """Where a proxy speaks it for us, as where we do; cookies are then taken by HTTPS only."""
    with guarded(tmp_path, public_url="https://hri.hospital.example") as site:
        answer = site.browser().get("/login")

        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-hri_form=")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


def test_a_body_without_end_is_not_read(site: Site) -> None:
    """Neither of somebody who is known nor of a stranger at the login page."""
    site.person(role=Role.OPERATOR)
    known = site.browser("anna")

    for browser, path in ((known, "/mend"), (site.browser(), "/login")):
        answer = browser.post(path, data=iter([b"x" * 2**20, b"y" * 2**20]))
        assert answer.status_code == 413
        assert answer.headers["Connection"] == "close"


def test_a_body_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    """Half a form keeps nobody busy."""
    here = "127.0.0.1"
    with guarded(tmp_path, idle_timeout_s=0.2) as site, socket.create_connection((here, site.port), 10) as connection:
        connection.sendall(b"POST /login HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\ncsrf=")

        assert connection.recv(4096).split()[1] == b"408"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=b", "application/json", "x"])
def test_a_form_that_is_none(site: Site, kind: str) -> None:
    """Is refused, not an error of ours."""
    answer = site.browser().post("/login", data=b"\xff\x00--b", headers={"Content-Type": kind})

    assert answer.status_code in {400, 403}


def test_without_the_ledger_nobody_is_let_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is logged in is told that it is away; nobody is taken for somebody."""
    site.person()
    browser = site.browser("anna")

    def away(*_arguments: object, **_options: object) -> None:
        raise Unavailable("ledger does not answer: locked")

    monkeypatch.setattr(type(site.ledger), "login", away)

    answer = browser.get("/studies")
    assert answer.status_code == 503
    assert "The ledger does not answer" in answer.text
    assert site.browser().get("/healthz").ok
