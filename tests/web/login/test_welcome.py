"""One-time links: the first admin, invited people, forgotten passwords; each good once, for a day."""

import re

import pytest
from guarded import NOW, PASSWORD, Site

from hri_node.console_sections import WebSettings
from hri_node.ledger.states import Role
from hri_node.web.guard import Visitor
from hri_node.web.login.links import address, first_link, welcome_path

OTHER = "seven mild otters, humming"
SETTINGS = WebSettings(host="127.0.0.1", port=8080)


def first(site: Site) -> str:
    """Path of the link that is printed at the first start."""
    return first_link(site.ledger, SETTINGS, site.clock()).removeprefix("http://127.0.0.1:8080")


def test_the_first_admin(site: Site) -> None:
    """Chooses a name and a password, and is logged in; the link is used up, and the next start prints none."""
    path = first(site)
    browser = site.browser()
    assert browser.get(path).ok
    assert browser.get(path).ok  # looking uses nothing up

    answer = browser.submit(path, name="anna", password=PASSWORD, again=PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.get("/setup").text == "anna admin"
    assert site.browser().get(path).status_code == 410
    assert site.browser().submit("/login", path, name="eve", password=PASSWORD, again=PASSWORD).status_code == 410
    assert first_link(site.ledger, SETTINGS, site.clock()) == ""
    assert [(act.who, act.what) for act in site.ledger.acts()] == [("anna", "first admin")]


def test_a_second_start_makes_the_first_link_worthless(site: Site) -> None:
    """Only the last one that was printed is good, for a day."""
    earlier, later = first(site), first(site)

    assert site.browser().get(earlier).status_code == 410
    assert site.browser().get(later).ok
    site.clock.advance(hours=24)
    assert site.browser().get(later).status_code == 410


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "anna", "password": PASSWORD, "again": OTHER}, "The two passwords differ."),
        ({"name": "an na", "password": PASSWORD, "again": PASSWORD}, "A name has 1 to 64 letters"),
        ({"name": "anna", "password": "short", "again": "short"}, "A password has 12 to 200 characters"),
        ({"name": "anna"}, "A password has 12 to 200 characters"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(site: Site, fields: dict[str, str], sentence: str) -> None:
    """A typing error costs nothing; what was typed as a password is not shown again."""
    path = first(site)
    browser = site.browser()

    answer = browser.submit(path, **fields)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert fields.get("password", PASSWORD) not in answer.text
    assert browser.submit(path, name="anna", password=PASSWORD, again=PASSWORD).status_code == 303


def test_an_invited_person(site: Site) -> None:
    """Sets a password under the name that they were given, and no other."""
    person = site.person("otto", Role.OPERATOR, "")
    path = welcome_path(site.ledger, person, "anna", site.clock())
    browser = site.browser()

    assert "Welcome, otto" in browser.get(path).text
    assert browser.submit(path, name="root", password=PASSWORD, again=PASSWORD).status_code == 303

    assert browser.get("/mend").text == "otto operator"
    assert [person.name for person in site.ledger.persons()] == ["otto"]


def test_a_forgotten_password(site: Site) -> None:
    """The old one and what was open with it are worth nothing; attempts need not wait with a link."""
    person = site.person()
    open_page = site.browser("anna")
    path = welcome_path(site.ledger, person, "root", site.clock())
    for _ in range(8):
        site.browser().log_in("anna", "wrong")

    assert site.browser().submit(path, password=OTHER, again=OTHER).status_code == 303

    assert open_page.get("/studies").status_code == 303
    site.clock.advance(hours=2)
    assert site.browser().log_in("anna", PASSWORD).status_code == 403
    assert site.browser().log_in("anna", OTHER).status_code == 303


def test_who_is_disabled_is_not_let_in_by_a_link(site: Site) -> None:
    """Also one that was made afterwards."""
    site.person("root", Role.ADMIN)
    person = site.person()
    site.ledger.disable("anna", site.clock())
    path = welcome_path(site.ledger, person, "root", site.clock())
    browser = site.browser()

    assert browser.submit(path, password=OTHER, again=OTHER).status_code == 422
    assert browser.session_cookie == ""


@pytest.mark.parametrize("secret", ["x", "A" * 43, "é" * 43, "%00", "A" * 5000, "..%2f..%2fsetup"])
def test_a_link_that_is_guessed(site: Site, secret: str) -> None:
    """Opens nothing; and tokens of the API are no links."""
    site.person()

    assert site.browser().get(f"/welcome/{secret}").status_code in {404, 410}
    token = site.token(Role.ADMIN).removeprefix("hri_")
    assert site.browser().get(f"/welcome/{token}").status_code == 410


def test_another_site_cannot_use_a_link(site: Site) -> None:
    """Nor can a form that this browser did not ask for."""
    path = first(site)
    fields = {"name": "eve", "password": PASSWORD, "again": PASSWORD}

    assert site.browser().post(path, data=fields).status_code == 403
    assert site.browser().submit(path, **fields, csrf="another").status_code == 403
    assert site.ledger.persons() == []


def test_no_secret_is_written_down(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the log nor in the audit trail, whatever happens to it."""
    path = first(site)
    site.browser().post(path, data={})
    site.browser().submit(path, name="anna", password=PASSWORD, again=PASSWORD)

    said = "".join(site.messages) + "".join(capsys.readouterr())
    assert re.search("login", said)
    assert path.removeprefix("/welcome/") not in said
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"public_url": "https://hri.example"}, "https://hri.example/x"),
        ({"host": "10.0.0.7", "port": 80}, "http://10.0.0.7:80/x"),
        ({"host": "::1", "port": 8080}, "http://[::1]:8080/x"),
    ],
)
def test_where_the_link_leads(settings: dict[str, object], expected: str) -> None:
    """By the public name, or the address that is listened on."""
    assert address(WebSettings(**settings), "/x") == expected


def test_where_every_network_card_is_listened_on() -> None:
    """By the name of this machine, on the port that was found."""
    assert re.fullmatch(r"http://[^/:]+:1234/x", address(WebSettings(port=0), "/x", 1234))


def test_a_password_of_ones_own(site: Site) -> None:
    """Needs the old one; every other browser is logged out, this one is not."""
    site.person()
    here, elsewhere = site.browser("anna"), site.browser("anna")
    before = here.session_cookie

    wrong = here.submit("/password", old="wrong", password=OTHER, again=OTHER)
    differ = here.submit("/password", old=PASSWORD, password=OTHER, again="x")
    weak = here.submit("/password", old=PASSWORD, password="annaannaanna", again="annaannaanna")  # noqa: S106
    assert [each.status_code for each in (wrong, differ, weak)] == [422, 422, 422]
    assert "The old password is wrong." in wrong.text
    assert elsewhere.get("/studies").ok

    assert here.submit("/password", old=PASSWORD, password=OTHER, again=OTHER).status_code == 303

    assert here.get("/studies").ok
    assert here.session_cookie != before
    assert elsewhere.get("/studies").status_code == 303
    assert site.browser().log_in("anna", OTHER).status_code == 303
    assert [(act.who, act.what) for act in site.ledger.acts()] == [("anna", "user passwd")]


def test_the_old_password_cannot_be_guessed_either(site: Site) -> None:
    """Whoever finds an open browser must wait, too."""
    site.person()
    browser = site.browser("anna")

    for _ in range(5):
        browser.submit("/password", old="wrong", password=OTHER, again=OTHER)

    assert "Too many attempts" in browser.submit("/password", old=PASSWORD, password=OTHER, again=OTHER).text


def test_whoever_has_no_password_is_told(site: Site) -> None:
    """As somebody whom a provider vouches for; nor has a token one."""
    person = site.ledger.provide("s", iter(["mia"]), Role.VIEWER, NOW)
    cookie = site.access.desk.visitors.begin(person)
    browser = site.browser()
    browser.cookies.set("hri_session", cookie)

    assert "You have no password here" in browser.get("/password").text
    token = {"Authorization": f"Bearer {site.token()}"}
    assert "You have no password here" in site.browser().get("/password", headers=token).text


def test_names_of_patients_are_shown_by_setting() -> None:
    """To all, or to operators and admins only."""
    for setting, expected in (("all", [True, True, True]), ("operators", [False, True, True])):
        settings = WebSettings(patient_names=setting)
        assert [Visitor("anna", role).sees_names(settings) for role in Role] == expected
