"""A study comes in; tables, marks and label maps go out as files, the same bytes for the same study."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from hri_node.commands.screen import out
from hri_node.commands.study_dcnn import MASKS
from hri_node.errors import Misconfigured
from hri_node.masks import KIDNEY_LABEL, LIVER_LABEL, from_png, label_map, picture_png
from hri_node.study.project.files import write_file
from hri_node.study.project.outcomes import Demographics, Reading
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.records import KeptMark, Organ
from hri_node.study.project.region import inside
from hri_node.study.project.store import Study, open_study

READINGS: Final = (
    "subject",
    "rater",
    "session",
    "liver",
    "kidney",
    "hri",
    "liver_sd",
    "kidney_sd",
    "liver_pixels",
    "kidney_pixels",
    "liver_mm2",
    "kidney_mm2",
    "liver_shape",
    "kidney_shape",
    "part",
)
"""Columns of readings.csv; the first five are what `hri-node agreement` reads."""

DECIMALS: Final = 6

LABELS: Final = {Organ.LIVER: LIVER_LABEL, Organ.CORTEX: KIDNEY_LABEL}
"""Values of the label maps: those of `hri-node measure --labels-dir`."""

Cell = str | int | float | None


def export(folder: Path, output: Path) -> None:
    """Write everything that a study found into a folder; what an earlier export wrote there is replaced.

    Parameters
    ----------
    folder
        Of the study.
    output
        The folder; made if needed.
    """
    study = open_study(folder)
    if output.exists() and not output.is_dir():
        raise Misconfigured(f"--output: {output} is no folder")
    output.mkdir(parents=True, exist_ok=True)
    readings, known = study.readings(), study.demographics()
    _table(output / "readings.csv", *_readings(readings, known))
    _table(output / "demographics.csv", *_demographics(known))
    _table(output / "times.csv", ("subject", "rater", "session", "seconds"), _times(study))
    _table(output / "split.csv", ("subject", "part"), [(name, part.value) for name, part in study.parts().items()])
    _table(output / "exclusions.csv", ("subject", "reason", "sentence", "note", "by", "at"), _exclusions(study))
    _table(output / "dcnn.csv", *_dcnn(study))
    _table(output / "versions.csv", ("what", "version", "detail"), _versions(study))
    marks = _marks(study)
    write_file(
        output / "marks.geojson", _json({"type": "FeatureCollection", "features": [_feature(*m) for m in marks]})
    )
    count = _label_maps(study, [kept for kept, is_finished in marks if is_finished], output / "labels")
    out.print(f"{len(readings)} readings, {len(marks)} marks and {count} label maps in {output}", markup=False)


def _readings(readings: Sequence[Reading], known: Sequence[Demographics]) -> tuple[Sequence[str], list[list[Cell]]]:
    """Readings, with the grade where every subject has one."""
    rows: list[list[Cell]] = [[getattr(each, column) for column in READINGS] for each in readings]
    grades = {each.subject: each.grade for each in known}
    if not all(grades[each.subject] for each in readings) or not readings:
        return READINGS, rows
    return (*READINGS, "grade"), [[*row, grades[each.subject]] for row, each in zip(rows, readings, strict=True)]


def _demographics(known: Sequence[Demographics]) -> tuple[Sequence[str], list[list[Cell]]]:
    numbers = sorted({name for each in known for name in each.numbers})
    texts = sorted({name for each in known for name in each.texts})
    rows: list[list[Cell]] = [
        [
            each.subject,
            each.part.value,
            each.grade,
            *(each.numbers.get(name) for name in numbers),
            *(each.texts.get(name) for name in texts),
        ]
        for each in known
    ]
    return ("subject", "part", "grade", *numbers, *texts), rows


def _times(study: Study) -> list[tuple[Cell, ...]]:
    return [(each.subject, each.rater, each.session, each.seconds) for each in study.times()]


def _exclusions(study: Study) -> list[tuple[Cell, ...]]:
    sentences = study.protocol.reasons
    return [
        (
            each.subject,
            each.reason,
            sentences.get(each.reason, ""),
            each.note,
            each.by or "hri-node",
            each.at.isoformat(),
        )
        for each in study.exclusions()
    ]


def _dcnn(study: Study) -> tuple[Sequence[str], list[list[Cell]]]:
    """What the network found, failures with their reasons among it."""
    steps = ("read", "segment", "measure", "total")
    rows: list[list[Cell]] = []
    for each in study.dcnn():
        found = each.result
        interval = found["hri_interval"] or (None, None)
        lists = (" ".join(found[key]) for key in ("reasons", "warnings"))
        rows.append([
            each.subject,
            found["outcome"],
            *lists,
            found["hri"],
            *interval,
            found["view"]["hepatorenal"],
            *(found["timing_ms"][step] for step in steps),
        ])
    columns = ("subject", "outcome", "reasons", "warnings", "hri", "hri_low", "hri_high", "view")
    return (*columns, *(f"{step}_ms" for step in steps)), rows


def _versions(study: Study) -> list[tuple[Cell, ...]]:
    return [(each.what, each.version, each.detail) for each in study.versions()]


def _marks(study: Study) -> list[tuple[KeptMark, bool]]:
    """Every mark that counts of an included subject, and whether its image is finished."""
    marks = []
    for reader in study.protocol.readers:
        for number in range(1, study.protocol.sessions + 1):
            finished = study.finished(reader, number)
            for subject in sorted(study.order(reader, number)):
                marks += [(kept, subject in finished) for kept in study.marks(reader, number, subject)]
    return marks


def _feature(kept: KeptMark, is_finished: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    """A mark as GeoJSON (RFC 7946) writes a polygon, in pixels: x is the column, y the row."""
    mark, values = kept.mark, kept.values
    ring = [list(point) for point in (*mark.points, mark.points[0])]
    return {
        "type": "Feature",
        "id": mark.mark_id,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "subject": mark.subject,
            "rater": mark.reader,
            "session": mark.session,
            "organ": mark.organ.value,
            "shape": mark.shape.value,
            "mean": values.mean,
            "sd": values.sd,
            "pixels": values.pixels,
            "area_mm2": values.area_mm2,
            "drawn_ms": mark.drawn_ms,
            "placed_at": kept.placed_at.isoformat(),
            "finished": is_finished,
        },
    }


def _label_maps(study: Study, marks: Iterable[KeptMark], folder: Path) -> int:
    """How many label maps were written: what each reader marked in each session, and the organs the network found."""
    of_image: dict[tuple[str, str], list[KeptMark]] = {}
    for kept in marks:
        of_image.setdefault((f"{kept.mark.reader}-{kept.mark.session}", kept.mark.subject), []).append(kept)
    for (rater, subject), drawn in of_image.items():
        image = study.image(subject)
        labels = np.zeros((image.rows, image.columns), np.uint8)
        for kept in drawn:
            labels[inside(kept.mark.points, labels.shape)] = LABELS[kept.mark.organ]
        _picture(folder / rater, subject, labels)
    found = [each.subject for each in study.dcnn()]
    for subject in found:
        _picture(folder / DCNN, subject, label_map(from_png((study.folder / MASKS / f"{subject}.png").read_bytes())))
    return len(of_image) + len(found)


def _picture(folder: Path, subject: str, labels: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / f"{subject}.png", picture_png(labels))


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A CSV file in UTF-8 with one line per row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    write_file(path, buffer.getvalue().encode())


def _text(cell: Cell) -> str | int:
    """A value as it stands in a table: a number with at most `DECIMALS` decimals and no zeros at its end."""
    if isinstance(cell, float):
        return f"{cell:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "" if cell is None else cell


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
