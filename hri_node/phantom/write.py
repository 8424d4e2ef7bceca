"""A count and a seed come in; a folder of synthetic views, label maps and their truth goes out."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view


@dataclass(frozen=True, slots=True)
class _Job:
    """One view to write."""

    out: Path
    seed: int
    preset: str
    number: int
    study: str | None


def write_views(  # noqa: PLR0913 - the command's own arguments
    out: Path,
    count: int,
    seed: int,
    *,
    dicom: bool = False,
    preset: str = "training",
    progress: Callable[[], None] | None = None,
) -> Path:
    """Write `count` views: ``images/*.png``, ``labels/*.png``, ``truth.jsonl``, and ``dicom/*.dcm`` where asked for.

    Parameters
    ----------
    out
        The folder; made if needed.
    count
        How many views.
    seed
        Seed of the first view; the others follow.
    dicom
        Also write each view as an instance; all of one call are images of one study.
    preset
        Family of the views: ``training`` or ``paper``.
    progress
        Called once per view.

    Returns
    -------
    Path
        ``truth.jsonl``: one JSON object per view, in order.
    """
    for name in ("images", "labels", *(("dicom",) if dicom else ())):
        (out / name).mkdir(parents=True, exist_ok=True)
    study = f"{preset} {seed}" if dicom else None
    jobs = [_Job(out, seed + index, preset, index + 1, study) for index in range(count)]
    truth = out / "truth.jsonl"
    workers = max(1, min(count, os.cpu_count() or 1))
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool, truth.open("w", encoding="utf-8") as lines:
        for line in pool.map(_write_view, jobs, chunksize=4):
            lines.write(line + "\n")
            if progress is not None:
                progress()
    return truth


def write_study(out: Path, count: int, seed: int) -> list[Path]:
    """Write one study of clean views as a scanner would send it: a DICOM file per view.

    Parameters
    ----------
    out
        The folder; made if needed.
    count
        How many views.
    seed
        Seed of the first view; part of the study's UID.

    Returns
    -------
    list[Path]
        The files, in order.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(1, count + 1):
        view = make_view(seed + number - 1, PRESETS["paper"])
        files.append(out / f"{number:04d}.dcm")
        files[-1].write_bytes(phantom_instance(view, Placement(f"paper study {seed}", number)))
    return files


def _write_view(job: _Job) -> str:
    """Write one view; the line of truth about it."""
    view = make_view(job.seed, PRESETS[job.preset])
    stem = f"{job.preset}-{job.seed:06d}"
    picture = view.pixels if view.colour is None else view.colour
    Image.fromarray(picture).save(job.out / "images" / f"{stem}.png")
    Image.fromarray(view.labels).save(job.out / "labels" / f"{stem}.png")
    if job.study is not None:
        placement = Placement(job.study, job.number)
        (job.out / "dicom" / f"{stem}.dcm").write_bytes(phantom_instance(view, placement))
    return json.dumps({"stem": stem, "preset": job.preset, **view.truth()}, sort_keys=True)
