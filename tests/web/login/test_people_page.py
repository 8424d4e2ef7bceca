"""The people page: only admins, only by its own forms; secrets are shown once; what is done is written down."""

import re

import pytest
import requests
from guarded import PASSWORD, Browser, Site

from hri_node.ledger.states import Role

POSTS = ("add", "link", "token", "role", "disable", "enable", "remove", "revoke")


@pytest.fixture
def admin(site: Site) -> Browser:
    """Of root, who set up everything."""
    site.person("root", Role.ADMIN)
    return site.browser("root")


def secret_of(answer: requests.Response) -> str:
    """What is shown once."""
    found = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', answer.text)
    assert found, answer.text
    return found.group(1)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_others_see_and_change_nothing(site: Site, role: Role) -> None:
    """Neither by the page nor by its forms, nor with a token."""
    site.person(role=role)
    browser = site.browser("anna")
    token = {"Authorization": f"Bearer {site.token(role)}"}

    assert browser.get("/people").status_code == 403
    for name in POSTS:
        fields = {"person": "anna", "role": "admin", "token": "t", "token_role": "admin", "days": "0"}
        assert browser.submit("/password", f"/people/{name}", **fields).status_code == 403
        assert site.browser().post(f"/people/{name}", data=fields, headers=token).status_code == 403
        assert browser.post(f"/people/{name}", data=fields).status_code == 403
    assert [(person.name, person.role) for person in site.ledger.persons()] == [("anna", role)]
    assert len(site.ledger.tokens()) == 1


def test_somebody_new(site: Site, admin: Browser) -> None:
    """Gets a link, by the name that the admin's browser knows the node by; it works, and is not shown again."""
    answer = admin.submit("/people", "/people/add", person="otto", role="operator")

    link = secret_of(answer)
    assert link.startswith(f"{site.url}/welcome/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert link not in admin.get("/people").text
    otto = site.browser()
    assert otto.submit(link.removeprefix(site.url), password=PASSWORD, again=PASSWORD).status_code == 303
    assert otto.get("/mend").text == "otto operator"
    assert [(act.who, act.what, act.about) for act in site.ledger.acts()][-1] == (
        "root",
        "user invite operator",
        "otto",
    )


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("add", {"person": "an na", "role": "viewer"}, "A name has 1 to 64 letters"),
        ("add", {"person": "Root", "role": "viewer"}, "There is somebody called Root already."),
        ("add", {"person": "<script>", "role": "viewer"}, "A name has 1 to 64 letters"),
        ("link", {"person": "<script>"}, "There is nobody called &lt;script&gt;."),
        ("token", {"token": "t", "token_role": "viewer", "days": "99999"}, "A token is good for 30 days"),
        ("remove", {"person": "root"}, "No admin would be left without root"),
        ("disable", {"person": "root"}, "No admin would be left without root"),
        ("role", {"person": "root", "role": "viewer"}, "No admin would be left without root"),
        ("revoke", {"token": "none"}, "There is no token called none."),
    ],
)
def test_what_cannot_be_done_is_said(
    site: Site, admin: Browser, name: str, fields: dict[str, str], sentence: str
) -> None:
    """On the page; nothing has changed, and nothing is written down as done."""
    answer = admin.submit("/people", f"/people/{name}", **fields)

    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert "<script>" not in answer.text.replace("<script src", "").replace("<script type", "")
    assert site.ledger.acts() == []


@pytest.mark.parametrize("role", ["", "boss", "Role.ADMIN"])
def test_a_role_that_is_none(site: Site, admin: Browser, role: str) -> None:
    """Is no role."""
    assert admin.submit("/people", "/people/add", person="otto", role=role).status_code == 422
    assert len(site.ledger.persons()) == 1


def test_a_token(site: Site, admin: Browser) -> None:
    """Is shown once, works by its role, and is revoked."""
    wanted = {"token": "grafana", "token_role": "viewer", "days": "30"}
    made = admin.submit("/people", "/people/token", **wanted)
    secret = secret_of(made)
    headers = {"Authorization": f"Bearer {secret}"}

    assert secret not in admin.get("/people").text
    assert site.browser().get("/api/me", headers=headers).json() == {"name": "grafana"}
    (token,) = site.ledger.tokens()
    assert token.expires_at is not None
    assert (token.expires_at - site.clock()).days == 30

    assert admin.submit("/people", "/people/revoke", **wanted).status_code == 303
    assert site.browser().get("/api/me", headers=headers).status_code == 401


def test_everything_is_written_down(site: Site, admin: Browser) -> None:
    """Who, what, about whom; in the audit trail with the type of the change (PS3.16 CID 403)."""
    site.person("otto")
    site.messages.clear()
    for name in ("link", "disable", "enable", "remove"):
        if name == "remove":
            assert admin.submit("/people", "/people/role", person="otto", role="admin").status_code == 303
        assert admin.submit("/people", f"/people/{name}", person="otto").status_code in {200, 303}

    whats = ["user invite viewer", "user disable", "user enable", "user role admin", "user rm"]
    assert [(act.who, act.what, act.about) for act in reversed(site.ledger.acts())] == [
        ("root", what, "otto") for what in whats
    ]
    assert len(site.messages) == 5
    assert all('UserID="root"' in message and 'ParticipantObjectID="otto"' in message for message in site.messages)
    assert [message.count('csd-code="110136"') for message in site.messages] == [0, 0, 0, 1, 0]
    assert [message.count('csd-code="110137"') for message in site.messages] == [1, 1, 1, 0, 1]


def test_a_token_acts_under_its_own_name(site: Site) -> None:
    """Nobody is taken for the person who made it."""
    site.person("root", Role.ADMIN)
    headers = {"Authorization": f"Bearer {site.token(Role.ADMIN, 'deploy')}"}

    site.browser().post("/people/add", data={"person": "otto", "role": "viewer"}, headers=headers)

    assert [act.who for act in site.ledger.acts()] == ["token deploy"]
