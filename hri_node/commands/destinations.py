"""The name of a destination comes in; it is paused or resumed, and how each one stands goes out."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

from rich.table import Table

from hri_node.audit import codes
from hri_node.commands.noting import note_act, who
from hri_node.commands.screen import MISUSED, fail, out
from hri_node.ledger.destinations import DestinationState, known_states
from hri_node.ledger.ledger import Ledger
from hri_node.node import utc_now
from hri_node.routing import destination_names
from hri_node.settings import Settings
from hri_node.setup import open_setup


def list_destinations(settings: Settings, *, as_json: bool) -> None:
    """Every destination: paused, left alone after an outage, or being sent to."""
    ledger, setup = open_setup(settings, utc_now)
    names = destination_names(setup.destinations, setup.scanners)
    found = known_states(ledger, names).values()
    if as_json:
        out.print_json(json.dumps([plain(state) | {"configured": state.name in names} for state in found]))
        return
    table = Table("Destination", "State", "Last answer", "Last outage")
    for state in found:
        answer = f"{state.last_answer_at:%Y-%m-%d %H:%M:%S}" if state.last_answer_at else "-"
        name = state.name if state.name in names else f"{state.name} (not configured any more)"
        table.add_row(name, in_words(state), answer, state.detail or "-")
    out.print(table)


def pause(settings: Settings, name: str, by: str) -> None:
    """Let nothing go to a destination; what is made meanwhile waits for it."""
    ledger = _known_ledger(settings, name)
    ledger.pause(name, by or who(), datetime.now(UTC))
    note_act(settings, ledger, "destination pause", [name], codes.SOFTWARE_CONFIGURATION)
    out.print(f"{name} is paused", markup=False)


def resume(settings: Settings, name: str) -> None:
    """Send to a destination again, at once."""
    ledger = _known_ledger(settings, name)
    ledger.resume(name, datetime.now(UTC))
    note_act(settings, ledger, "destination resume", [name], codes.SOFTWARE_CONFIGURATION)
    out.print(f"{name} is sent to again", markup=False)


def in_words(state: DestinationState) -> str:
    """How a destination stands, for people."""
    if state.paused_at:
        who = f" by {state.paused_by}" if state.paused_by else ""
        return f"paused{who} since {state.paused_at:%Y-%m-%d %H:%M:%S}"
    if state.failures:
        until = f", left alone until {state.not_before:%H:%M:%S}" if state.not_before else ""
        return f"away (outages in a row: {state.failures}{until})"
    return "sent to"


def plain(state: DestinationState) -> dict[str, object]:
    """A state as JSON has it."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(state).items()}


def _known_ledger(settings: Settings, name: str) -> Ledger:
    """The ledger, if the settings or itself know a destination of that name."""
    ledger, setup = open_setup(settings, utc_now)
    names = known_states(ledger, destination_names(setup.destinations, setup.scanners))
    if name not in names:
        fail(f"there is no destination {name}; there is {', '.join(names) or 'none'}", MISUSED)
    return ledger
