"""The command line about scanners, destinations and queues: what is set up, asked, paused and completed."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dimse import running_pacs
from imaged import Image, add_image
from running import free_port
from sqlalchemy import update

from hri_node.cli import run
from hri_node.ledger.contacts import News
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Queue, SetupKind, StudyState
from hri_node.ledger.tables import StudyRow

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command in a folder of its own: its exit code, its output and its complaints."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def ledger(call: Call, tmp_path: Path) -> Iterator[Ledger]:  # noqa: ARG001 - the folder must be there
    """The ledger that the commands use."""
    opened = open_ledger(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")
    yield opened
    opened.close()


def test_a_scanner_is_set_up_changed_and_removed(call: Call, ledger: Ledger) -> None:
    """By options for the keys that matter, and `--set` for all others; who did it is written down."""
    added = ("US1", "--host", "10.0.0.5", "--study-quiet-s", "60", "--return-results", "--set", "tls=true")
    assert call("scanner", "add", *added)[:2] == (0, "scanner US1 is set up\n")
    assert call("scanner", "update", "US1", "--port", "11112", "--set", "study_quiet_s=", "--no-return-results")[0] == 0

    (there,) = ledger.setups(SetupKind.SCANNER)
    assert there.chosen == {"ae_title": "US1", "host": "10.0.0.5", "port": 11112, "tls": {}}
    assert there.changed_by.endswith("(command line)")

    assert call("scanner", "rm", "US1")[:2] == (0, "scanner US1 is removed\n")
    assert [act.what for act in ledger.acts()] == ["scanner rm", "scanner update", "scanner add"]


def test_a_destination_is_set_up_with_rules(call: Call, ledger: Ledger) -> None:
    """Lists are written with commas."""
    rules = ("--set", "only.calling=US_*,CT_1", "--set", "only.kinds=sr")
    assert call("destination", "add", "pacs", "--host", "pacs.example", "--called", "PACS", *rules)[0] == 0

    (there,) = ledger.setups(SetupKind.DESTINATION)
    assert there.chosen["only"] == {"calling": ["US_*", "CT_1"], "kinds": ["sr"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("destination", "add", "pacs"), "destination pacs needs host, port and called"),
        (("destination", "add", "a:b", "--host", "h", "--called", "P"), "name: it holds a colon"),
        (("destination", "update", "pax", "--port", "1"), "there is no destination pax"),
        (("destination", "rm", "pax"), "there is no destination pax"),
        (("destination", "echo", "pax"), "there is no destination pax"),
        (("scanner", "add", "US1", "--set", "port"), "--set port: needs KEY=VALUE"),
        (("scanner", "add", "US1", "--set", "tls.password=x"), "a password does not belong here"),
        (("scanner", "add", "US1", "--set", "prot=1"), "a scanner has no such key"),
        (("scanner", "add", "US1", "--port", "0"), "port: it must be greater than or equal to 1"),
        (("jobs", "complete", "1.2.9"), "there is no study 1.2.9"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_code_2(
    call: Call, ledger: Ledger, arguments: tuple[str, ...], words: str
) -> None:
    """And nothing is changed."""
    code, said, complaint = call(*arguments)

    assert (code, said, complaint.count("\n")) == (2, "", 1)
    assert words in complaint
    assert ledger.setups(SetupKind.SCANNER) == ledger.setups(SetupKind.DESTINATION) == ledger.acts() == []


def test_what_is_there_is_not_set_up_again(call: Call) -> None:
    """That is what `update` is for."""
    call("scanner", "add", "US1")

    assert call("scanner", "add", "US1")[::2] == (2, "hri-node: there is a scanner US1 already\n")


def test_a_peer_that_answers_is_exit_code_0(call: Call, ledger: Ledger) -> None:
    """A destination that was away is sent to again."""
    with running_pacs() as pacs:
        here = ("--host", "127.0.0.1", "--port", str(pacs.port))
        call("destination", "add", "pacs", *here, "--called", "PACS")
        call("scanner", "add", "US1", *here)
        now = datetime.now(UTC)
        ledger.note_outage("pacs", "no answer", now, now)

        answers = [call(kind, "echo", name) for kind, name in (("destination", "pacs"), ("scanner", "US1"))]

    assert [code for code, _, _ in answers] == [0, 0]
    assert answers[0][1].startswith("pacs answers C-ECHO after ")
    assert ledger.failures("pacs") == 0


def test_a_peer_that_does_not_answer_is_exit_code_1(call: Call) -> None:
    """In one sentence that says where nobody was."""
    port = str(free_port())
    call("destination", "add", "pacs", "--host", "127.0.0.1", "--port", port, "--called", "PACS")

    code, _, complaint = call("destination", "echo", "pacs")

    assert code == 1
    assert complaint.startswith(f"hri-node: pacs does not answer at 127.0.0.1:{port}")


def test_a_scanner_without_an_address_cannot_be_asked(call: Call) -> None:
    """It is said what is missing."""
    call("scanner", "add", "US1")

    assert call("scanner", "echo", "US1")[::2] == (1, "hri-node: US1 has no host: where it listens is not known\n")


def test_scanners_are_listed_with_those_that_only_called(call: Call, ledger: Ledger) -> None:
    """Why somebody was turned away stands beside."""
    call("scanner", "add", "US1", "--host", "10.0.0.5")
    now = datetime.now(UTC)
    ledger.note_contacts([News("US2", "10.0.0.6", rejected_at=now, rejections=1, rejection="it is not known")], now)

    listed = json.loads(call("scanner", "ls", "--json")[1])

    assert [(one["ae_title"], one["configured"]) for one in listed] == [("US1", True), ("US2", False)]
    assert "10.0.0.6: it is not known" in call("scanner", "ls")[1]


def test_a_removed_destination_says_what_waits(call: Call, ledger: Ledger) -> None:
    """Nobody is surprised by dead letters; its pause is forgotten."""
    call("destination", "add", "pacs", "--host", "h", "--called", "PACS")
    call("destination", "pause", "pacs")

    assert call("destination", "rm", "pacs")[1] == "destination pacs is removed\n"
    assert ledger.states() == []


def test_a_queue_is_paused_and_goes_on(call: Call, ledger: Ledger) -> None:
    """The listing says by whom."""
    assert call("queue", "pause", "deliver")[:2] == (0, "deliver is paused\n")
    assert list(ledger.paused_queues()) == [Queue.DELIVER]
    assert "paused by " in call("queue", "ls")[1]
    assert json.loads(call("queue", "ls", "--json")[1])["deliver"]["paused_by"].endswith("(command line)")

    assert call("queue", "resume", "deliver")[0] == 0
    assert ledger.paused_queues() == {}
    assert [act.what for act in ledger.acts()] == ["queue resume", "queue pause"]


def test_an_open_study_is_completed(call: Call, ledger: Ledger) -> None:
    """It is reported as it is; one that is reported already is not."""
    add_image(ledger, Image(1, hri=1.2))

    assert call("jobs", "complete", "1.2.3.1")[:2] == (0, "report-1 is reported as it is\n")
    assert ledger.study(1).forced_at is not None

    with ledger.transaction() as session:
        session.execute(update(StudyRow).values(state=StudyState.REPORTED))
    code, _, complaint = call("jobs", "complete", "1.2.3.1")
    assert (code, complaint) == (1, "hri-node: study 1.2.3.1 is not open: there is nothing to complete\n")


def test_jobs_that_are_mended_are_in_the_log(call: Call, ledger: Ledger) -> None:
    """As those that are mended on a page."""
    add_image(ledger, Image(1))

    call("jobs", "discard", "measure-1")

    assert [(act.what, act.about) for act in ledger.acts()] == [("jobs discard", "measure-1")]
