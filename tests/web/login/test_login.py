"""Logging in and out: cookies, sessions that end, attempts that must wait, and no way to somewhere else."""

from datetime import timedelta
from pathlib import Path

import pytest
import requests
from argon2 import PasswordHasher
from guarded import PASSWORD, Browser, Site, guarded

from hri_node.ledger.states import Role
from hri_node.web.login import visitors
from hri_node.web.login.origin import own_path
from hri_node.web.login.passwords import Passwords


def test_whoever_logs_in_goes_on_where_they_wanted(site: Site) -> None:
    """With a cookie that scripts do not see; and was here."""
    site.person()
    browser = site.browser()

    answer = browser.log_in("anna", next="/studies?page=2")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/studies?page=2")
    cookie = next(each for each in answer.raw.headers.getlist("Set-Cookie") if each.startswith("hri_session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} == {part.strip() for part in cookie.split(";")[1:]}
    assert browser.get("/studies").text == "anna viewer"
    assert site.ledger.persons()[0].last_login_at == site.clock()


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("nora", PASSWORD), ("anna", ""), ("", ""), ("otto", "")]
)
def test_whoever_does_not_learns_nothing(site: Site, name: str, password: str) -> None:
    """The same sentence for a wrong password, a name that nobody has, and somebody who has no password yet."""
    site.person()
    site.person("otto", password="")
    browser = site.browser()

    answer = browser.log_in(name, password)

    assert (answer.status_code, "Name or password is wrong." in answer.text) == (403, True)
    assert browser.session_cookie == ""


def test_who_is_disabled_learns_nothing_either(site: Site) -> None:
    """Not even that the password is right."""
    site.person()
    site.person("root", Role.ADMIN)
    site.ledger.disable("anna", site.clock())

    assert "Name or password is wrong." in site.browser().log_in("anna").text


@pytest.mark.parametrize(
    "name", ["an\r\nna", "a" * 10_000, "anna\x00", "<script>alert(1)</script>", "é", "' OR 1=1 --"]
)
def test_hostile_names(site: Site, name: str) -> None:
    """Are nobody's, and stay text."""
    answer = site.browser().log_in(name)

    assert answer.status_code == 403
    assert "<script>alert" not in answer.text
    assert "Set-Cookie" in answer.headers


