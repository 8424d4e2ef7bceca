"""Typer commands about what is wrong and who is told of it: `alert`."""

import typer

from hri_node import settings as all_settings
from hri_node.cli_mending import AsJson, Config

alert = typer.Typer(help="What is wrong with the node, and who is told of it.", no_args_is_help=True)


@alert.command(name="ls")
def list_alarms(*, as_json: AsJson = False, config: Config = None) -> None:
    """List what is wrong, worst first, and what was; exit 1 where something is wrong."""
    from hri_node.commands import alerting

    raise typer.Exit(alerting.list_alarms(all_settings.load(config), as_json=as_json))


@alert.command(name="test")
def send_test(config: Config = None) -> None:
    """Tell everybody that this is a test, by mail and webhook; exit 1 where one of them fails."""
    from hri_node.commands import alerting

    raise typer.Exit(alerting.test(all_settings.load(config)))
