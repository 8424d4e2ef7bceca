"""Names and roles come in from the command line; who may log in, and whose programs may call, goes out."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from rich.table import Table

from hri_node.audit import codes
from hri_node.audit.codes import Coded
from hri_node.commands.auditing import note
from hri_node.commands.noting import who
from hri_node.commands.screen import MISUSED, fail, out
from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.people import Person
from hri_node.ledger.states import Role, TokenPurpose
from hri_node.ledger.tokens import NewToken, Token
from hri_node.settings import Settings
from hri_node.web.login.links import LINK_KEPT, address, api_token, welcome_path
from hri_node.web.login.passwords import Passwords, check, checked_name


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """Where the command line changes who may do what; every change is written down, as the console's are."""

    settings: Settings
    ledger: Ledger

    def add(self, name: str, role: Role) -> None:
        """Somebody with a password, which is asked for."""
        with _refusals():
            password = _asked_password(checked_name(name))
            self.ledger.add_person(name, role, Passwords().hashed(password, name), datetime.now(UTC))
        self._note(f"user add {role}", name)
        out.print(f"{name} may log in as {role}", markup=False)

    def invite(self, name: str, role: Role | None) -> None:
        """A link with which somebody, who is made where they are not there, sets a password."""
        now = datetime.now(UTC)
        with _refusals():
            found = self.ledger.credentials(checked_name(name))
            if found and role and found[0].role is not role:
                fail(f"{name} is {found[0].role} already: change that by `hri-node user role`", MISUSED)
            person = found[0] if found else self.ledger.add_person(name, role or Role.VIEWER, "", now)
            link = address(self.settings.web, welcome_path(self.ledger, person, who(), now))
        self._note(f"user invite {person.role}", person.name)
        hours = round(LINK_KEPT.total_seconds() / 3600)
        out.print(f"Whoever opens this link within {hours} h, once, sets the password of {person.name}:", markup=False)
        out.print(link, markup=False, highlight=False, soft_wrap=True)

    def change_password(self, name: str) -> None:
        """Another password, which is asked for; the person is logged out everywhere."""
        with _refusals():
            found = self.ledger.credentials(name)
            if found is None:
                raise Refused(f"there is nobody called {name}")
            password = _asked_password(found[0].name)
            self.ledger.set_password(name, Passwords().hashed(password, found[0].name))
        self._note("user passwd", name)
        out.print(f"{name} has another password", markup=False)

    def change_role(self, name: str, role: Role) -> None:
        """Another role."""
        with _refusals():
            self.ledger.set_role(name, role)
        self._note(f"user role {role}", name, codes.SECURITY_ROLES_CHANGED)
        out.print(f"{name} is {role}", markup=False)

    def disable(self, name: str) -> None:
        """Let somebody in no more, for now."""
        with _refusals():
            self.ledger.disable(name, datetime.now(UTC))
        self._note("user disable", name)
        out.print(f"{name} is not let in any more", markup=False)

    def enable(self, name: str) -> None:
        """Let somebody in again."""
        with _refusals():
            self.ledger.enable(name)
        self._note("user enable", name)
        out.print(f"{name} may log in again", markup=False)

    def remove(self, name: str) -> None:
        """Forget somebody."""
        with _refusals():
            self.ledger.remove_person(name)
        self._note("user rm", name)
        out.print(f"{name} is removed", markup=False)
        now = datetime.now(UTC)
        left = [token.name for token in self.ledger.tokens() if token.made_by == name and token.is_good(now)]
        if left:
            out.print(f"Tokens that {name} made are still good: {', '.join(left)}", markup=False)

    def show(self, *, as_json: bool) -> None:
        """Everybody."""
        people = self.ledger.persons()
        if as_json:
            out.print_json(json.dumps([_plain(asdict(person)) for person in people]))
            return
        table = Table("Name", "Role", "Logs in with", "Last login", "State")
        for person in people:
            state = "disabled" if person.disabled_at else ""
            table.add_row(person.name, person.role, _means(person), _moment(person.last_login_at, "never"), state)
        out.print(table)

    def add_token(self, name: str, role: Role, days: int) -> None:
        """A token of the API, which is shown this once."""
        now = datetime.now(UTC)
        expires_at = now + timedelta(days=days) if days else None
        with _refusals():
            new = NewToken(TokenPurpose.API, checked_name(name), "", role, who(), expires_at)
            secret = api_token(self.ledger, new, now)
        self._note(f"token add {role}", name)
        out.print(f"Token {name}, {role}, {_until(expires_at)}; it is not shown again:", markup=False)
        out.print(secret, markup=False, highlight=False, soft_wrap=True)

    def revoke_token(self, name: str) -> None:
        """Let a token open nothing any more."""
        with _refusals():
            self.ledger.revoke_token(name, datetime.now(UTC))
        self._note("token rm", name)
        out.print(f"{name} opens nothing any more", markup=False)

    def show_tokens(self, *, as_json: bool) -> None:
        """Tokens of the API, without their secrets."""
        found, now = self.ledger.tokens(), datetime.now(UTC)
        if as_json:
            out.print_json(json.dumps([_plain(asdict(token)) for token in found]))
            return
        table = Table("Name", "Role", "Made by", "Made", "Expires", "Last used", "State")
        for token in found:
            times = _moment(token.made_at), _moment(token.expires_at, "never"), _moment(token.used_at, "never")
            table.add_row(token.name, token.role, token.made_by, *times, _state(token, now))
        out.print(table)

    def _note(self, what: str, name: str, kind: Coded = codes.USER_SECURITY_ATTRIBUTES_CHANGED) -> None:
        """Write it down, for the admin's page and for the audit repository."""
        self.ledger.note_act(who(), what, name, datetime.now(UTC))
        note(self.settings, what, [name], kind=kind)


def desk_of(settings: Settings) -> PeopleDesk:
    """The desk of the node that these settings describe."""
    return PeopleDesk(settings, open_ledger(settings.ledger_address))


@contextmanager
def _refusals() -> Iterator[None]:
    """What the ledger does not do is a fault of the question."""
    try:
        yield
    except Refused as error:
        fail(str(error), MISUSED)


def _asked_password(name: str) -> str:
    """A password from the keyboard, typed twice, or else the first line of stdin; others can see an argument."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt(f"Password of {name}", hide_input=True)
    check(password, name)
    again: str = typer.prompt("The same again", hide_input=True)
    if password != again:
        raise Refused("the two passwords differ")
    return password


def _means(person: Person) -> str:
    """What a person logs in with."""
    if person.subject:
        return "OpenID Connect"
    return "password" if person.has_password else "nothing yet: has a link"


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "" if token.is_good(now) else "expired"


def _until(expires_at: datetime | None) -> str:
    return f"good until {expires_at:%Y-%m-%d}" if expires_at else "good until it is revoked"


def _moment(at: datetime | None, otherwise: str = "") -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else otherwise


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in facts.items()}
