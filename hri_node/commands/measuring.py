"""DICOM files and pictures come in; JSON lines, label maps, overlays and DICOM results go out. No node is needed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from rich.table import Table

from hri_node import masks as mask_files
from hri_node.commands.screen import DONE, MISUSED, NOT_MEASURABLE, UNREADABLE, fail, out, progress, say
from hri_node.errors import Unreadable
from hri_node.measure.types import Options, Outcome
from hri_node.measuring import Looked, Means, Source, look_at, measure_source
from hri_node.read.frames import frame_count
from hri_node.read.identity import identify
from hri_node.read.picture import read_picture
from hri_node.records import Algorithm, FrameResult, MeasuredImage
from hri_node.report.build import report_objects
from hri_node.report.picture import overlay
from hri_node.reporting import first_context
from hri_node.sections import ReportSettings
from hri_node.segment import runtime
from hri_node.settings import Settings

MM_PER_PX_MAX = 100.0

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller of `hri-node measure` asked for beyond the values."""

    as_json: bool = False
    mm_per_px: tuple[float, float] | None = None
    frame_number: int | None = None
    labels_dir: Path | None = None
    overlay_dir: Path | None = None
    dicom_dir: Path | None = None
    report: ReportSettings = field(default_factory=ReportSettings)

    def make_folders(self) -> None:
        """Make the folders that are to be written to."""
        for folder in (self.labels_dir, self.overlay_dir, self.dicom_dir):
            if folder:
                folder.mkdir(parents=True, exist_ok=True)


@dataclass
class Tally:
    """What happened so far."""

    results: list[FrameResult] = field(default_factory=list)
    unreadable: int = 0

    @property
    def exit_code(self) -> int:
        """The code that `hri-node measure` ends with; an unreadable input outweighs an image without index."""
        if self.unreadable:
            return UNREADABLE
        return DONE if all(result.outcome == Outcome.MEASURED for result in self.results) else NOT_MEASURABLE


def load_means(settings: Settings, options: Options) -> Means:
    """The network, and how to measure.

    Raises
    ------
    Misconfigured
        When the network cannot be loaded.
    """
    return runtime.load(settings.model_dir, settings.measure.runtime, settings.measure.threads), options


def spacing_of(text: str | None) -> tuple[float, float] | None:
    """(row, column) spacing out of ``ROW[,COLUMN]``, in millimetres."""
    if text is None:
        return None
    parts = text.split(",")
    try:
        row, column = float(parts[0]), float(parts[-1])
    except ValueError:
        row = column = 0.0
    if len(parts) not in {1, 2} or not (0 < row < MM_PER_PX_MAX and 0 < column < MM_PER_PX_MAX):
        fail(f"--mm-per-px: {text!r} must be one or two positive numbers such as 0.3 or 0.3,0.4", MISUSED)
    return row, column


def measure_paths(paths: Sequence[Path], means: Means, wishes: Wishes) -> int:
    """Exit code after measuring every file.

    Parameters
    ----------
    paths
        Files, or folders whose files are all meant.
    means
        The network, and how to measure.
    wishes
        What to write.
    """
    tally = Tally()
    files = list(_files(paths))
    wishes.make_folders()
    with progress("measuring", len(files)) as advance:
        for path in files:
            try:
                _measure_file(path, means, wishes, tally)
            except Unreadable as error:
                tally.unreadable += 1
                say(f"{path}: {error}")
            advance()
    if not wishes.as_json:
        out.print(_table(tally.results))
    return tally.exit_code


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        else:
            yield path


def _measure_file(path: Path, means: Means, wishes: Wishes, tally: Tally) -> None:
    is_picture = path.suffix.lower() in PICTURE_SUFFIXES
    looked = _look_at_picture(path, means, wishes) if is_picture else _look_at_instance(path, means, wishes)
    has_frames = not is_picture and frame_count(path) > 1
    for each in looked:
        tally.results.append(each.result)
        if wishes.as_json:
            print(json.dumps(each.result.to_json()), flush=True)  # noqa: T201 - JSON lines, which rich would wrap
        stem = f"{path.stem}_{each.frame.frame_number}" if has_frames else path.stem
        _write_pictures(stem, each, wishes)
        if wishes.dicom_dir and not is_picture:
            _write_dicom(wishes.dicom_dir / stem, (path, each), means[1], wishes.report)


def _look_at_picture(path: Path, means: Means, wishes: Wishes) -> Iterator[Looked]:
    began = perf_counter()
    frame = read_picture(path, wishes.mm_per_px)
    yield look_at(frame, Source(str(path), None, path), means, 1000 * (perf_counter() - began))


def _look_at_instance(path: Path, means: Means, wishes: Wishes) -> Iterator[Looked]:
    source = Source(str(path), identify(path).sop_instance_uid, path)
    count = frame_count(path)
    if wishes.frame_number and wishes.frame_number > count:
        raise Unreadable(f"frame {wishes.frame_number} was asked for, {count} are there")
    numbers = [wishes.frame_number] if wishes.frame_number else range(1, count + 1)
    return measure_source(source, numbers, means, wishes.mm_per_px)


def _write_pictures(stem: str, looked: Looked, wishes: Wishes) -> None:
    if wishes.labels_dir:
        labels = mask_files.picture_png(mask_files.label_map(looked.masks))
        (wishes.labels_dir / f"{stem}.png").write_bytes(labels)
    if wishes.overlay_dir:
        picture = overlay(looked.frame, looked.masks, looked.result)
        (wishes.overlay_dir / f"{stem}.png").write_bytes(mask_files.picture_png(picture))


def _write_dicom(stem: Path, found: tuple[Path, Looked], options: Options, chosen: ReportSettings) -> None:
    """SR, SEG and picture of one frame; dated by the study, so that measuring it again writes the same bytes."""
    path, looked = found
    image = MeasuredImage(path, looked.result, looked.masks, looked.frame)
    context = first_context(chosen, options, identify(path).study_began_at)
    for made in report_objects([image], Algorithm(**looked.result.model), context):
        stem.with_name(f"{stem.name}.{made.kind}.dcm").write_bytes(made.data)


def _table(results: Sequence[FrameResult]) -> Table:
    table = Table("Source", "Frame", "HRI", "Interval", "Liver", "Cortex", "Reasons, warnings")
    for result in results:
        values = ["-", "-", "-", "-"]
        if result.hri is not None and result.hri_interval and result.liver and result.renal_cortex:
            low, high = result.hri_interval
            means = (f"{region['mean']:.1f}" for region in (result.liver, result.renal_cortex))
            values = [f"{result.hri:.2f}", f"{low:.2f} to {high:.2f}", *means]
        notes = ", ".join(result.reasons + result.warnings)
        table.add_row(result.source, str(result.frame_number), *values, notes)
    table.caption = "Research use: it informs, it never diagnoses."
    return table
