"""A full run at the most talkative level: what names a patient is in the spool and in the ledger, and nowhere else."""

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import requests
from audit_schema import complaints
from dimse import peer_at, store_at
from identified import IDENTIFYING, encoded, identify, spoilt, traces, values_of
from running import Orthanc, RunningNode, eventually, scanner_sends

from hri_node.errors import HriError
from hri_node.phantom.write import write_study

VIEWS = 2
SECONDS = 120
SPOILT_VALUES = {"Quillfeather": "spoilt", "Zorbax": "spoilt"}
BOUNDARY = "b0undary"

pytestmark = pytest.mark.peers


@dataclass
class Run:
    """What a run left behind: everything that was said, by who said it, and what must not be in it."""

    node: RunningNode
    values: dict[str, str]
    said: dict[str, bytes] = field(default_factory=dict)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the node; its words are kept."""
        ended = self.node.run(*arguments)
        self.said[" ".join(arguments[:2])] = (ended.stdout + ended.stderr).encode()
        return ended

    def collect(self) -> None:
        """Add what the node wrote to its log, its audit trail, and the files of its broker."""
        files = [self.node.folder / "log", self.node.folder / "audit.xml", *(self.node.folder / "redis").rglob("*")]
        self.said |= {str(path.relative_to(self.node.folder)): path.read_bytes() for path in files if path.is_file()}


def web_store(url: str, file: bytes) -> requests.Response:
    """STOW-RS of one instance."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    body = head + file + f"\r\n--{BOUNDARY}--\r\n".encode()
    return requests.post(f"{url}/dicom-web/studies", data=body, headers={"Content-Type": kind}, timeout=30)


def send_what_is_spoilt(run: Run, template: Path, folder: Path) -> None:
    """Every spoilt instance by C-STORE and STOW-RS, and all of them by import; whatever the node answers is kept."""
    folder.mkdir()
    for number, (what, file) in enumerate(spoilt(template)):
        (folder / f"{number}.dcm").write_bytes(file)
        try:
            store_at(peer_at(run.node.port), file)
        except HriError as error:
            run.said[f"answer to C-STORE of {what}"] = str(error).encode()
        run.said[f"answer to STOW-RS of {what}"] = web_store(f"http://127.0.0.1:{run.node.web_port}", file).content
    run.command("import", str(folder))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that is over: studies measured and delivered, others refused, every command asked."""
    folder = tmp_path_factory.mktemp("privacy")
    orthanc = Orthanc(folder / "orthanc")
    audit = {"HRI_AUDIT__FILE": str(folder / "node" / "audit.xml"), "HRI_WORK__ATTEMPTS_MAX": "1"}
    node = RunningNode(folder / "node", {"pacs": orthanc.dicom_port}, 2.0, 'log_level = "debug"\n', audit)
    files = write_study(folder / "study", VIEWS, seed=11)
    datasets = [identify(file) for file in files]
    for file, ds in zip(files, datasets, strict=True):
        file.write_bytes(encoded(ds))
    run = Run(node, {value: name for ds in datasets for value, name in values_of(ds).items()})
    scanner_sends(node.port, files)
    send_what_is_spoilt(run, files[0], folder / "spoilt")
    eventually(lambda: orthanc.counts()["SEG"] >= VIEWS, SECONDS, "the arrival of results")
    eventually(lambda: is_idle(node), SECONDS, "the end of all work")
    for arguments in (("status",), ("jobs", "ls"), ("check",), ("jobs", "show", "measure-1")):
        run.command(*arguments)
    node.stop()
    orthanc.stop()
    run.collect()
    return run


def is_idle(node: RunningNode) -> bool:
    """Whether no queue has anything to do."""
    loads = node.ledger.overview(["pacs"], datetime.now(UTC)).queues.values()
    return not any(load.waiting or load.running for load in loads)


def test_the_input_names_its_patient_in_every_way_there_is(finished: Run) -> None:
    """Name in three scripts, ID, birth date, addresses, comments, physicians: or the search would prove little."""
    names = set(finished.values.values())

    assert {"PatientName", "PatientID", "PatientBirthDate", "PatientAddress", "PatientComments"} <= names
    assert {"AccessionNumber", "InstitutionName", "ReferringPhysicianName", "StudyDate"} <= names
    assert len(names & IDENTIFYING) > 70
    assert any("山田屋敷" in value for value in finished.values)


def test_the_run_was_a_full_one(finished: Run) -> None:
    """Measured, refused, failed and told: the log is not silent for want of events."""
    log = finished.said["log"].decode()

    for event in ("instance_received", "instance_refused", "association_accepted", "listening"):
        assert event in log, event
    trail = [fromstring(line) for line in finished.said["audit.xml"].splitlines()]  # noqa: S314 - our own
    assert [complaints(message) for message in trail] == [[]] * len(trail)
    assert {message[0][0].get("csd-code") for message in trail} >= {"110100", "110102", "110104"}
    assert b"appendonly" in b" ".join(name.encode() for name in finished.said)


def test_the_search_finds_what_is_there(finished: Run) -> None:
    """In the spool and the ledger, which keep the patient's data, nearly every value is found."""
    spool = b"".join(path.read_bytes() for path in (finished.node.folder / "spool").rglob("*.dcm"))
    ledger = (finished.node.folder / "ledger.sqlite").read_bytes()

    assert len(traces(spool, finished.values)) > 0.9 * len(finished.values)
    assert "PatientID" in traces(ledger, finished.values).values()


def test_nothing_that_was_said_names_the_patient(finished: Run) -> None:
    """Log, audit trail, broker, commands and answers to senders: no value of any identifying attribute."""
    found = {who: traces(said, finished.values | SPOILT_VALUES) for who, said in finished.said.items()}

    assert {who: values for who, values in found.items() if values} == {}
