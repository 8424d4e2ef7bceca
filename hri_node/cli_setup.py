"""Typer commands that set up who sends and where results go, and that hold queues: scanner, destination, queue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hri_node import settings as all_settings
from hri_node.cli_mending import AsJson, Config, DestinationName, destination
from hri_node.ledger.states import Queue, SetupKind

if TYPE_CHECKING:
    from hri_node.commands.peering import PeerDesk

scanner = typer.Typer(
    help="Who sends: what is particular about a scanner; one with a host may send.", no_args_is_help=True
)
queue = typer.Typer(help="The four queues: how full each is; pause one, or go on.", no_args_is_help=True)

AeTitle = Annotated[str, typer.Argument(metavar="AE_TITLE", help="As it is set at the scanner.", show_default=False)]
QueueName = Annotated[Queue, typer.Argument(show_default=False)]
Host = Annotated[str | None, typer.Option(help="IP address, network or host name.")]
Port = Annotated[int | None, typer.Option(help="Where it listens; left out: 104.")]
Further = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any key, as in the settings file: tls.authorities=/etc/ca.pem."),
]
QuietTime = Annotated[float | None, typer.Option("--study-quiet-s", help="A study is reported after so long.")]
Rate = Annotated[float | None, typer.Option("--rate-max-per-s", help="Images a second; 0: no limit.")]
Silence = Annotated[float | None, typer.Option("--silent-after-h", help="An alarm is due after so long.")]
Back = Annotated[bool | None, typer.Option("--return-results/--no-return-results", help="Send results back to it.")]
Protocol = Annotated[Literal["dicom", "dicomweb"] | None, typer.Option(help="C-STORE or STOW-RS; left out: dicom.")]
Called = Annotated[str | None, typer.Option(help="Its AE title.")]
Calling = Annotated[str | None, typer.Option(help="Our AE title towards it.")]
Url = Annotated[str | None, typer.Option(help="Of a DICOMweb service.")]
Username = Annotated[str | None, typer.Option(help="Of a DICOMweb service.")]
PasswordFile = Annotated[Path | None, typer.Option(help="File with the password.")]
TokenFile = Annotated[Path | None, typer.Option(help="File with a bearer token.")]
Proof = Annotated[
    Literal["auto", "commitment", "query", "none"] | None, typer.Option(help="What proves that it kept an object.")
]


@scanner.command(name="add")
def add_scanner(  # noqa: PLR0913 - each is an option that users rely on
    ae_title: AeTitle,
    *,
    host: Host = None,
    port: Port = None,
    study_quiet_s: QuietTime = None,
    rate_max_per_s: Rate = None,
    silent_after_h: Silence = None,
    return_results: Back = None,
    further: Further = None,
    config: Config = None,
) -> None:
    """Set up a scanner; one with a host may send from there, at once."""
    _desk(config, SetupKind.SCANNER).add(ae_title, _keys(locals()), further or [])


@scanner.command(name="update")
def update_scanner(  # noqa: PLR0913 - each is an option that users rely on
    ae_title: AeTitle,
    *,
    host: Host = None,
    port: Port = None,
    study_quiet_s: QuietTime = None,
    rate_max_per_s: Rate = None,
    silent_after_h: Silence = None,
    return_results: Back = None,
    further: Further = None,
    config: Config = None,
) -> None:
    """Change keys of a scanner; the others stay. `--set KEY=` gives a key its default again."""
    _desk(config, SetupKind.SCANNER).update(ae_title, _keys(locals()), further or [])


@scanner.command(name="rm")
def remove_scanner(ae_title: AeTitle, config: Config = None) -> None:
    """Remove a scanner; it may not send any more, unless listener.allowed_peers lets it in."""
    _desk(config, SetupKind.SCANNER).remove(ae_title)


@scanner.command(name="ls")
def list_scanners(*, as_json: AsJson = False, config: Config = None) -> None:
    """List scanners: how they are set up, who called, and who was turned away and why."""
    _desk(config, SetupKind.SCANNER).show_scanners(as_json=as_json)


@scanner.command(name="echo")
def echo_scanner(ae_title: AeTitle, config: Config = None) -> None:
    """Ask a scanner by C-ECHO whether it answers; exit 1 if not."""
    raise typer.Exit(_desk(config, SetupKind.SCANNER).echo(ae_title))


@destination.command(name="add")
def add_destination(  # noqa: PLR0913 - each is an option that users rely on
    name: DestinationName,
    *,
    protocol: Protocol = None,
    host: Host = None,
    port: Port = None,
    called: Called = None,
    calling: Calling = None,
    url: Url = None,
    username: Username = None,
    password_file: PasswordFile = None,
    token_file: TokenFile = None,
    proof: Proof = None,
    further: Further = None,
    config: Config = None,
) -> None:
    """Set up a destination; results of what is reported from now on go there."""
    _desk(config, SetupKind.DESTINATION).add(name, _keys(locals()), further or [])


@destination.command(name="update")
def update_destination(  # noqa: PLR0913 - each is an option that users rely on
    name: DestinationName,
    *,
    protocol: Protocol = None,
    host: Host = None,
    port: Port = None,
    called: Called = None,
    calling: Calling = None,
    url: Url = None,
    username: Username = None,
    password_file: PasswordFile = None,
    token_file: TokenFile = None,
    proof: Proof = None,
    further: Further = None,
    config: Config = None,
) -> None:
    """Change keys of a destination; the others stay. `--set KEY=` gives a key its default again."""
    _desk(config, SetupKind.DESTINATION).update(name, _keys(locals()), further or [])


@destination.command(name="rm")
def remove_destination(name: DestinationName, config: Config = None) -> None:
    """Remove a destination; what waits for it is refused."""
    _desk(config, SetupKind.DESTINATION).remove(name)


@destination.command(name="echo")
def echo_destination(name: DestinationName, config: Config = None) -> None:
    """Ask a destination, by C-ECHO or a query, whether it answers; exit 1 if not."""
    raise typer.Exit(_desk(config, SetupKind.DESTINATION).echo(name))


@queue.command(name="ls")
def list_queues(*, as_json: AsJson = False, config: Config = None) -> None:
    """List queues: how full each is, and whether somebody paused it."""
    from hri_node.commands import queueing

    queueing.list_queues(all_settings.load(config), as_json=as_json)


@queue.command(name="pause")
def pause_queue(name: QueueName, config: Config = None) -> None:
    """Begin no job of a queue any more; what is under way ends."""
    from hri_node.commands import queueing

    queueing.pause(all_settings.load(config), name)


@queue.command(name="resume")
def resume_queue(name: QueueName, config: Config = None) -> None:
    """Begin jobs of a queue again."""
    from hri_node.commands import queueing

    queueing.resume(all_settings.load(config), name)


def _keys(options: dict[str, Any]) -> dict[str, Any]:
    """Keys of the section among the options of a command."""
    return {key: value for key, value in options.items() if key not in {"ae_title", "name", "further", "config"}}


def _desk(config: Config, kind: SetupKind) -> "PeerDesk":
    from hri_node.commands import peering

    return peering.desk_of(all_settings.load(config), kind)
