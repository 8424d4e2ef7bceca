"""`hri-node study import` from the ledger and from a PACS: the same images, and nothing left behind."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from archives import Holdings, archive_of, as_read
from builders import part10, simple_picture, ultrasound_instance
from networks import halves

from hri_node.cli import run
from hri_node.records import Algorithm
from hri_node.segment.runtime import Segmenter
from hri_node.study.project.store import open_study

CONFIG = """
spool_reserve_mib = 1
[delivery]
backoff_first_s = 0.01
backoff_max_s = 0.02
timeout_s = 5.0
[audit]
file = "audit.log"
[[destinations]]
name = "pacs"
host = "127.0.0.1"
port = {port}
called = "PACS"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a node's data and a study without images."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    segmenter = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "openvino", halves)
    monkeypatch.setattr("hri_node.segment.runtime.load", lambda *_: segmenter)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "config").mkdir()
    configure(tmp_path, 1)
    assert call(monkeypatch, "study", "new", "it", "--name", "Trial", "--readers", "R1") == 0
    yield tmp_path
    structlog.reset_defaults()


def configure(folder: Path, port: int) -> None:
    """Settings with one destination."""
    (folder / "config" / "hri-node.toml").write_text(CONFIG.format(port=port))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def images() -> list[bytes]:
    """Three patients' images of three days, the last two images of one patient."""
    made = []
    for number, (patient, day) in enumerate((("P1", 1), ("P2", 2), ("P3", 3), ("P3", 3))):
        attributes = {"PatientID": patient, "StudyDate": f"2026010{day}", "PatientName": f"Geheim^{patient}"}
        pixels = simple_picture(rows=240, columns=320, seed=number).pixels
        made.append(part10(ultrasound_instance(pixels=pixels, study_uid=f"1.2.{day}", attributes=attributes)))
    return made


def take_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the node receive the images."""
    (folder / "in").mkdir()
    for number, data in enumerate(images()):
        (folder / "in" / f"{number}.dcm").write_bytes(data)
    assert call(monkeypatch, "import", "in") == 0


def test_the_ledgers_images_of_some_days_come_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Then those of all days: what is there already stays; the audit trail knows."""
    take_in(monkeypatch, folder)
    assert call(monkeypatch, "study", "import", "it", "--from-ledger", "--date", "20260102-20260103") == 0
    first = open_study(Path("it")).flow()
    assert call(monkeypatch, "study", "import", "it", "--from-ledger") == 0

    assert (first.images, first.subjects, first.not_chosen) == (3, 2, 1)
    assert open_study(Path("it")).flow().included == 3
    assert Path("audit.log").read_text().count('ParticipantObjectID="Trial"') == 2


def test_only_what_a_scanner_sent_comes_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing, where it sent nothing."""
    take_in(monkeypatch, folder)

    assert call(monkeypatch, "study", "import", "it", "--from-ledger", "--scanner", "NOBODY") == 1
    assert open_study(Path("it")).flow().images == 0


def test_a_pacs_images_come_in_past_the_node(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The node's own spool stays empty, what lay aside is gone, and a second import changes nothing."""
    from io import BytesIO

    from pydicom import dcmread

    holdings = Holdings([as_read(dcmread(BytesIO(data))) for data in images()])
    with archive_of(holdings) as pacs:
        configure(folder, pacs.port)
        options = ("study", "import", "it", "--from-pacs", "pacs", "--date", "20260101-20260131")
        assert [call(monkeypatch, *options) for _ in range(2)] == [0, 0]

    flow = open_study(Path("it")).flow()
    assert (flow.images, flow.included) == (4, 3)
    assert not list(folder.glob(".*incoming"))
    assert not [path for path in (folder / "data").rglob("*.dcm") if path.is_file()]


def test_a_pacs_that_is_away_leaves_the_study_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, or 2 where no such destination is known."""
    options = ("study", "import", "it", "--date", "20260101-20260131", "--from-pacs")

    assert call(monkeypatch, *options, "pacs") == 1
    assert call(monkeypatch, *options, "nowhere") == 2
    assert open_study(Path("it")).flow().images == 0


@pytest.mark.parametrize("options", [(), ("--from-ledger", "--from-pacs", "pacs"), ("--from-pacs", "pacs")])
def test_one_source_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    """And of a PACS the days."""
    assert call(monkeypatch, "study", "import", "it", *options) == 2
    assert "--from-" in capsys.readouterr().err
