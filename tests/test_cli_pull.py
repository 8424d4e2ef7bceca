"""`hri-node pull` against a PACS of pynetdicom's: exit codes, sentences, and what is in the ledger afterwards."""

import json
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog
from archives import Holdings, archive_of, as_read
from builders import ultrasound_instance
from dimse import Pacs
from pynetdicom.events import Event
from sqlalchemy import select

from hri_node.cli import run
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.tables import InstanceRow, OpenAssociationRow

DESTINATION = """
[[destinations]]
name = "pacs"
host = "127.0.0.1"
port = {port}
called = "HRI_NODE"
"""
JANUARY = ("--from", "pacs", "--date", "20260101-20260131")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a data folder; events go where they went before."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    with warnings.catch_warnings():
        yield tmp_path
    structlog.reset_defaults()


@pytest.fixture
def holdings() -> Holdings:
    """What the PACS has."""
    return Holdings()


@pytest.fixture
def pacs(holdings: Holdings, folder: Path) -> Iterator[Pacs]:
    """The PACS, which the settings name."""
    with archive_of(holdings) as running:
        configure(folder, running.port)
        yield running


def configure(folder: Path, port: int) -> None:
    """Settings with short pauses and one destination."""
    times = "[delivery]\nbackoff_first_s = 0.01\nbackoff_max_s = 0.02\ntimeout_s = 5.0\n"
    (folder / "config").mkdir()
    (folder / "config" / "hri-node.toml").write_text("spool_reserve_mib = 1\n" + times + DESTINATION.format(port=port))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of `pull`."""
    monkeypatch.setattr(sys, "argv", ["hri-node", "pull", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def rows(folder: Path) -> Sequence[InstanceRow]:
    """What the ledger has."""
    ledger = open_ledger(f"sqlite:///{folder / 'data' / 'ledger.sqlite'}")
    with ledger.transaction(reading=True) as session:
        found = session.execute(select(InstanceRow)).scalars().all()
    ledger.close()
    return found


def associations(ledger: Ledger) -> int:
    """How many are open by the ledger."""
    with ledger.transaction(reading=True) as session:
        return len(session.execute(select(OpenAssociationRow)).scalars().all())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--date", "january"),
        ("--date", "2026011"),
        ("--date", "20261301"),
        ("--date", "20260131-20260101"),
        ("--patient", "A\\B"),
        ("--patient", "x" * 65),
        ("--modality", "us"),
        ("--from", "elsewhere"),
        ("--parallel", "0"),
    ],
)
def test_a_wrong_option_is_a_sentence_and_code_2(
    pacs: Pacs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """It names the option; the PACS is not asked."""
    options = dict(zip(JANUARY[::2], JANUARY[1::2], strict=True)) | {option: value}

    assert call(monkeypatch, *[word for pair in options.items() for word in pair]) == 2
    assert option in capsys.readouterr().err
    assert pacs.associations == 0


@pytest.mark.usefixtures("pacs")
def test_a_cohort_comes_in_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both US studies, neither the CT study nor the SR series; run again, nothing comes."""
    assert call(monkeypatch, *JANUARY) == 0
    assert "studies: 2 found, 2 fetched, 0 already here, 0 failed; 5 instances came in" in capsys.readouterr().out
    assert call(monkeypatch, *JANUARY) == 0
    assert "studies: 2 found, 0 fetched, 2 already here, 0 failed; 0 instances came in" in capsys.readouterr().out

    assert {(row.modality, row.service, row.calling_ae_title) for row in rows(folder)} == {("US", "pull", "HRI_NODE")}
    assert len(rows(folder)) == 5


@pytest.mark.usefixtures("pacs")
def test_a_patients_studies_come_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no others."""
    assert call(monkeypatch, *JANUARY, "--patient", "P2") == 0
    assert len(rows(folder)) == 2


@pytest.mark.usefixtures("pacs")
def test_a_dry_run_counts_and_fetches_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Studies of each day; nothing lies in the spool afterwards."""
    assert call(monkeypatch, *JANUARY, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"studies": 2, "days": {"20260101": 1, "20260102": 1}}
    assert call(monkeypatch, *JANUARY, "--dry-run") == 0
    assert "20260102" in capsys.readouterr().out
    assert [each for each in (folder / "data" / "spool").rglob("*") if each.is_file()] == []


@pytest.mark.usefixtures("pacs")
def test_a_study_that_failed_is_named_and_code_1(
    holdings: Holdings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its reason, on stderr and in JSON; no word of the patient."""
    holdings.gives = 0

    assert call(monkeypatch, *JANUARY, "--json") == 1
    said = capsys.readouterr()
    tally = json.loads(said.out)
    assert (tally["found"], tally["fetched"], tally["failed"]) == (2, 0, 2)
    assert tally["failures"][0]["study_instance_uid"] == "1.2.1"
    assert "study 1.2.1: pacs answered C-GET with 0x" in said.err
    assert not any(word in said.out + said.err for word in ("P1", "SYNTHETIC", "Prüfung", "ACC001"))


@pytest.mark.usefixtures("pacs")
def test_events_do_not_mix_with_json(
    holdings: Holdings, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An instance that the node does not want is an event on stderr; stdout holds one JSON object."""
    large = {"StudyDate": "20260102", "PatientID": "P2"}
    holdings.instances += [as_read(ultrasound_instance(rows=1100, columns=1000, study_uid="1.2.2", attributes=large))]
    with (folder / "config" / "hri-node.toml").open("a") as settings:
        settings.write("[listener]\ninstance_size_max_mib = 1\n")

    assert call(monkeypatch, *JANUARY, "--json") == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["failures"][0]["reason"] == "instance is larger than 1 MiB"
    assert "instance_refused" in said.err


def test_a_pacs_that_is_down_is_a_sentence_and_code_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the attempts that the settings allow."""
    configure(folder, 1)

    assert call(monkeypatch, *JANUARY) == 1
    assert "hri-node: pacs does not answer at 127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.usefixtures("pacs")
def test_a_study_waits_with_its_report_until_it_is_here(
    holdings: Holdings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger knows of an open association as long as the study comes in, and not any longer."""
    ledger = open_ledger(f"sqlite:///{folder / 'data' / 'ledger.sqlite'}")
    seen: list[int] = []
    holdings.before = lambda _event: seen.append(associations(ledger))

    call(monkeypatch, *JANUARY)

    assert seen == [0, 1, 1, 0, 1]
    assert associations(ledger) == 0
    ledger.close()


@pytest.mark.usefixtures("pacs")
def test_ctrl_c_ends_a_pull_that_can_go_on(
    holdings: Holdings, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What came before is here; the same command fetches the rest."""
    moments: list[Event] = []

    def interrupt(event: Event) -> bool:
        moments.append(event)
        if len(moments) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            while event.assoc.is_established and not event.is_cancelled:
                signal.sigtimedwait([], 0.01)
        return len(moments) == 2

    holdings.before = interrupt
    assert call(monkeypatch, *JANUARY) == 1
    assert "stopped; the same command goes on where it ended" in capsys.readouterr().err
    assert len(rows(folder)) == 1
    assert call(monkeypatch, *JANUARY) == 0
    assert len(rows(folder)) == 5
