"""The command line: exit codes and sentences that users rely on."""

import fcntl
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import instance_file
from ledger_rows import an_instance

from hri_node.cli import run
from hri_node.ledger.ledger import open_ledger
from hri_node.settings import SHIPPED_MODEL_DIR

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a data folder and settings that admit the spool on a small disk."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "hri-node.toml").write_text("spool_reserve_mib = 1\n")
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def test_a_wrong_setting_is_one_sentence_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and the key is named."""
    monkeypatch.setenv("HRI_LISTENER__PORT", "many")

    assert call(monkeypatch, "status") == 2
    error = capsys.readouterr().err
    assert error.startswith("hri-node: listener.port: ")
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["send", ".", "--to", "nowhere", "--called", "PACS"],
        ["send", ".", "--to", "h:1", "--called", "SEVENTEEN_LETTERS"],
        ["send", "absent", "--to", "h:1", "--called", "PACS"],
        ["worker", "--queues", "measure,nonsense"],
        ["jobs", "show", "deliver-1"],
        ["jobs", "retry"],
        ["jobs", "retry", "measure-1", "--failed"],
        ["jobs", "discard", "nonsense"],
        ["status", "--config", "absent.toml"],
        ["measure", "config", "--mm-per-px", "0"],
        ["measure", "config", "--mm-per-px", "a,b"],
    ],
)
def test_wrong_usage_is_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Something is said, and it is no traceback."""
    assert call(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert error.strip()
    assert "Traceback" not in error


def test_a_model_that_is_not_what_its_manifest_says_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One changed byte in a file of the network, and no worker begins."""
    model = folder / "model"
    shutil.copytree(next(SHIPPED_MODEL_DIR.glob("*/manifest.toml")).parent, model)
    with (model / "icnet.xml").open("ab") as file:
        file.write(b" ")
    monkeypatch.setenv("HRI_MODEL_DIR", str(model))

    assert [call(monkeypatch, *command) for command in (["up"], ["worker", "--queues", "measure"])] == [2, 2]
    assert "SHA-256" in capsys.readouterr().err


def test_a_second_node_in_the_same_folder_does_not_start(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two nodes would share one Redis file; the second one says so and touches nothing."""
    with (folder / "data" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert call(monkeypatch, "up") == 2

    assert "another node runs in data" in capsys.readouterr().err
    assert not (folder / "data" / "redis").exists()


def test_a_fresh_set_up_is_checked_before_the_node_runs(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every part answers, the embedded Redis too, which runs no longer than that; who is not let in is said."""
    assert call(monkeypatch, "check") == 0

    assert "allowed_peers and scanners are empty" in capsys.readouterr().out
    assert not (folder / "data" / "redis" / "redis.sock").exists()


def test_a_destination_that_does_not_answer_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, with what is wrong."""
    monkeypatch.setenv("HRI_DESTINATIONS", '[{"name": "pacs", "host": "127.0.0.1", "port": 1, "called": "PACS"}]')

    assert call(monkeypatch, "check") == 1
    assert "destination pacs" in capsys.readouterr().out


def test_sending_to_nobody_is_code_1(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The work failed, and nothing hangs."""
    instance_file(folder)

    assert call(monkeypatch, "send", "instance.dcm", "--to", "127.0.0.1:1", "--called", "PACS") == 1


def test_what_is_imported_waits_to_be_measured(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An imported file is in the ledger as if it had been received, once however often it comes."""
    instance_file(folder)

    assert [call(monkeypatch, "import", "instance.dcm") for _ in range(2)] == [0, 0]
    call(monkeypatch, "status", "--json")

    status = json.loads(capsys.readouterr().out.split("refused\n")[-1])
    assert status["queues"]["measure"]["waiting"] == 1
    assert status["instances_24h"] == {"waiting": 1}


def test_importing_what_is_no_dicom_is_code_4(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """An input could not be read."""
    (folder / "text.txt").write_text("no image")

    assert call(monkeypatch, "import", "text.txt") == 4


def test_jobs_are_listed_shown_discarded_and_done_again(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole life of a row from the command line."""
    ledger = open_ledger(f"sqlite:///{folder / 'data' / 'ledger.sqlite'}")
    ledger.add_instance(an_instance(), None, 30.0)
    ledger.close()

    states = []
    for command in (["discard", "measure-1"], ["retry", "measure-1"]):
        assert call(monkeypatch, "jobs", *command) == 0
        capsys.readouterr()
        assert call(monkeypatch, "jobs", "show", "measure-1") == 0
        states.append(json.loads(capsys.readouterr().out)["state"])

    assert states == ["discarded", "waiting"]


def test_measuring_what_is_no_image_is_code_4(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is named, and the others are measured all the same."""
    (folder / "text.txt").write_text("no image")
    instance_file(folder)

    assert call(monkeypatch, "measure", "text.txt", "instance.dcm", "--json") == 4
    captured = capsys.readouterr()
    assert "text.txt" in captured.err
    assert json.loads(captured.out)["source"] == "instance.dcm"


def test_the_json_of_a_frame_has_the_keys_that_users_rely_on(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every key of the contract, one object per line."""
    instance_file(folder, frames=2)

    call(monkeypatch, "measure", "instance.dcm", "--json")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["frame_number"] for line in lines] == [1, 2]
    assert set(lines[0]) == {
        *("source", "sop_instance_uid", "frame_number", "outcome", "reasons", "warnings", "hri", "hri_interval"),
        *("liver", "renal_cortex", "spacing_mm", "spacing_source", "view", "segmentation_confidence", "model"),
        *("timing_ms", "delta_db"),
    }
    assert set(lines[0]["timing_ms"]) == {"read", "segment", "measure", "total"}
    assert set(lines[0]["model"]) == {"name", "version", "device_uid", "sha256"}


def test_an_image_that_is_not_measurable_is_code_3(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Where the settings forbid to guess it, a picture without spacing has no 15 mm region."""
    instance_file(folder, spacing_mm=None)
    monkeypatch.setenv("HRI_MEASURE__STRICT_SPACING", "true")

    assert call(monkeypatch, "measure", "instance.dcm") == 3


def test_pictures_are_written_where_asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Label map and overlay, named after the file."""
    instance_file(folder)

    call(monkeypatch, "measure", "instance.dcm", "--labels-dir", "labels", "--overlay-dir", "overlays")

    assert [path.name for path in sorted(folder.glob("*s/*.png"))] == ["instance.png", "instance.png"]


def test_dicom_results_are_the_same_bytes_every_time(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """SR and picture, at least, beside each other, named after the file; measured again, byte for byte the same."""
    instance_file(folder)
    found = []
    for _ in range(2):
        call(monkeypatch, "measure", "instance.dcm", "--dicom-dir", "results")
        found.append({path.name: path.read_bytes() for path in (folder / "results").iterdir()})

    assert {"instance.sr.dcm", "instance.sc.dcm"} <= set(found[0])
    assert found[0] == found[1]


def test_a_frame_that_is_not_there_is_code_4(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Frame numbers are 1-based and end with the last one."""
    instance_file(folder)

    assert call(monkeypatch, "measure", "instance.dcm", "--frame", "2") == 4
