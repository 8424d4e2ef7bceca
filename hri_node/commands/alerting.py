"""Settings come in; what is wrong, as the ledger has it, goes out, or a test by every channel, with its verdict."""

import json
from datetime import UTC, datetime
from typing import Any

from rich.table import Column, Table

from hri_node.alerts.kinds import ABOUT, Kind
from hri_node.alerts.telling import Teller
from hri_node.commands.auditing import note
from hri_node.commands.noting import who
from hri_node.commands.screen import DONE, WORK_FAILED, out
from hri_node.ledger.alarms import Alarm
from hri_node.ledger.ledger import open_ledger
from hri_node.settings import Settings

PAST = 20
"""Alarms that are over, of which it tells."""


def list_alarms(settings: Settings, *, as_json: bool) -> int:
    """Exit code: 1 where something is wrong."""
    ledger = open_ledger(settings.ledger_address)
    raised = [alarm for alarm in ledger.open_alarms() if alarm.is_raised]
    past = ledger.past_alarms(PAST)
    if as_json:
        out.print_json(json.dumps([_plain(alarm) for alarm in [*raised, *past]]))
    else:
        table = Table("State", "What", "About", "Since", Column("In words", overflow="fold"))
        for alarm in [*raised, *past]:
            about = ABOUT[Kind(alarm.kind)]
            end = alarm.fine_since or alarm.cleared_at
            state = f"over {end:%Y-%m-%d %H:%M}" if alarm.cleared_at and end else "wrong" if about.is_bad else "warning"
            table.add_row(state, about.title, alarm.subject, f"{alarm.seen_since:%Y-%m-%d %H:%M}", alarm.words)
        out.print(table)
    return WORK_FAILED if raised else DONE


def test(settings: Settings) -> int:
    """Exit code: 1 where a channel failed, or there is none."""
    ledger, now = open_ledger(settings.ledger_address), datetime.now(UTC)
    teller = Teller(ledger, settings)
    verdicts = teller.test(now)
    ledger.note_act(who(), "alert test", ", ".join(teller.names), now)
    note(settings, "alert test", teller.names)
    for verdict in verdicts:
        out.print(f"{verdict.channel}: {'sent' if verdict.is_good else 'failed'}, {verdict.words}", markup=False)
    if not verdicts:
        out.print("nobody was told: neither alerts.mail_to nor alerts.webhook_file is set")
    return DONE if verdicts and all(verdict.is_good for verdict in verdicts) else WORK_FAILED


def _plain(alarm: Alarm) -> dict[str, Any]:
    times = {name: getattr(alarm, name) for name in ("seen_since", "raised_at", "fine_since", "cleared_at")}
    return {
        "kind": alarm.kind,
        "subject": alarm.subject,
        "words": alarm.words,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }
