"""The name of a queue, or a study's UID, comes in; the queue is paused or goes on, the study is reported as it is."""

import json
from dataclasses import asdict

from rich.table import Table

from hri_node.audit import codes
from hri_node.commands.noting import note_act, who
from hri_node.commands.screen import MISUSED, WORK_FAILED, age, fail, out
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Queue
from hri_node.node import utc_now
from hri_node.settings import Settings


def list_queues(settings: Settings, *, as_json: bool) -> None:
    """How full each queue is, and whether a person paused it."""
    ledger = open_ledger(settings.ledger_address)
    paused = ledger.paused_queues()
    loads = {Queue(name): load for name, load in ledger.loads([], utc_now()).queues.items()}
    if as_json:
        facts = {
            queue.value: asdict(load)
            | {
                "paused_at": paused[queue].at.isoformat() if queue in paused else None,
                "paused_by": paused[queue].by if queue in paused else "",
            }
            for queue, load in loads.items()
        }
        out.print_json(json.dumps(facts))
        return
    table = Table("Queue", "State", "Waiting", "Running", "Failed", "Oldest", "Done in the last hour")
    for queue, load in loads.items():
        state = f"paused by {paused[queue].by} since {paused[queue].at:%Y-%m-%d %H:%M:%S}" if queue in paused else "on"
        numbers = str(load.waiting), str(load.running), str(load.failed), age(load.oldest_s), str(load.done_per_hour)
        table.add_row(queue.value, state, *numbers)
    out.print(table)


def pause(settings: Settings, queue: Queue) -> None:
    """Begin no job of a queue any more; what is under way ends."""
    ledger = open_ledger(settings.ledger_address)
    ledger.pause_queue(queue, who(), utc_now())
    note_act(settings, ledger, "queue pause", [queue.value], codes.SOFTWARE_CONFIGURATION)
    out.print(f"{queue} is paused", markup=False)


def resume(settings: Settings, queue: Queue) -> None:
    """Begin jobs of a queue again."""
    ledger = open_ledger(settings.ledger_address)
    ledger.resume_queue(queue)
    note_act(settings, ledger, "queue resume", [queue.value], codes.SOFTWARE_CONFIGURATION)
    out.print(f"{queue} goes on", markup=False)


def complete(settings: Settings, study_instance_uid: str) -> None:
    """Report a study as it is, though images may still come or wait to be measured."""
    ledger = open_ledger(settings.ledger_address)
    number = _number(ledger, study_instance_uid)
    if not ledger.force(number, utc_now()):
        fail(f"study {study_instance_uid} is not open: there is nothing to complete", WORK_FAILED)
    note_act(settings, ledger, "jobs complete", [f"{Queue.REPORT}-{number}"], codes.USE_OF_RESTRICTED_FUNCTION)
    out.print(f"{Queue.REPORT}-{number} is reported as it is", markup=False)


def _number(ledger: Ledger, study_instance_uid: str) -> int:
    try:
        return ledger.study_number(study_instance_uid)
    except KeyError:
        fail(f"there is no study {study_instance_uid}", MISUSED)
