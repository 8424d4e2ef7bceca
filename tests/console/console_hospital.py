"""A folder comes in; a whole node with life in it goes out: measured, not measurable, refused, away, turned away.

Everything is a phantom, measured by the real network in the real pipeline; destinations and scanners are real programs.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import numpy as np
from builders import part10, ultrasound_instance
from dimse import Pacs, running_pacs
from running import Orthanc, RunningNode, eventually, free_port, require

from hri_node.ledger.states import DeliveryState, Queue, Role, StudyState
from hri_node.phantom.ranges import PAPER, Ranges
from hri_node.phantom.view import make_view

PASSWORD: Final = "corrals 4 zebras at dusk"  # noqa: S105 - of nobody
PEOPLE: Final = {"vera": Role.VIEWER, "otto": Role.OPERATOR, "ada": Role.ADMIN}
LIVER_ONLY: Final = replace(PAPER, kinds=(0, 0, 1, 0, 0))
"""Views without a kidney: nothing can be measured."""

CLEAR, OTHER_CLEAR, DOUBTFUL = 12, 11, 9
"""Seeds of views that the network measures, the last one with cautions."""

NOT_UNDERSTOOD: Final = 0xC000
"""PS3.4 Annex B.2.3: a refusal."""

SETTLED_WITHIN_S: Final = 90
WEBHOOK_PATH: Final = "/told"


@dataclass(frozen=True, slots=True)
class Sent:
    """A study that a scanner sent."""

    uid: str
    patient: str
    accession: str
    files: list[Path]


@dataclass
class Webhook:
    """A server that is told what is wrong."""

    port: int = 0
    told: list[dict[str, object]] = field(default_factory=list)


@dataclass
class Hospital:
    """A node, and whom it knows.

    Attributes
    ----------
    node
        All its processes.
    pacs
        A destination that takes everything and proves it.
    burner
        A destination that refuses everything.
    webhook
        Where alerts go.
    archive_port
        Where a destination is said to be, and is not.
    studies
        What was sent, by a short name.
    """

    node: RunningNode
    pacs: Orthanc
    burner: Pacs
    webhook: Webhook
    archive_port: int
    studies: dict[str, Sent] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the console."""
        return f"http://127.0.0.1:{self.node.web_port}"

    def study_id(self, name: str) -> int:
        """The ledger's number of a study."""
        return self.node.ledger.study_number(self.studies[name].uid)

    def send(self, name: str, *seeds: int, ranges: Ranges = PAPER, calling: str = "SCANNER") -> Sent:
        """A scanner sends a study; the node has accepted it afterwards."""
        sent = a_study(self.node.folder / "sent", (name, len(self.studies) + 1), seeds, ranges)
        self.studies[name] = sent
        options = ["-R", "-aet", calling, "-aec", "HRI_NODE", "127.0.0.1", str(self.node.port)]
        result = subprocess.run(["storescu", *options, *map(str, sent.files)], capture_output=True, check=False)
        assert result.returncode == 0, result.stderr
        return sent

    def is_settled(self) -> bool:
        """Whether every study is reported and what can be delivered is."""
        ledger = self.node.ledger
        studies = [ledger.study(number) for number in range(1, len(self.studies) + 1)]
        jobs = [job for job in ledger.jobs(Queue.DELIVER) if not job.subject.endswith(" to archive")]
        return all(study.state != StudyState.OPEN for study in studies) and all(
            job.outcome != DeliveryState.WAITING for job in jobs
        )


