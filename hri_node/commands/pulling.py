"""What somebody wants from a PACS comes in; the studies that match are let into the node, and a tally goes out."""

import json
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from hri_node.commands.auditing import note_question
from hri_node.commands.pull_door import Doors
from hri_node.commands.screen import DONE, MISUSED, WORK_FAILED, err, fail, out, say
from hri_node.errors import Unavailable
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.peers import peer_of, web_peer_of
from hri_node.read.select import SECONDARY_CAPTURE, ULTRASOUND
from hri_node.receive.contexts import PREFERRED_TRANSFER_SYNTAXES
from hri_node.records import AE_TITLE_LENGTH_MAX, Origin
from hri_node.sections import DestinationSettings
from hri_node.send.query import PATIENT_ID_LENGTH_MAX, Archive, Dates, FoundStudy, Wanted
from hri_node.send.retrieve import DicomArchive
from hri_node.send.retrieve_cohort import Cohort, Fate, Patience, search
from hri_node.send.retrieve_habits import Habits
from hri_node.send.wado import WebArchive
from hri_node.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants to pull."""

    parallel: int
    dry_run: bool
    as_json: bool


@dataclass
class Tally:
    """What became of the studies so far."""

    found: int
    fetched: int = 0
    already_here: int = 0
    instances: int = 0
    failed: list[Fate] = field(default_factory=list)

    def add(self, fate: Fate) -> None:
        """Count a study."""
        self.instances += fate.fetched
        if fate.words:
            self.failed.append(fate)
        elif fate.fetched:
            self.fetched += 1
        else:
            self.already_here += 1

    @property
    def untouched(self) -> int:
        """Studies that were not begun."""
        return self.found - self.fetched - self.already_here - len(self.failed)


def wanted_of(dates: str, patient: str, modality: str) -> Wanted:
    """What the options ask for; a wrong one ends the command."""
    if len(patient) > PATIENT_ID_LENGTH_MAX or "\\" in patient or not patient.isprintable():
        fail(f"--patient: at most {PATIENT_ID_LENGTH_MAX} printable characters, no backslash", MISUSED)
    if not modality.isascii() or not modality.replace("_", "").isalnum() or modality != modality.upper():
        fail(f"--modality: {modality!r} must be a code such as US", MISUSED)
    first, _, last = dates.partition("-")
    try:
        days = _day(first), _day(last or first)
    except ValueError:
        fail(f"--date: {dates!r} must be a day or two, such as 20260101-20260131", MISUSED)
    if days[0] > days[1]:
        fail(f"--date: {dates!r} ends before it begins", MISUSED)
    return Wanted(Dates(*days), patient, modality)


def _day(text: str) -> date:
    if len(text) != len("20260101") or not text.isdecimal():
        raise ValueError(text)
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


def pull(source: str, wanted: Wanted, wishes: Wishes, settings: Settings) -> int:
    """Exit code after every study that matches was asked for, or counted."""
    set_up(settings.log_level, as_json=settings.log_json)
    node = assemble(settings)
    chosen = next((to for to in node.setup.destinations if to.name == source), None)
    if chosen is None:
        names = ", ".join(to.name for to in node.setup.destinations) or "none"
        fail(f"--from: {source!r} is no destination of the settings, which have {names}", MISUSED)
    archive = _archive(chosen, settings)
    delivery = settings.delivery
    patience = Patience(settings.work.attempts_max, delivery.backoff_first_s, delivery.backoff_max_s)
    stop = threading.Event()
    note_question(settings, chosen, _origin(chosen, settings), wanted)
    try:
        with err.status(f"searching {source}"):
            studies = search(archive, wanted, patience, stop)
    except KeyboardInterrupt:
        fail("stopped while searching; nothing was fetched", WORK_FAILED)
    if wishes.dry_run:
        return _show_days(studies, wishes)
    with _stopping(stop), Doors(node, _origin(chosen, settings), stop) as doors:
        return _fetch(Cohort(archive, wanted.modality, doors.means, patience, stop), doors, studies, wishes)


def _archive(chosen: DestinationSettings, settings: Settings) -> Archive:
    """The archive that a destination is."""
    timeout_s, ours = settings.delivery.timeout_s, settings.listener.ae_title
    if chosen.protocol == "dicomweb":
        return WebArchive(web_peer_of(chosen), timeout_s)
    usual = sorted(ULTRASOUND | SECONDARY_CAPTURE)
    habits = Habits(chosen.retrieve, ours, PREFERRED_TRANSFER_SYNTAXES, timeout_s, usual)
    return DicomArchive(peer_of(chosen, settings), habits)


def _origin(chosen: DestinationSettings, settings: Settings) -> Origin:
    """Who hands the instances over; the ledger holds 64 characters of an address."""
    theirs = chosen.called or chosen.name[:AE_TITLE_LENGTH_MAX]
    address = chosen.host or urlsplit(chosen.url).hostname or ""
    return Origin(theirs, chosen.calling or settings.listener.ae_title, address[:64], "pull")


def _show_days(studies: Sequence[FoundStudy], wishes: Wishes) -> int:
    """Tell how many studies there are on each day."""
    days = Counter(study.study_date or "unknown" for study in studies)
    if wishes.as_json:
        out.print_json(json.dumps({"studies": len(studies), "days": dict(days)}))
        return DONE
    table = Table("Study date", "Studies")
    for day, count in days.items():
        table.add_row(day, str(count))
    table.add_section()
    table.add_row("all", str(len(studies)))
    out.print(table)
    return DONE


def _fetch(cohort: Cohort, doors: Doors, studies: Sequence[FoundStudy], wishes: Wishes) -> int:
    """Exit code after the studies were let in, with a progress bar and a line for each that was not."""
    tally, trouble = Tally(len(studies)), ""
    with _bar(len(studies)) as (advance, doors.arrived):
        try:
            for fate in cohort.fates(studies, wishes.parallel):
                tally.add(fate)
                advance()
                if fate.words:
                    say(f"study {fate.study_instance_uid}: {fate.words}")
        except Unavailable as error:
            trouble = str(error)
    _show_tally(tally, wishes)
    if trouble:
        say(f"given up: {trouble}")
    elif tally.untouched:
        why = "stopped" if cohort.stop.is_set() else f"given up, {cohort.archive.name} is out of order"
        say(f"{why}; the same command goes on where it ended")
    return WORK_FAILED if tally.failed or tally.untouched else DONE


def _show_tally(tally: Tally, wishes: Wishes) -> None:
    numbers = {
        "found": tally.found,
        "fetched": tally.fetched,
        "already_here": tally.already_here,
        "failed": len(tally.failed),
        "not_begun": tally.untouched,
        "instances": tally.instances,
    }
    if wishes.as_json:
        failures = [{"study_instance_uid": f.study_instance_uid, "reason": f.words} for f in tally.failed]
        out.print_json(json.dumps(numbers | {"failures": failures}))
        return
    words = f"studies: {tally.found} found, {tally.fetched} fetched, {tally.already_here} already here"
    not_begun = f", {tally.untouched} not begun" if tally.untouched else ""
    out.print(f"{words}, {len(tally.failed)} failed{not_begun}; {tally.instances} instances came in")


@contextmanager
def _bar(total: int) -> Iterator[tuple[Callable[[], None], Callable[[int], None]]]:
    """A progress bar on stderr; what moves it on by a study, and what counts instances."""
    counts = TextColumn("{task.fields[instances]} instances")
    columns = (TextColumn("pulling"), BarColumn(), MofNCompleteColumn(), counts, TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task: TaskID = bar.add_task("pulling", total=total, instances=0)
        lock = threading.Lock()

        def arrived(count: int) -> None:
            with lock:
                bar.update(task, instances=bar.tasks[0].fields["instances"] + count)

        yield lambda: bar.advance(task), arrived


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """SIGINT and SIGTERM end the pull in an orderly way: what is half-way is given up, what is here is kept."""
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
