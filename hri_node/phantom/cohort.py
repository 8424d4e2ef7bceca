"""A count and a seed come in; synthetic patients, each with one view and its known truth, go out as files."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view

TRIES_MAX = 20
"""Views drawn for each that shows both organs at one depth: nearly every one does."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A synthetic patient: Patient ID, DICOM file, label map, and what is true of the view (`View.truth`)."""

    patient_id: str
    instance: Path
    labels: Path
    truth: dict[str, Any]


def write_cohort(out: Path, count: int, seed: int, progress: Callable[[], None]) -> list[Patient]:
    """Write patients whose clean views have a true index; those that are written already stay.

    Parameters
    ----------
    out
        The folder; made if needed.
    count
        How many.
    seed
        Seed of the first view; the others follow.
    progress
        Called once per view.

    Returns
    -------
    list[Patient]
        In the order of their seeds.
    """
    out.mkdir(parents=True, exist_ok=True)
    found: list[Patient] = []
    seeds = range(seed, seed + TRIES_MAX * count)
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
        while len(found) < count:
            missing = count - len(found)
            now, seeds = seeds[:missing], seeds[missing:]
            found += _written(pool, out, now, progress)
    return found


def _written(pool: ProcessPoolExecutor, out: Path, seeds: Sequence[int], progress: Callable[[], None]) -> list[Patient]:
    """Those of the seeds that have a true index."""
    new = [seed for seed in seeds if not _truth(out, seed).is_file()]
    for _ in range(len(seeds) - len(new)):
        progress()
    for _ in pool.map(_write, [out] * len(new), new):
        progress()
    patients = [_patient(out, seed) for seed in seeds]
    return [patient for patient in patients if patient.truth["levels"]]


def _patient(out: Path, seed: int) -> Patient:
    name, truth = _name(seed), json.loads(_truth(out, seed).read_text(encoding="utf-8"))
    return Patient(name, out / f"{name}.dcm", out / f"{name}.png", truth)


def _name(seed: int) -> str:
    return f"PHANTOM-{seed:06d}"


def _truth(out: Path, seed: int) -> Path:
    return out / f"{_name(seed)}.json"


def _write(out: Path, seed: int) -> None:
    """One view; its truth last, so that a killed run begins with it again."""
    view, name = make_view(seed, PRESETS["paper"]), _name(seed)
    labels = BytesIO()
    Image.fromarray(view.labels).save(labels, "PNG")
    (out / f"{name}.png").write_bytes(labels.getvalue())
    (out / f"{name}.dcm").write_bytes(phantom_instance(view, Placement(f"synthetic study {seed}", 1, name)))
    aside = out / f".{name}.json"
    aside.write_text(json.dumps(view.truth(), sort_keys=True), encoding="utf-8")
    aside.replace(_truth(out, seed))
