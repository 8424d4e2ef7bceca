"""Studies for the tests, made of drawn pictures: `made_study` has subjects whose pixels are known; never a patient."""

import hashlib
import uuid
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.study.project.fates import Fate, NewSubject, Source
from hri_node.study.project.protocol import Protocol
from hri_node.study.project.records import ImageInfo, Mark, Organ, Point, Shape
from hri_node.study.project.store import Study, create_study

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

SPACING_MM = (0.5, 0.25)
"""15 mm are 30 rows and 60 columns."""

SIZE = (120, 200)
"""Rows and columns."""

LIVER_LEVEL, CORTEX_LEVEL = 80, 60
"""Left half and right half of a picture; every subject is one level brighter than the one before."""


def a_protocol(**changes: Any) -> Protocol:  # noqa: ANN401 - fields of Protocol
    """A protocol of two readers."""
    known: dict[str, Any] = {"name": "Trial", "study_id": "0" * 32, "key": "../trial.key.csv", "readers": ("R1", "R2")}
    return Protocol(**(known | {"seed": 7} | changes))


def halves(number: int) -> NDArray[np.uint8]:
    """Picture of a subject: liver on the left, cortex on the right."""
    pixels = np.full(SIZE, CORTEX_LEVEL + number, np.uint8)
    pixels[:, : SIZE[1] // 2] = LIVER_LEVEL + number
    return pixels


def add_image(study: Study, number: int, pixels: NDArray[np.uint8] | None = None, **changes: Any) -> str:  # noqa: ANN401
    """Add subject `number` with its picture; its name. `changes` are fields of ImageInfo."""
    pixels = halves(number) if pixels is None else pixels
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    name = f"S{number:04d}"
    known = {"spacing_mm": SPACING_MM, "spacing_source": "ultrasound_region", "family": "Maker Model"} | changes
    size = {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
    }
    info = ImageInfo(subject=name, path=study.image_path(name), **size, **known)
    study.keep_image(info, buffer.getvalue())
    source = Source(f"source-{number}", f"pixels-{number}", Fate.CHOSEN)
    study.add_subject(NewSubject(name, f"patient-{number}", (source,), info), NOW)
    return name


def made_study(folder: Path, subjects: int = 3, **changes: Any) -> Study:  # noqa: ANN401 - fields of Protocol
    """A study with subjects S0001 and on, assigned to its readers; `changes` are of the protocol."""
    study = create_study(folder, a_protocol(**changes))
    for number in range(1, subjects + 1):
        add_image(study, number)
    if subjects:
        study.assign()
    return study


def square_at(column: float, row: float) -> tuple[Point, ...]:
    """A square of 15 mm with this top left corner."""
    right, bottom = column + 15 / SPACING_MM[1], row + 15 / SPACING_MM[0]
    return ((column, row), (right, row), (right, bottom), (column, bottom))


def a_mark(subject: str, organ: Organ = Organ.LIVER, **changes: Any) -> Mark:  # noqa: ANN401 - fields of Mark
    """A square on the half that is the organ, by R1 in session 1."""
    points = square_at(10 if organ is Organ.LIVER else 120, 20)
    known = {"reader": "R1", "session": 1, "shape": Shape.SQUARE, "points": points, "drawn_ms": 900}
    return Mark(**({"mark_id": str(uuid.uuid4()), "subject": subject, "organ": organ} | known | changes))


def read_image(study: Study, reader: str, session: int, subject: str, now: datetime = NOW) -> None:
    """Mark both organs of an image, and finish it."""
    for organ in Organ:
        study.put_mark(a_mark(subject, organ, reader=reader, session=session), now)
    study.finish(reader, session, subject, now)


def read_session(study: Study, reader: str, session: int, now: datetime = NOW) -> None:
    """Read every image of a session, in its order."""
    for subject in study.order(reader, session):
        read_image(study, reader, session, subject, now)
