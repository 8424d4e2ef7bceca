"""The folder of a study, or what was exported of it, comes in; its subjects with what readers drew on them go out.

A study's folder has a ``study.toml``. An export (``hri-node study export``) has ``marks.geojson``, ``readings.csv`` and
``split.csv``, and needs the study's folder ``images`` beside them. What is not finished does not count.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hri_node.errors import Refused
from hri_node.study.csv_rows import rows_of
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.protocol import FILE_NAME as PROTOCOL
from hri_node.study.project.records import Organ, Part, Point, Shape
from hri_node.study.project.store import Study, open_study
from hri_node.study.project.subjects import IMAGES

MARKS, READINGS, SPLIT = "marks.geojson", "readings.csv", "split.csv"

OUTLINES = frozenset({Shape.POLYGON, Shape.FREEHAND})
"""What can follow an organ's border; a square cannot."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark of some reader in some session that counts."""

    organ: Organ
    shape: Shape
    points: tuple[Point, ...]
    area_mm2: float


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of a study.

    Attributes
    ----------
    spacing_mm
        (row, column) of the image's pixels.
    marks
        Of all readers and sessions.
    index
        Mean over readers of each one's mean index over sessions; None where nobody has finished it.
    """

    name: str
    part: Part
    image: Path
    spacing_mm: tuple[float, float]
    spacing_source: str
    marks: tuple[Drawn, ...]
    index: float | None


def is_study(folder: Path) -> bool:
    """Whether a folder is a study or what was exported of one."""
    return (folder / PROTOCOL).is_file() or (folder / MARKS).is_file()


def read_study(folder: Path) -> list[Subject]:
    """Every included subject that somebody has finished, in order.

    Parameters
    ----------
    folder
        Of a study, or of an export with the study's images.

    Raises
    ------
    Refused
        A file is missing or not as the node writes it, or a patient is in two parts.
    Misconfigured
        The study cannot be opened.
    """
    if not (folder / PROTOCOL).is_file():
        return _of_export(folder)
    study = open_study(folder)
    try:
        return _of_project(study)
    finally:
        study.close()


def _of_project(study: Study) -> list[Subject]:
    parts = study.parts()
    _refuse_shared(parts, study.subjects())
    indices = _means((each.subject, each.rater, each.hri) for each in study.readings() if each.rater != DCNN)
    marks: dict[str, list[Drawn]] = defaultdict(list)
    for reader in study.protocol.readers:
        for number in range(1, study.protocol.sessions + 1):
            for subject in sorted(study.finished(reader, number) & parts.keys()):
                own = [(kept.mark, kept.values.area_mm2) for kept in study.marks(reader, number, subject)]
                marks[subject] += [Drawn(mark.organ, mark.shape, mark.points, area) for mark, area in own]
    found = [(image, image.subject) for image in study.images() if marks[image.subject]]
    return [
        Subject(
            name, parts[name], image.path, image.spacing_mm, image.spacing_source, tuple(marks[name]), indices.get(name)
        )
        for image, name in found
    ]


def _refuse_shared(parts: Mapping[str, Part], patients: Mapping[str, str]) -> None:
    """A patient whose images are in two parts would be learned from and tested on."""
    seen: dict[str, Part] = {}
    for subject, part in parts.items():
        if seen.setdefault(patients[subject], part) is not part:
            raise Refused(f"subject {subject} is for {part}, another one of the same patient is not")


def _means(readings: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    """Of each subject, mean over readers of the mean over sessions."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for subject, rater, index in readings:
        found[subject][rater].append(index)
    return {subject: float(np.mean([np.mean(own) for own in each.values()])) for subject, each in found.items()}


def _of_export(folder: Path) -> list[Subject]:
    if not (folder / IMAGES).is_dir():
        raise Refused(f"{folder} has no folder {IMAGES}: link or copy that of the study there")
    try:
        parts = {row["subject"]: Part(row["part"]) for row in rows_of(folder / SPLIT, ("subject", "part"))}
        readings = rows_of(folder / READINGS, ("subject", "rater", "liver", "kidney"))
        own = [row for row in readings if row["rater"] != DCNN]
        indices = _means((row["subject"], row["rater"], float(row["liver"]) / float(row["kidney"])) for row in own)
        features = json.loads((folder / MARKS).read_text(encoding="utf-8"))["features"]
        marks: dict[str, list[Drawn]] = defaultdict(list)
        for feature in features:
            if feature["properties"]["finished"]:
                marks[feature["properties"]["subject"]].append(_drawn(feature))
        return [_exported(folder / IMAGES, name, (parts[name], marks[name], indices)) for name in sorted(marks)]
    except (OSError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise Refused(f"{folder} is not as `hri-node study export` writes it: {error!r}") from error


def _drawn(feature: Mapping[str, Any]) -> Drawn:
    said = feature["properties"]
    corners = feature["geometry"]["coordinates"][0][:-1]
    points = tuple((float(column), float(row)) for column, row in corners)
    return Drawn(Organ(said["organ"]), Shape(said["shape"]), points, float(said["area_mm2"]))


def _exported(images: Path, name: str, known: tuple[Part, list[Drawn], Mapping[str, float]]) -> Subject:
    part, marks, indices = known
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no subject")
    image = images / f"{name}.png"
    said = json.loads(image.with_suffix(".json").read_text(encoding="utf-8"))
    row_mm, column_mm = (float(each) for each in said["spacing_mm"])
    spacing = (row_mm, column_mm), str(said["spacing_source"])
    return Subject(name, part, image, *spacing, tuple(marks), indices.get(name))