def test_a_name_nobody_has_takes_as_much_work(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash is compared each time: how long an answer takes says nothing about who may log in."""
    compared = []

    class Counting(PasswordHasher):
        """Notes what it compares with."""

        def verify(self, hash: str, password: str) -> bool:  # noqa: A002 - as argon2 names it
            """Whether it is right."""
            compared.append(hash.startswith("$argon2id$v=19$m=64,t=1,p=1$"))
            return super().verify(hash, password)

    monkeypatch.setattr(site.access.desk, "passwords", Passwords(Counting(1, 64, 1)))
    site.person()
    site.person("otto", password="")

    for name in ("anna", "nora", "otto", "\x00"):
        site.browser().log_in(name, "wrong password")

    assert compared == [True] * 4


def test_a_cookie_that_was_there_before_is_worth_nothing(site: Site) -> None:
    """Session fixation: whoever planted it does not come along."""
    site.person()
    planted = "A" * 43
    browser = site.browser()
    browser.cookies.set("hri_session", planted, domain="localhost.local")

    browser.log_in("anna")

    assert browser.session_cookie != planted
    thief = Browser(site.url)
    thief.cookies.set("hri_session", planted)
    assert thief.get("/studies").status_code == 303


def test_each_login_has_a_cookie_of_its_own_and_ends_the_one_before(site: Site) -> None:
    """Also with the same browser."""
    site.person()
    browser = site.browser("anna")
    before = browser.session_cookie

    browser.log_in("anna")

    assert browser.session_cookie not in {"", before}
    thief = Browser(site.url)
    thief.cookies.set("hri_session", before)
    assert thief.get("/studies").status_code == 303


def test_a_login_form_that_another_site_sends(site: Site) -> None:
    """Login CSRF: nobody is logged in as somebody else without their doing."""
    site.person("eve")
    victim, attacker = site.browser(), site.browser()
    token = attacker.csrf("/login")
    fields = {"name": "eve", "password": PASSWORD, "csrf": token}

    assert victim.post("/login", data=fields).status_code == 403
    victim.get("/login")
    assert victim.post("/login", data=fields).status_code == 403
    assert attacker.post("/login", data=fields, headers={"Origin": "https://evil.example"}).status_code == 403
    assert attacker.post("/login", data=fields).status_code == 303


def test_logging_out(site: Site) -> None:
    """The cookie is worth nothing afterwards, whoever kept it; it is written down, as the login was."""
    site.person()
    browser = site.browser("anna")
    kept = browser.session_cookie

    answer = browser.submit("/password", "/logout")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.session_cookie == ""
    thief = Browser(site.url)
    thief.cookies.set("hri_session", kept)
    assert thief.get("/studies").status_code == 303
    codes = [code for code in ("110122", "110123") for message in site.messages if f'csd-code="{code}"' in message]
    assert codes == ["110122", "110123"]


def test_sessions_expire(site: Site) -> None:
    """After an hour without a visit; after twelve hours anyway."""
    site.person()
    idle, busy = site.browser("anna"), site.browser("anna")

    for _ in range(14):
        assert busy.get("/studies").ok
        site.clock.advance(minutes=50)
    assert idle.get("/studies").status_code == 303
    assert busy.get("/studies").ok
    site.clock.advance(minutes=50)
    assert busy.get("/studies").status_code == 303


def test_a_page_that_renews_itself_keeps_nobody_logged_in(site: Site) -> None:
    """Whoever goes home and leaves it open is logged out."""
    site.person()
    browser = site.browser("anna")

    for _ in range(59):
        site.clock.advance(minutes=1)
        assert browser.get("/studies", headers={"X-Part": "state"}).ok
    site.clock.advance(minutes=1)
    site.access.desk.visitors.forget()

    assert browser.get("/studies", headers={"X-Part": "state"}).status_code == 303


def test_live_parts_ask_the_ledger_seldom(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty open pages cost little; what changes something, or is opened, is always asked."""
    site.person()
    browser = site.browser("anna")
    asked = []
    login = type(site.ledger).login
    monkeypatch.setattr(type(site.ledger), "login", lambda *a, **k: asked.append(1) or login(*a, **k))

    for _ in range(5):
        browser.get("/studies", headers={"X-Part": "state"})
    assert len(asked) == 1
    browser.get("/studies")
    browser.post("/mend", headers={"X-Part": "state"})
    assert len(asked) == 3


@pytest.mark.parametrize("change", ["role", "disable", "remove", "password"])
def test_what_an_admin_changes_holds_at_once(site: Site, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """In every browser that the person has open, also for what renews itself."""
    site.person("root", Role.ADMIN)
    site.person("anna", Role.OPERATOR)
    open_page = site.browser("anna")
    assert open_page.get("/mend", headers={"X-Part": "state"}).ok

    if change == "password":
        site.ledger.set_password("anna", "other")
        monkeypatch.setattr(visitors, "FRESH_S", 0.0)  # another process did it: some seconds have passed
    else:
        admin = site.browser("root")
        admin.submit("/people", f"/people/{change}", person="anna", role="viewer")

    assert open_page.get("/mend", headers={"X-Part": "state"}).status_code == 303
    assert open_page.get("/mend").status_code == 303


def test_attempts_must_wait_longer_and_longer(site: Site) -> None:
    """After three; the answer says how long. The right password does not help before."""
    site.person()
    statuses = [site.browser().log_in("anna", "wrong").status_code for _ in range(3)]
    assert statuses == [403, 403, 403]

    waits = []
    for _ in range(5):
        answer = site.browser().log_in("anna")
        assert answer.status_code == 429
        waits.append(int(answer.headers["Retry-After"]))
        site.clock.advance(seconds=waits[-1])
        assert site.browser().log_in("anna", "wrong").status_code == 403
    assert waits == [1, 2, 4, 8, 16]

    site.clock.advance(seconds=32)
    assert site.browser().log_in("anna").status_code == 303
    assert site.browser().log_in("anna", "wrong").status_code == 403  # begins anew


def test_nobody_is_locked_out_by_somebody_else(site: Site) -> None:
    """Whoever logged in here before can, whatever others try with their name."""
    site.person()
    browser = site.browser("anna")
    browser.submit("/password", "/logout")
    for _ in range(30):
        site.browser().log_in("anna", "wrong")
    assert site.browser().log_in("anna").status_code == 429

    assert browser.log_in("anna").status_code == 303


def test_a_known_browser_may_not_guess_for_ever(site: Site) -> None:
    """Nor as somebody else than whom it is known for."""
    site.person()
    site.person("otto")
    browser = site.browser("anna")

    statuses = [browser.log_in("anna", "wrong").status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    statuses = [browser.log_in("otto", "wrong").status_code for _ in range(5)]
    assert statuses == [403] * 3 + [429] * 2


def test_many_names_from_one_address_must_wait(site: Site) -> None:
    """Password spraying; an account of one's own does not make it begin anew."""
    site.person("eve")
    for number in range(10):
        assert site.browser().log_in(f"name{number}", "Winter2026!!").status_code == 403
    assert site.browser().log_in("eve").status_code == 303
    for number in range(10, 20):
        assert site.browser().log_in(f"name{number}", "Winter2026!!").status_code == 403

    assert site.browser().log_in("name20", "Winter2026!!").status_code == 429


def test_a_failed_login_is_written_down_without_what_was_typed(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """People type passwords into the wrong field."""
    site.person()
    site.browser().log_in("my secret password", "x")
    site.browser().log_in("anna", "another secret")

    said = "".join(site.messages) + "".join(capsys.readouterr())
    assert "secret" not in said.replace("secrets", "")
    unknown, known = site.messages
    assert 'UserID="unknown"' in unknown
    assert 'UserID="anna"' in known
    assert 'EventOutcomeIndicator="4"' in known
    assert "wrong password" in known


def test_a_hash_of_old_parameters_is_renewed(site: Site) -> None:
    """At the next login, and the password stays."""
    old = Passwords(PasswordHasher(2, 128, 1)).hashed(PASSWORD, "anna")
    site.ledger.add_person("anna", Role.VIEWER, old, site.clock())

    site.browser("anna")

    found = site.ledger.credentials("anna")
    assert found is not None
    assert found[1] != old
    assert site.browser().log_in("anna").status_code == 303


def test_who_may_log_in_is_not_told_to_strangers(site: Site) -> None:
    """But that nobody can, is: then there is something to do."""
    assert "Nobody can log in yet" in site.browser().get("/login").text
    site.person()
    assert "Nobody can log in yet" not in site.browser().get("/login").text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\u2028/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/login",
        "/login?next=/login",
        "/logout",
        "/" + "x" * 2000,
    ],
)
def test_nobody_is_sent_elsewhere(site: Site, wanted: str) -> None:
    """An open redirect, or a header that is not ours."""
    site.person()

    assert own_path(wanted) == "/"
    answer = site.browser().log_in("anna", next=wanted)
    assert answer.headers["Location"] == "/"
    assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("/studies?name=M%C3%BCller&page=2", "/studies?name=M%C3%BCller&page=2"),
        ("/studies?name=Müller", "/studies?name=M%C3%BCller"),
        ('/x"<>', "/x%22%3C%3E"),
        ("/a b", "/a%20b"),
        ("/a//b", "/a//b"),
        ("/x#evil", "/x%23evil"),
    ],
)
def test_pages_of_ours(wanted: str, kept: str) -> None:
    """With their questions, and nothing that a header or page cannot hold."""
    assert own_path(wanted) == kept


