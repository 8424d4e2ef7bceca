"""Real and broken input through the whole node: each instance ends with an outcome or a reason; none hangs."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from builders import instance_file, part10, ultrasound_instance, wrapped_picture
from pydicom import dcmread
from pydicom.dataset import Dataset
from running import RunningNode, eventually

from hri_node.ledger.states import InstanceState, JobState, Queue
from hri_node.ledger.tables import InstanceRow
from hri_node.measure.types import Reason
from hri_node.records import Peer
from hri_node.send.files import Tally, send_files

BUNDLED = Path(pydicom.__file__).parent / "data" / "test_files"
REAL = Path(__file__).parents[3] / "shared" / "data" / "real-dev"
SETTLED_WITHIN_S = 300
REASONS = {reason.value for reason in Reason}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node without destination."""
    running = RunningNode(tmp_path_factory.mktemp("inputs") / "node", {}, quiet_s=1.0)
    yield running
    running.stop()


def push(node: RunningNode, files: list[Path]) -> Tally:
    """Send files as a scanner would."""
    peer = Peer("node", "127.0.0.1", node.port, "HRI_NODE", "SCANNER")
    return send_files(files, peer, lambda _outcome: None)


def settled(node: RunningNode, files: list[Path]) -> dict[str, InstanceRow]:
    """Row of each instance by file name, once none of them waits any more."""
    uids = {str(dcmread(path, stop_before_pixels=True).SOPInstanceUID): path.name for path in files}
    ledger = node.ledger

    def done() -> bool:
        return not ledger.jobs(Queue.MEASURE, JobState.WAITING) and not ledger.jobs(Queue.MEASURE, JobState.RUNNING)

    eventually(done, SETTLED_WITHIN_S, "the end of every measurement")
    rows = [ledger.instance(int(job.job_id.partition("-")[2])) for job in ledger.jobs(Queue.MEASURE, limit=10_000)]
    return {uids[row.sop_instance_uid]: row for row in rows if row.sop_instance_uid in uids}


@pytest.mark.filterwarnings("ignore")  # pydicom warns about what some of these files hold, on purpose
def test_the_files_bundled_with_pydicom(node: RunningNode) -> None:
    """None of them shows liver and kidney: every one is skipped, refused or not measurable, with the reason."""
    files = [path for path in sorted(BUNDLED.rglob("*.dcm")) if is_complete(path)]

    tally = push(node, files)
    rows = settled(node, files)

    assert tally.refused == sum(names_another(path) for path in files)
    for name in ("examples_jpeg2k", "examples_palette", "examples_rgb_color", "examples_ybr_color"):
        row = rows[f"{name}.dcm"]
        assert row.state == InstanceState.NOT_MEASURABLE, (name, row.state, row.detail)
        assert row.reason in REASONS
    ended = {InstanceState.NOT_MEASURABLE, InstanceState.SKIPPED, InstanceState.REFUSED}
    assert {row.state for row in rows.values()} <= ended
    assert all(row.reason for row in rows.values())


def is_complete(path: Path) -> bool:
    """Whether a file can be sent at all: DICOM with the UIDs that a C-STORE names."""
    try:
        ds = dcmread(path, stop_before_pixels=True)
    except pydicom.errors.InvalidDicomError:
        return False
    return all(keyword in ds for keyword in ("SOPInstanceUID", "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID"))


def names_another(path: Path) -> bool:
    """Whether the meta information, which a C-STORE goes by, names another instance or class than the dataset."""
    ds = dcmread(path, stop_before_pixels=True)
    meta = ds.file_meta
    return (meta.MediaStorageSOPInstanceUID, meta.MediaStorageSOPClassUID) != (ds.SOPInstanceUID, ds.SOPClassUID)


def test_real_frames(node: RunningNode, tmp_path: Path) -> None:
    """Frames of a real scanner, wrapped as DICOM, each end as measured or with a reason of the list."""
    if not REAL.is_dir():
        pytest.skip("the real-dev frames are not beside this checkout")
    files = []
    for picture in sorted((REAL / "images").glob("*.jpg")):
        files.append(tmp_path / f"{picture.stem}.dcm")
        files[-1].write_bytes(part10(wrapped_picture(picture, (0.35, 0.35))))

    tally = push(node, files)
    rows = settled(node, files)

    assert tally.accepted == len(rows) == len(files)
    for row in rows.values():
        assert row.state in {InstanceState.MEASURED, InstanceState.NOT_MEASURABLE}
        assert (row.hri is not None) == (row.state == InstanceState.MEASURED)
        assert row.state == InstanceState.MEASURED or row.reason in REASONS


def broken(kind: str) -> Dataset:
    """An ultrasound instance that is wrong in one way."""
    ds = ultrasound_instance()
    match kind:
        case "no pixel data":
            del ds.PixelData
        case "0 frames":
            ds.NumberOfFrames = 0
        case "frames declared but missing":
            ds.NumberOfFrames = 7
        case "wrong bits":
            ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
        case "huge picture with few bytes":
            ds.Rows = ds.Columns = 65535
    return ds


@pytest.mark.parametrize(
    "kind", ["no pixel data", "0 frames", "frames declared but missing", "wrong bits", "huge picture with few bytes"]
)
def test_a_broken_instance_is_received_and_refused_with_its_reason(
    node: RunningNode, tmp_path: Path, kind: str
) -> None:
    """The scanner gets its success, as the bytes are safe; the ledger says why there is no measurement."""
    file = tmp_path / "broken.dcm"
    ds = broken(kind)
    file.write_bytes(part10(ds))

    assert push(node, [file]).accepted == 1
    row = settled(node, [file])["broken.dcm"]

    assert row.state in {InstanceState.REFUSED, InstanceState.SKIPPED}, row.detail
    assert row.reason in {"unreadable", "no_pixel_data"}
    assert str(ds.PatientName) not in row.detail


def test_an_instance_without_regions_is_not_measurable(node: RunningNode, tmp_path: Path) -> None:
    """Without calibration there is no 15 mm region, or no liver in the first place; the reason says which."""
    file = instance_file(tmp_path, regions=())

    push(node, [file])
    row = settled(node, [file])[file.name]

    assert row.state == InstanceState.NOT_MEASURABLE
    assert row.reason in REASONS


def test_other_content_under_a_known_uid_keeps_the_first(node: RunningNode, tmp_path: Path) -> None:
    """Both are answered with success; the first one stays, the second is kept beside it."""
    first = ultrasound_instance()
    second = dcmread(BytesIO(part10(first)))
    second.PatientComments = "other content"
    files = [tmp_path / "first.dcm", tmp_path / "second.dcm"]
    for file, ds in zip(files, (first, second), strict=True):
        file.write_bytes(part10(ds))

    assert push(node, files).accepted == 2
    rows = settled(node, files[:1])

    kept = list((node.folder / "spool" / "instances").rglob("*.dcm"))
    of_both = [path for path in kept if first.SOPInstanceUID.encode() in path.read_bytes()]
    assert len(of_both) == 2
    assert "other content" not in str(dcmread(node.folder / "spool" / rows["first.dcm"].spool_key))


def test_the_node_is_well_after_all_this(node: RunningNode) -> None:
    """Every role runs, nothing failed for a reason of ours."""
    assert node.run("check").returncode == 0
    failed = [job for job in node.ledger.jobs(Queue.MEASURE, JobState.FAILED, 1000) if job.outcome == "failed"]
    assert failed == []
    assert "internal error" not in (node.folder / "log").read_text()