def a_study(folder: Path, named: tuple[str, int], seeds: tuple[int, ...], ranges: Ranges) -> Sent:
    """Files of a study as a scanner sends it; `named` is a short name and a number that no other study has."""
    name, number = named
    folder = folder / f"{number}"
    folder.mkdir(parents=True)
    root = f"2.25.88{number}"
    sent = Sent(f"{root}1", f"Phantom^{name.capitalize()}", f"ACC{number:04d}", [])
    for place, seed in enumerate(seeds, start=1):
        view = make_view(seed, ranges)
        ds = ultrasound_instance(
            pixels=np.asarray(view.pixels),
            spacing_mm=view.spacing_mm,
            study_uid=sent.uid,
            series_uid=f"{root}2",
            instance_uid=f"{root}3{place}",
            attributes={
                "InstanceNumber": place,
                "PatientID": f"PHANTOM-{number:03d}",
                "PatientName": sent.patient,
                "AccessionNumber": sent.accession,
                "StudyDate": f"202606{number:02d}",
            },
        )
        sent.files.append(folder / f"{place}.dcm")
        sent.files[-1].write_bytes(part10(ds))
    return sent


@contextmanager
def running_hospital(folder: Path) -> Iterator[Hospital]:
    """All of it, settled: three people, four destinations' states, three studies, a scanner that was turned away."""
    require("Orthanc", "storescu", "echoscu")
    with ExitStack() as stack:
        pacs = Orthanc(folder / "orthanc")
        stack.callback(pacs.stop)
        burner = stack.enter_context(running_pacs())
        burner.status = NOT_UNDERSTOOD
        webhook = stack.enter_context(_webhook())
        archive_port = free_port()
        chosen = _settings(folder, {"pacs": pacs.dicom_port, "burner": burner.port, "archive": archive_port}, webhook)
        node = RunningNode(folder / "node", {}, quiet_s=1.5, environment=chosen)
        stack.callback(node.stop)
        hospital = Hospital(node, pacs, burner, webhook, archive_port)
        _fill(hospital)
        yield hospital


def _fill(hospital: Hospital) -> None:
    """Give it people, studies and a stranger at its door."""
    adding = [_adding(hospital.node, name, role) for name, role in PEOPLE.items()]
    hospital.send("clear", CLEAR, OTHER_CLEAR)
    hospital.send("doubtful", DOUBTFUL)
    hospital.send("empty", CLEAR, ranges=LIVER_ONLY)
    stranger = ["echoscu", "-aet", "MRI_3", "-aec", "HRI_NODE", "127.0.0.1", str(hospital.node.port)]
    assert subprocess.run(stranger, capture_output=True, check=False).returncode != 0
    for process in adding:
        assert process.wait(60) == 0, "the person was added"
    eventually(hospital.is_settled, SETTLED_WITHIN_S, "the end of all work")


def _adding(node: RunningNode, name: str, role: Role) -> subprocess.Popen[str]:
    """`hri-node user add`, with the password on its standard input."""
    command = [sys.executable, "-m", "hri_node", "user", "add", name, "--role", role, "--config", str(node.config)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stdin is not None, "it was asked for"
    process.stdin.write(f"{PASSWORD}\n")
    process.stdin.close()
    return process


def _settings(folder: Path, ports: dict[str, int], webhook: Webhook) -> dict[str, str]:
    """Variables of the environment."""
    destinations = [
        {"name": name, "host": "127.0.0.1", "port": port, "called": name.upper()} for name, port in ports.items()
    ]
    destinations[1]["only"] = {"kinds": ["sc"]}
    destinations[2]["only"] = {"kinds": ["sr"]}
    address = folder / "webhook"
    address.write_text(f"http://127.0.0.1:{webhook.port}{WEBHOOK_PATH}\n")
    address.chmod(0o600)
    return {
        "HRI_DESTINATIONS": json.dumps(destinations),
        "HRI_LISTENER__ALLOWED_PEERS": '["SCANNER", "TEST"]',
        "HRI_WEB__PATIENT_NAMES": "operators",
        "HRI_ALERTS__WEBHOOK_FILE": str(address),
        "HRI_ALERTS__INTERVAL_S": "1",
        "HRI_ALERTS__RAISE_AFTER_S": "2",
    }


@contextmanager
def _webhook() -> Iterator[Webhook]:
    """Somebody who is told."""
    webhook = Webhook()

    class Told(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what is said."""
            webhook.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    webhook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield webhook
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