def test_where_browsers_come_by_https(tmp_path: Path) -> None:
    """The cookie is one that no other host can set, and no plain connection gets; a plain one is not looked at."""
    with guarded(tmp_path, public_url="https://hri.example") as site:
        site.person()
        first = requests.get(f"{site.url}/login", timeout=10)
        form = first.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        fields = {"name": "anna", "password": PASSWORD, "csrf": form}
        secure = {"Cookie": f"__Host-hri_form={form}", "Origin": "https://hri.example"}

        plain = requests.post(f"{site.url}/login", data=fields, headers={"Cookie": f"hri_form={form}"}, timeout=10)
        answer = requests.post(f"{site.url}/login", data=fields, headers=secure, timeout=10, allow_redirects=False)

        assert (plain.status_code, answer.status_code) == (403, 303)
        cookies = {each.partition("=")[0]: each for each in answer.raw.headers.getlist("Set-Cookie")}
        assert set(cookies) == {"__Host-hri_session", "__Host-hri_device", "__Host-hri_form"}
        assert all("; Secure" in each and "; Path=/" in each and "omain" not in each for each in cookies.values())
        value = cookies["__Host-hri_session"].partition("=")[2].partition(";")[0]
        for name, status in (("__Host-hri_session", 200), ("hri_session", 303)):
            headers = {"Cookie": f"{name}={value}"}
            answer = requests.get(f"{site.url}/studies", headers=headers, timeout=10, allow_redirects=False)
            assert answer.status_code == status


def test_browsers_are_known_for_half_a_year(site: Site) -> None:
    """Then they are as strange as any other, and the ledger forgets them."""
    site.person()
    browser = site.browser("anna")
    device = next(each.value for each in browser.cookies if each.name == "hri_device")
    known = site.access.desk.visitors.device

    assert known(device, "ANNA")
    assert not known(device, "otto")
    site.clock.now += timedelta(days=181)
    assert not known(device, "anna")
