"""The Typer command that sends a phantom through everything: `self-test`."""

from typing import Annotated

import typer

from hri_node import settings as all_settings
from hri_node.cli_mending import AsJson, Config


def self_test(  # noqa: PLR0913 - each is an option that users rely on
    destinations: Annotated[
        list[str] | None,
        typer.Option("--destination", metavar="NAME", help="Only this one; may be repeated. Left out: every one."),
    ] = None,
    *,
    no_destinations: Annotated[bool, typer.Option("--no-destinations", help="Stop at the report.")] = False,
    store: Annotated[
        bool,
        typer.Option("--store", help="Store at destinations, too, whatever their self_test says; then reject it."),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the study for a day, to look at.")] = False,
    timeout: Annotated[float, typer.Option(min=5, help="Seconds that it may take.")] = 180.0,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Send a phantom study through everything, clean up after it, and tell of each step; exit 0 only if none failed.

    A node must be running. Destinations are asked whether they would take results; only where their setting `self_test`
    says store, or with --store, do they get them, and a note afterwards that these are rejected.
    """
    from hri_node.commands import self_testing
    from hri_node.self_test.beginning import Wishes

    chosen = () if no_destinations else tuple(destinations) if destinations else None
    wishes = Wishes(chosen, store, keep, timeout)
    raise typer.Exit(self_testing.self_test(all_settings.load(config), wishes, as_json=as_json))
