"""The audit trail of the command line: who did what, and what was taken in."""

from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from audit_schema import complaints
from builders import part10, ultrasound_instance

from hri_node import cli
from hri_node.commands import auditing
from hri_node.ledger.ledger import open_ledger
from hri_node.records import Origin
from hri_node.sections import DestinationSettings
from hri_node.send.query import Dates, Wanted
from hri_node.settings import load

DESTINATION = '[[destinations]]\nname = "pacs"\nhost = "pacs.example"\nport = 104\ncalled = "PACS"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node that keeps an audit trail, with one destination."""
    (tmp_path / "data").mkdir()
    (tmp_path / "node.toml").write_text(f'[audit]\nfile = "audit.xml"\npatient_ids = true\n{DESTINATION}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HRI_CONFIG", "node.toml")
    monkeypatch.setattr("hri_node.cli.guard", lambda: None)  # the process is pytest's
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr("sys.argv", ["hri-node", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    return int(ended.value.code or 0)


def trail(folder: Path) -> list[Element]:
    """The messages so far, each valid."""
    messages = [fromstring(line) for line in (folder / "audit.xml").read_text().splitlines()]  # noqa: S314 - our own
    assert [complaints(message) for message in messages] == [[]] * len(messages)
    return messages


def kinds(message: Element) -> tuple[str, ...]:
    """EventID and EventTypeCode."""
    return tuple(element.get("csd-code", "") for element in message[0])


def test_an_import_is_a_transfer_of_its_study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its patient, since the settings ask for it."""
    ds = ultrasound_instance(rows=64, columns=80)
    (folder / "one.dcm").write_bytes(part10(ds))

    assert call(monkeypatch, "import", "one.dcm") == 0

    (message,) = trail(folder)
    assert kinds(message) == ("110104",)
    names = [each.get("ParticipantObjectID") for each in message.iter("ParticipantObjectIdentification")]
    assert names == [ds.StudyInstanceUID, ds.PatientID]


def test_jobs_that_a_person_touches_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discarded, then done again: two alerts about the one job, with who did it."""
    (folder / "one.dcm").write_bytes(part10(ultrasound_instance(rows=64, columns=80)))
    call(monkeypatch, "import", "one.dcm")

    assert call(monkeypatch, "jobs", "discard", "measure-1") == 0
    assert call(monkeypatch, "jobs", "retry", "measure-1") == 0

    messages = trail(folder)[1:]
    assert [kinds(message) for message in messages] == [("110113", "110132")] * 2
    jobs = [message.find("ParticipantObjectIdentification").get("ParticipantObjectID") for message in messages]
    assert jobs == ["measure-1"] * 2


def test_a_pause_is_a_change_of_the_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is its end."""
    assert call(monkeypatch, "destination", "pause", "pacs") == 0
    assert call(monkeypatch, "destination", "resume", "pacs") == 0

    assert [kinds(message) for message in trail(folder)] == [("110113", "110131")] * 2


@pytest.mark.parametrize(("protocol", "named"), [("dicom", "1.2.840.10008.5.1.4.1.2.2.1"), ("dicomweb", "QIDO-RS")])
def test_a_search_is_a_query(folder: Path, protocol: str, named: str) -> None:
    """With the question as it is asked."""
    pacs = Origin("PACS", "HRI_NODE", "pacs.example", "pull")
    where = {"host": "pacs.example", "called": "PACS"} if protocol == "dicom" else {"url": "https://pacs.example/rs"}
    chosen = DestinationSettings(name="pacs", protocol=protocol, **where)

    auditing.note_question(load(), chosen, pacs, Wanted(Dates(date(2026, 1, 1), date(2026, 1, 2)), "P1", "US"))

    (message,) = trail(folder)
    assert kinds(message) == ("110112",)
    assert message.find("ParticipantObjectIdentification").get("ParticipantObjectID") == named
    assert message.findall("ActiveParticipant")[1].get("UserID") == "PACS"


def test_nothing_is_written_where_nothing_was_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is not there is no event."""
    open_ledger(load().ledger_address).close()

    assert call(monkeypatch, "jobs", "retry", "measure-9") == 2

    assert not (folder / "audit.xml").exists()
