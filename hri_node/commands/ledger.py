"""Questions and repairs come in, the ledger's rows go out: status and jobs."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

from rich.table import Column, Table

from hri_node.commands.screen import MISUSED, age, fail, out
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.overview import Job, Load
from hri_node.ledger.states import JobState, Queue


def show_status(ledger: Ledger, destinations: list[str], *, as_json: bool) -> None:
    """Queues, destinations and the studies of the last 24 hours."""
    overview = ledger.overview(destinations, datetime.now(UTC))
    if as_json:
        out.print_json(json.dumps(asdict(overview)))
        return
    out.print(_loads("Queue", overview.queues))
    out.print(_loads("Destination", overview.destinations))
    _counts("Studies of the last 24 hours", overview.studies_24h)
    _counts("Instances of the last 24 hours", overview.instances_24h)


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


def change_jobs(ledger: Ledger, job_ids: list[str], *, failed: bool, discard: bool) -> None:
    """Do jobs again, or set them aside."""
    if failed == bool(job_ids):
        fail("name the jobs, or say --failed for all that failed", MISUSED)
    chosen = ledger.failed_ids() if failed else job_ids
    change = ledger.discard if discard else ledger.retry
    try:
        change(chosen, datetime.now(UTC))
    except KeyError as error:
        fail(f"there is no job {error.args[0]}: nothing was changed", MISUSED)
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
