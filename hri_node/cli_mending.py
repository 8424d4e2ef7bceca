"""Typer commands that look into the ledger and mend what failed: `jobs` and `destination`."""

from pathlib import Path
from typing import Annotated

import typer

from hri_node import settings as all_settings
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import JobState, Queue

jobs = typer.Typer(
    help="The ledger's rows: what waits, what failed and why; do it again or set it aside.", no_args_is_help=True
)
destination = typer.Typer(
    help="Where results go: what is set up, paused or away; pause one, or go on.", no_args_is_help=True
)

Config = Annotated[Path | None, typer.Option(help="Settings file; left out: config/hri-node.toml where there is one.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
JobIds = Annotated[list[str] | None, typer.Argument(help="Ids such as deliver-17.", show_default=False)]
DestinationName = Annotated[str, typer.Argument(metavar="NAME", help="As in the settings.", show_default=False)]
Failed = Annotated[bool, typer.Option("--failed", help="All that failed.")]


@jobs.command(name="ls")
def list_jobs(
    queue: Annotated[Queue | None, typer.Option(help="Only this queue.")] = None,
    state: Annotated[JobState | None, typer.Option(help="Only this state.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100,
    *,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """List the latest jobs."""
    from hri_node.commands import ledger

    ledger.list_jobs(ledger_of(config), (queue, state), limit, as_json=as_json)


@jobs.command()
def show(job_id: str, config: Config = None) -> None:
    """Show one job, with every try of a delivery."""
    from hri_node.commands import ledger

    ledger.show_job(ledger_of(config), job_id)


@jobs.command()
def retry(job_ids: JobIds = None, *, failed: Failed = False, config: Config = None) -> None:
    """Do jobs again."""
    from hri_node.commands import ledger

    ledger.change_jobs(all_settings.load(config), job_ids or [], failed=failed, discard=False)


@jobs.command()
def discard(job_ids: JobIds = None, *, failed: Failed = False, config: Config = None) -> None:
    """Set jobs aside: the rows stay, nobody works on them."""
    from hri_node.commands import ledger

    ledger.change_jobs(all_settings.load(config), job_ids or [], failed=failed, discard=True)


@jobs.command()
def complete(
    study_instance_uid: Annotated[str, typer.Argument(metavar="STUDY_UID", show_default=False)], config: Config = None
) -> None:
    """Report an open study as it is, without waiting for more images; what comes later makes a new revision."""
    from hri_node.commands import queueing

    queueing.complete(all_settings.load(config), study_instance_uid)


@destination.command(name="ls")
def list_destinations(*, as_json: AsJson = False, config: Config = None) -> None:
    """List destinations: paused, left alone after an outage, or being sent to."""
    from hri_node.commands import destinations

    destinations.list_destinations(all_settings.load(config), as_json=as_json)


@destination.command()
def pause(
    name: DestinationName,
    by: Annotated[str, typer.Option(help="Who pauses it.")] = "",
    config: Config = None,
) -> None:
    """Let nothing go to a destination; its results wait."""
    from hri_node.commands import destinations

    destinations.pause(all_settings.load(config), name, by)


@destination.command()
def resume(name: DestinationName, config: Config = None) -> None:
    """Send to a destination again, at once, also where it was away."""
    from hri_node.commands import destinations

    destinations.resume(all_settings.load(config), name)


def ledger_of(config: Path | None) -> Ledger:
    """The ledger that the settings name."""
    return open_ledger(all_settings.load(config).ledger_address)
