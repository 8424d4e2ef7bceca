"""The command line about people and tokens: who is let in, what is printed once, what is written down."""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hri_node.cli import run
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Role, TokenPurpose
from hri_node.web.login.passwords import Passwords
from hri_node.web.login.secrets import sha256_of

PASSWORD = "corrals 4 zebras at dusk"  # noqa: S105 - of nobody

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command: its exit code, its output and its complaints."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "config").mkdir()
    settings = f'[web]\npublic_url = "https://hri.example"\n[audit]\nfile = "{tmp_path}/audit.xml"\n'
    (tmp_path / "config" / "hri-node.toml").write_text(settings)

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def ledger(tmp_path: Path, call: Call) -> Ledger:
    """The ledger that commands work on."""
    assert call("user", "ls")[0] == 0
    return open_ledger(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")


def test_the_first_admin(call: Call, ledger: Ledger, tmp_path: Path) -> None:
    """The password comes by stdin, and is kept as a hash; the act and the audit trail have who and what."""
    assert call("user", "add", "anna", "--role", "admin", typed=f"{PASSWORD}\n")[0] == 0

    found = ledger.credentials("anna")
    assert found is not None
    assert (found[0].role, Passwords().is_right(PASSWORD, found[1])) == (Role.ADMIN, True)
    assert found[1].startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    (act,) = ledger.acts()
    assert (act.what, act.about, act.who.endswith(" (command line)")) == ("user add admin", "anna", True)
    written = (tmp_path / "audit.xml").read_text()
    assert 'csd-code="110137"' in written
    assert "anna" in written
    assert PASSWORD not in written


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (["add", "anna"], "short\n", "a password has 12 to 200 characters"),
        (["add", "an na"], PASSWORD, "a name has 1 to 64 letters"),
        (["add", "../etc"], PASSWORD, "a name has 1 to 64 letters"),
        (["add", "OTTO"], PASSWORD, "there is somebody called OTTO already"),
        (["passwd", "nora"], PASSWORD, "there is nobody called nora"),
        (["role", "nora", "admin"], "", "there is nobody called nora"),
        (["rm", "otto"], "", "no admin would be left without otto"),
        (["role", "otto", "viewer"], "", "no admin would be left without otto"),
        (["disable", "otto"], "", "no admin would be left without otto"),
        (["invite", "otto", "--role", "viewer"], "", "otto is admin already"),
        (["role", "otto", "boss"], "", "'boss' is not one of"),
    ],
)
def test_what_cannot_be_done_is_said(
    call: Call, ledger: Ledger, arguments: list[str], typed: str, sentence: str
) -> None:
    """In a sentence that names the thing; exit code 2, and nothing is written down as done."""
    ledger.add_person("otto", Role.ADMIN, "hash", datetime.now(UTC))

    code, _, complaint = call("user", *arguments, typed=typed)

    assert (code, sentence in complaint) == (2, True)
    assert "Traceback" not in complaint
    assert ledger.acts() == []


def test_a_password_is_no_argument(call: Call) -> None:
    """Everybody on the machine sees arguments."""
    assert call("user", "add", "anna", PASSWORD)[0] == 2
    assert call("user", "add", "anna", "--password", PASSWORD)[0] == 2


def test_an_invitation(call: Call, ledger: Ledger) -> None:
    """Makes the person and prints a link by the public name; the second link is the only one that is good."""
    links = []
    for arguments in (["--role", "operator"], []):
        code, said, _ = call("user", "invite", "nora", *arguments)
        links.append(re.search(r"https://hri.example/welcome/(\S{43})\n", said))
        assert code == 0

    assert [person.role for person in ledger.persons()] == [Role.OPERATOR]
    good = [ledger.token(TokenPurpose.WELCOME, sha256_of(link.group(1)), datetime.now(UTC)) for link in links if link]
    assert [token is not None for token in good] == [False, True]


def test_roles_and_the_right_to_be_here_change(call: Call, ledger: Ledger) -> None:
    """Each change holds at once and is written down."""
    ledger.add_person("root", Role.ADMIN, "hash", datetime.now(UTC))
    ledger.add_person("nora", Role.VIEWER, "hash", datetime.now(UTC))

    for arguments in (["role", "nora", "operator"], ["disable", "nora"], ["enable", "nora"]):
        assert call("user", *arguments)[0] == 0
    assert call("user", "passwd", "nora", typed=PASSWORD)[0] == 0

    listed = json.loads(call("user", "ls", "--json")[1])
    assert [(one["name"], one["role"], one["disabled_at"]) for one in listed] == [
        ("nora", "operator", None),
        ("root", "admin", None),
    ]
    assert "nora" in call("user", "ls")[1]
    assert call("user", "rm", "nora")[0] == 0
    whats = ["user rm", "user passwd", "user enable", "user disable", "user role operator"]
    assert [act.what for act in ledger.acts()] == whats


def test_no_list_shows_a_hash(call: Call, ledger: Ledger) -> None:
    """Neither of people nor of tokens."""
    ledger.add_person("root", Role.ADMIN, "$argon2id$secret", datetime.now(UTC))
    secret = call("token", "add", "grafana")[1].splitlines()[-1]

    for arguments in (["user", "ls"], ["user", "ls", "--json"], ["token", "ls"], ["token", "ls", "--json"]):
        said = call(*arguments)[1]
        assert "argon2" not in said
        assert secret not in said
        assert sha256_of(secret) not in said


def test_a_token_is_shown_once(call: Call, ledger: Ledger) -> None:
    """It is good for a year unless said otherwise, and until it is revoked."""
    code, said, _ = call("token", "add", "grafana", "--role", "viewer")
    secret = said.splitlines()[-1]
    assert code == 0
    assert re.fullmatch(r"hri_[A-Za-z0-9_-]{43}", secret)

    found = ledger.token(TokenPurpose.API, sha256_of(secret), datetime.now(UTC))
    assert found is not None
    assert found.expires_at is not None
    assert 364 <= (found.expires_at - datetime.now(UTC)).days <= 365

    assert call("token", "add", "grafana")[0] == 2
    assert call("token", "add", "forever", "--days", "0")[0] == 0
    assert call("token", "rm", "grafana")[0] == 0
    assert call("token", "rm", "grafana")[0] == 2
    assert ledger.token(TokenPurpose.API, sha256_of(secret), datetime.now(UTC)) is None
    assert [(token.name, token.expires_at is None) for token in ledger.tokens()] == [
        ("forever", True),
        ("grafana", False),
    ]


def test_who_leaves_leaves_tokens_behind(call: Call, ledger: Ledger) -> None:
    """What still works is said, as somebody must decide about it."""
    ledger.add_person("root", Role.ADMIN, "hash", datetime.now(UTC))
    call("user", "invite", "nora")
    call("token", "add", "grafana")
    with ledger.transaction() as session:
        session.connection().exec_driver_sql("UPDATE token SET made_by = 'nora'")

    assert "Tokens that nora made are still good: grafana" in call("user", "rm", "nora")[1]
