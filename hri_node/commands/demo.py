"""Nothing comes in; a whole node with a built-in PACS runs, measures a synthetic study, and stays open to look at."""

import os
import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydicom import dcmread
from rich.table import Table

from hri_node.commands.roles import supervise, until_told_to_stop
from hri_node.commands.screen import WORK_FAILED, err, out, progress
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Addition, JobState, Queue
from hri_node.masks import picture_png
from hri_node.phantom.study import write_study
from hri_node.receive.intake import Intake
from hri_node.receive.scp import Listener
from hri_node.records import Instance, Peer
from hri_node.send.files import send_files
from hri_node.send.scu import DicomDestination
from hri_node.settings import DEMO_CONFIG, ListenerSettings, Settings, load
from hri_node.spool import SpoolEntry

FOLDER = Path("build/demo")
"""Made anew by every demonstration."""

START_TIMEOUT_S = 60.0
STUDY_TIMEOUT_S = 180.0
LOOK_INTERVAL_S = 0.25
PACS_AE_TITLE = "DEMO_PACS"
SCANNER_AE_TITLE = "DEMO_SCANNER"
SEED = 7
VIEWS = 3


@dataclass
class Shelf:
    """What the built-in PACS keeps: files with names that a person can read."""

    folder: Path
    files: list[Path] = field(default_factory=list)

    def write(self, room: str, data: bytes, suffix: str) -> SpoolEntry:
        """Keep one instance."""
        path = self.folder / f"{room}-{len(self.files) + 1}{suffix}"
        path.write_bytes(data)
        self.files.append(path)
        return SpoolEntry(path.name, len(data), "")

    def add_instance(self, instance: Instance, skip: str | None, now: datetime) -> Addition:  # noqa: ARG002 - the port's form
        """Name the file after what is in it."""
        named = self.folder / f"{instance.modality}-{instance.spool_key}"
        self.files[self.files.index(self.folder / instance.spool_key)] = (self.folder / instance.spool_key).rename(named)
        return Addition.NEW


def run() -> int:
    """Exit code, once the user has had enough."""
    stop = until_told_to_stop()
    shelf, pacs = _start_pacs()
    config = FOLDER / "hri-node.toml"
    config.write_text(_config(pacs.port))
    settings = load(config)
    supervisor = supervise(settings, config, {})
    failures: list[str] = []
    thread = threading.Thread(target=_show, args=(settings, shelf, stop, failures), daemon=True)
    thread.start()
    try:
        return supervisor.run(stop) or (WORK_FAILED if failures else 0)
    finally:
        pacs.stop()
