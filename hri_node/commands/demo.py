"""Nothing comes in; a whole node with a built-in PACS runs, measures a synthetic study, and stays open to look at."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import dcmread
from rich.table import Table

from hri_node.commands.roles import supervised, until_told_to_stop
from hri_node.commands.screen import WORK_FAILED, out, progress, say
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Addition, JobState, Queue
from hri_node.masks import picture_png
from hri_node.phantom.write import write_study
from hri_node.receive.intake import Intake
from hri_node.receive.scp import Listener
from hri_node.records import FrameResult, Instance, Peer
from hri_node.sections import ListenerSettings
from hri_node.send.files import send_files
from hri_node.send.scu import DicomDestination
from hri_node.settings import Settings, load
from hri_node.spool import Spool

FOLDER = Path("build/demo")
"""Made anew by every demonstration."""

CONFIG = """# The settings of the demonstration.
data_dir = "{folder}"
spool_reserve_mib = 64
log_level = "warning"

[listener]
host = "127.0.0.1"
allowed_peers = ["*@127.0.0.1"]

[web]
host = "127.0.0.1"
allowed_addresses = ["127.0.0.1"]

[report]
study_quiet_s = 2.0

[delivery]
backoff_first_s = 2.0

[[destinations]]
name = "demo-pacs"
host = "127.0.0.1"
port = {port}
called = "DEMO_PACS"
proof = "none"
"""

START_TIMEOUT_S = 60.0
STUDY_TIMEOUT_S = 180.0
LOOK_INTERVAL_S = 0.25
SEED = 7
VIEWS = 3


@dataclass
class Shelf:
    """What the built-in PACS keeps: files named so that a person finds them. Several associations store at once."""

    folder: Path
    spool: Spool
    kept: list[Path] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def add_instance(self, instance: Instance, skip: str | None, quiet_s: float) -> Addition:  # noqa: ARG002 - the port's
        """Name the file after what it holds."""
        with self._turn:
            path = self.folder / f"{len(self.kept) + 1}-{instance.modality}.dcm"
            self.kept.append(self.spool.file(instance.spool_key).rename(path))
        return Addition.NEW


def run() -> int:
    """Exit code, once the user has had enough."""
    stop = until_told_to_stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in ("pacs", "arriving"):
        (FOLDER / name).mkdir(parents=True)
    shelf = Shelf(FOLDER / "pacs", Spool(FOLDER / "arriving"))
    pacs = Listener(_pacs_settings(), Intake(shelf.spool, shelf, lambda _header: None))
    pacs.start()
    config = FOLDER / "hri-node.toml"
    config.write_text(CONFIG.format(folder=FOLDER, port=pacs.port))
    settings = load(config)
    failures: list[str] = []
    try:
        with supervised(settings, config) as supervisor:
            threading.Thread(target=_demonstrate, args=(settings, shelf, failures), daemon=True).start()
            return supervisor.run(stop) or (WORK_FAILED if failures else 0)
    finally:
        pacs.stop()


def _pacs_settings() -> ListenerSettings:
    return ListenerSettings(ae_title="DEMO_PACS", host="127.0.0.1", port=0, allowed_peers=("*@127.0.0.1",))


def _demonstrate(settings: Settings, shelf: Shelf, failures: list[str]) -> None:
    """Send a study as a scanner would, wait for its results, and show them."""
    try:
        _send(settings)
        ledger = open_ledger(settings.ledger_address)
        with out.status("the study goes quiet, is reported and delivered …"):
            _wait(lambda: _is_delivered(ledger), STUDY_TIMEOUT_S, "the study was not delivered in time")
        _show(settings, ledger, shelf)
    except (PeerRefused, PeerUnavailable, TimeoutError) as error:
        failures.append(str(error))
        say(str(error))


def _send(settings: Settings) -> None:
    files = write_study(FOLDER / "scanner", VIEWS, SEED)
    peer = Peer("node", "127.0.0.1", settings.listener.port, settings.listener.ae_title, "DEMO_SCANNER")
    node = DicomDestination(peer, timeout_s=settings.delivery.timeout_s)
    with out.status("the node starts …"):
        _wait(lambda: _answers(node), START_TIMEOUT_S, "the node did not start in time")
    with progress("a scanner sends", len(files)) as advance:
        send_files(files, peer, lambda _outcome: advance())


def _answers(node: DicomDestination) -> bool:
    try:
        node.echo()
    except PeerUnavailable:
        return False
    return True


def _is_delivered(ledger: Ledger) -> bool:
    states = {job.state for job in ledger.jobs(Queue.DELIVER)}
    return states == {JobState.DONE}


def _wait(ask: Callable[[], bool], timeout_s: float, complaint: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not ask():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(LOOK_INTERVAL_S)


def _show(settings: Settings, ledger: Ledger, shelf: Shelf) -> None:
    study = ledger.study(1)
    table = Table("Image", "HRI", "Interval", "Liver", "Cortex", "Reasons, warnings", title="Hepatorenal index")
    for _, measured in ledger.reportable(study.id):
        table.add_row(*_row(measured.result))
    table.caption = "Research use: it informs, it never diagnoses."
    out.print(table)
    out.print(f"The study's index is {study.hri:.2f}." if study.hri else "No image was measurable.")
    out.print("The PACS holds:")
    for path in sorted(shelf.kept):
        out.print(f"  {path}" + _as_png(path))
    address = f"{settings.listener.ae_title} at 127.0.0.1:{settings.listener.port}"
    out.print(f"The node goes on: {address}. Ctrl-C ends it.", highlight=False)


def _row(result: FrameResult) -> list[str]:
    notes = ", ".join(result.reasons + result.warnings)
    name = (result.sop_instance_uid or "")[-8:]
    if result.hri is None or not (result.liver and result.renal_cortex and result.hri_interval):
        return [f"…{name}", "-", "-", "-", "-", notes]
    low, high = result.hri_interval
    means = [f"{region['mean']:.1f}" for region in (result.liver, result.renal_cortex)]
    return [f"…{name}", f"{result.hri:.2f}", f"{low:.2f} to {high:.2f}", *means, notes]


def _as_png(path: Path) -> str:
    """The picture for people without a DICOM viewer."""
    instance = dcmread(path)
    if instance.Modality != "OT":
        return ""
    picture = path.with_suffix(".png")
    picture.write_bytes(picture_png(instance.pixel_array))
    return f" and {picture.name}"
