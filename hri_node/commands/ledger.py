"""Questions and repairs come in, the ledger's rows go out: status and jobs."""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.table import Column, Table

from hri_node.audit import codes
from hri_node.commands.destinations import in_words, plain
from hri_node.commands.noting import note_act
from hri_node.commands.screen import MISUSED, age, fail, out
from hri_node.ledger.destinations import known_states
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.loads import Load
from hri_node.ledger.overview import Job
from hri_node.ledger.states import JobState, Queue
from hri_node.node import utc_now
from hri_node.routing import destination_names
from hri_node.settings import Settings
from hri_node.setup import open_setup


def show_status(settings: Settings, *, as_json: bool) -> None:
    """Queues, destinations, free space and the studies of the last 24 hours."""
    ledger, setup = open_setup(settings, utc_now)
    states = known_states(ledger, destination_names(setup.destinations, setup.scanners))
    overview = ledger.overview(list(states), datetime.now(UTC))
    room = room_of(settings)
    if as_json:
        facts = asdict(overview)
        facts["destinations"] = {name: load | plain(states[name]) for name, load in facts["destinations"].items()}
        out.print_json(json.dumps(facts | {"spool": asdict(room)}))
        return
    out.print(_loads("Queue", overview.queues))
    out.print(_loads("Destination", overview.destinations))
    for state in states.values():
        if state.paused_at or state.failures:
            out.print(
                f"Destination {state.name}: {in_words(state)}{': ' * bool(state.detail)}{state.detail}", markup=False
            )
    out.print(f"Spool: {room.free_mib} MiB free; cleaned below {room.clean_below_mib}, full at {room.reserve_mib}")
    _counts("Studies of the last 24 hours", overview.studies_24h)
    _counts("Instances of the last 24 hours", overview.instances_24h)


@dataclass(frozen=True, slots=True)
class Room:
    """Free space under the spool; below the one mark retention begins early, at the other nothing is received."""

    free_mib: int
    clean_below_mib: int
    reserve_mib: int


def room_of(settings: Settings) -> Room:
    """How much room the spool has; of the folder above where it is not there yet."""
    folder = settings.spool_folder if settings.spool_folder.is_dir() else settings.data_dir
    free_mib = shutil.disk_usage(folder).free // (1024 * 1024)
    return Room(free_mib, settings.retention.clean_below_mib, settings.spool_reserve_mib)


def list_jobs(ledger: Ledger, which: tuple[Queue | None, JobState | None], limit: int, *, as_json: bool) -> None:
    """The latest jobs of one queue and state, or of all."""
    queue, state = which
    found = [job for each in Queue if queue in {None, each} for job in ledger.jobs(each, state, limit)]
    if as_json:
        out.print_json(json.dumps([_plain(job) for job in found]))
        return
    table = Table("Job", "State", "Outcome", Column("About", overflow="fold"), "Tries", "Since", "Last word")
    for job in found:
        since = f"{job.since:%Y-%m-%d %H:%M:%S}"
        table.add_row(job.job_id, job.state, job.outcome, job.subject, str(job.attempts), since, job.detail)
    out.print(table)


def show_job(ledger: Ledger, job_id: str) -> None:
    """One job, with every try of a delivery."""
    try:
        job, history = ledger.job(job_id)
    except KeyError:
        fail(f"there is no job {job_id}", MISUSED)
    out.print_json(json.dumps(_plain(job) | {"history": history}))


def change_jobs(settings: Settings, job_ids: list[str], *, failed: bool, discard: bool) -> None:
    """Do jobs again, or set them aside, and write that down."""
    if failed == bool(job_ids):
        fail("name the jobs, or say --failed for all that failed", MISUSED)
    ledger = open_ledger(settings.ledger_address)
    chosen = ledger.failed_ids() if failed else job_ids
    change = ledger.discard if discard else ledger.retry
    try:
        change(chosen, datetime.now(UTC))
    except KeyError as error:
        fail(f"there is no job {error.args[0]}: nothing was changed", MISUSED)
    what = "jobs discard" if discard else "jobs retry"
    note_act(settings, ledger, what, chosen, codes.USE_OF_RESTRICTED_FUNCTION)
    out.print(f"{len(chosen)} {'discarded' if discard else 'due again'}")


def _plain(job: Job) -> dict[str, object]:
    return asdict(job) | {"since": job.since.isoformat()}


def _loads(title: str, loads: dict[str, Load]) -> Table:
    table = Table(title, "Waiting", "Running", "Failed", "Oldest", "Done in the last hour")
    for name, load in loads.items():
        failed = f"[bold red]{load.failed}[/]" if load.failed else "0"
        numbers = str(load.waiting), str(load.running), failed, age(load.oldest_s), str(load.done_per_hour)
        table.add_row(name, *numbers)
    return table


def _counts(title: str, counts: dict[str, int]) -> None:
    out.print(f"{title}: " + (", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none"))
