"""Typer commands about who may open the console and call the API: `user` and `token`."""

from typing import TYPE_CHECKING, Annotated

import typer

from hri_node import settings as all_settings
from hri_node.cli_mending import AsJson, Config
from hri_node.ledger.states import Role

if TYPE_CHECKING:
    from hri_node.commands.people import PeopleDesk

user = typer.Typer(help="People who may log in to the console, and as what.", no_args_is_help=True)
token = typer.Typer(help="Tokens with which programs call the API.", no_args_is_help=True)

PersonName = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits and . _ @ + -", show_default=False)]
TokenName = Annotated[str, typer.Argument(metavar="NAME", help="What it is for.", show_default=False)]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may do.")]


@user.command(name="add")
def add_person(name: PersonName, role: RoleOption = Role.VIEWER, config: Config = None) -> None:
    """Let somebody in, with a password that is asked for, or is the first line of stdin."""
    _desk(config).add(name, role)


@user.command()
def invite(
    name: PersonName,
    role: Annotated[Role | None, typer.Option("--role", help="Of somebody new; left out: viewer.")] = None,
    config: Config = None,
) -> None:
    """Print a link with which somebody sets their password, once: somebody new, or who forgot it."""
    _desk(config).invite(name, role)


@user.command()
def passwd(name: PersonName, config: Config = None) -> None:
    """Change a password; it is asked for, or is the first line of stdin."""
    _desk(config).change_password(name)


@user.command(name="role")
def change_role(
    name: PersonName, role: Annotated[Role, typer.Argument(show_default=False)], config: Config = None
) -> None:
    """Change what somebody may do; they log in again."""
    _desk(config).change_role(name, role)


@user.command()
def disable(name: PersonName, config: Config = None) -> None:
    """Let somebody in no more, until `enable`."""
    _desk(config).disable(name)


@user.command()
def enable(name: PersonName, config: Config = None) -> None:
    """Let somebody in again."""
    _desk(config).enable(name)


@user.command(name="rm")
def remove_person(name: PersonName, config: Config = None) -> None:
    """Forget somebody; what they did stays written down."""
    _desk(config).remove(name)


@user.command(name="ls")
def list_people(*, as_json: AsJson = False, config: Config = None) -> None:
    """List who may log in."""
    _desk(config).show(as_json=as_json)


@token.command(name="add")
def add_token(
    name: TokenName,
    role: RoleOption = Role.VIEWER,
    days: Annotated[int, typer.Option(min=0, max=36500, help="How long it is good; 0: until it is revoked.")] = 365,
    config: Config = None,
) -> None:
    """Make a token and print it, this once."""
    _desk(config).add_token(name, role, days)


@token.command(name="rm")
def revoke_token(name: TokenName, config: Config = None) -> None:
    """Revoke a token."""
    _desk(config).revoke_token(name)


@token.command(name="ls")
def list_tokens(*, as_json: AsJson = False, config: Config = None) -> None:
    """List tokens, and when each was last used."""
    _desk(config).show_tokens(as_json=as_json)


def _desk(config: Config) -> "PeopleDesk":
    """The desk of the node that the settings describe; they must be right before anybody types a password."""
    from hri_node.commands import people

    return people.desk_of(all_settings.load(config))
