"""Login by a real, certified OpenID Connect provider: the whole way, as a browser goes it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from guarded import Site, guarded
from provided import SECRET, real_provider, visit
from running import free_port

from hri_node.ledger.states import Role

PEOPLE = {
    "anna": {"groups": ["staff", "us-admins"]},
    "otto": {"groups": ["us-readers"]},
    "eve": {"groups": ["staff"]},
    "nobody": {},
}
ROLES = {"admins": ("us-admins",), "viewers": ("us-readers",)}

pytestmark = pytest.mark.peers


@pytest.fixture(params=["secret", "public"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site whose provider runs; as a client with a secret, and as one without."""
    port, web_port = free_port(), free_port()
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    kept = {"client_secret_file": secret} if request.param == "secret" else {}
    oidc = {"issuer": f"http://localhost:{port}", "client_id": "hri-node", **ROLES, **kept}
    redirect = f"http://localhost:{web_port}/login/provider/back"
    with (
        guarded(tmp_path, port=web_port, oidc=oidc) as made,
        real_provider(port, redirect, PEOPLE, SECRET if kept else ""),
    ):
        made.clock.now = datetime.now(UTC)
        yield made


def test_whoever_has_a_role_there_has_it_here(site: Site) -> None:
    """And goes on to the page they wanted; the person is there from then on, without a password."""
    for name, role in (("anna", Role.ADMIN), ("otto", Role.VIEWER)):
        browser = site.browser()
        assert 'href="/login/provider?next=/studies%3Fx%3D1"' in browser.get("/login?next=/studies?x=1").text

        there = browser.get("/login/provider?next=/studies?x=1").headers["Location"]
        back = browser.get(visit(there, name))

        assert (back.status_code, back.headers["Location"]) == (303, "/studies?x=1")
        assert browser.get("/studies").text == f"{name} {role}"

    people = {person.name: person for person in site.ledger.persons()}
    assert {name: person.role for name, person in people.items()} == {"anna": Role.ADMIN, "otto": Role.VIEWER}
    assert not people["anna"].has_password


@pytest.mark.parametrize("name", ["eve", "nobody"])
def test_whoever_has_none_is_told(site: Site, name: str) -> None:
    """Plainly, and is nobody here."""
    browser = site.browser()

    back = browser.get(visit(browser.get("/login/provider").headers["Location"], name))

    assert back.status_code == 403
    assert "You are known, but have no role on this node" in back.text
    assert site.ledger.persons() == []


def test_an_answer_is_good_once_and_in_one_browser(site: Site) -> None:
    """Whoever sees the address in a log cannot use it; nobody is logged in as somebody else by a link."""
    browser, other = site.browser(), site.browser()
    address = visit(browser.get("/login/provider").headers["Location"], "anna")

    assert other.get(address).status_code == 403
    other.get("/login/provider")
    assert other.get(address).status_code == 403
    assert browser.get(address).status_code == 303
    assert browser.get(address).status_code == 403
    assert other.session_cookie == ""


def test_whoever_says_no_there_is_not_in_here(site: Site) -> None:
    """The provider's error comes back as a sentence."""
    browser = site.browser()
    there = browser.get("/login/provider").headers["Location"]
    state = there.partition("state=")[2].partition("&")[0]
    issuer = site.access.desk.visitors.settings.oidc.issuer

    back = browser.get(f"/login/provider/back?error=access_denied&state={state}&iss={issuer}")

    assert (back.status_code, "You were not logged in at localhost (access_denied)." in back.text) == (403, True)
