"""Studies of readers who outline what is known, or mark squares within it, each with a hand of their own."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import contourpy
import numpy as np
from builders import simple_picture
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter1d
from study_made import NOW, a_protocol, add_image

from hri_node.study.project.protocol import Split
from hri_node.study.project.records import Mark, Organ, Part, Point, Shape
from hri_node.study.project.store import Study, create_study

Picture = tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[float, float]]
"""Pixels, label map, (row, column) spacing in mm."""

HAND_PX = 4.0
"""How far a hand strays from a border."""

ORGANS = {Organ.LIVER: 1, Organ.CORTEX: 2}


def outlined_study(
    folder: Path, pictures: Sequence[Picture], split: Split, shape: Shape = Shape.FREEHAND, *, unread: int = 0
) -> Study:
    """A study of one session whose two readers have finished all but the last `unread` subjects."""
    study = create_study(folder, a_protocol(sessions=1, split=split))
    for number, (pixels, _, spacing_mm) in enumerate(pictures, start=1):
        add_image(study, number, pixels, spacing_mm=spacing_mm)
    study.assign()
    rng, is_square = np.random.default_rng(3), shape is Shape.SQUARE
    read = list(enumerate(pictures, start=1))[: len(pictures) - unread]
    for reader in study.protocol.readers:
        for number, (_, labels, spacing_mm) in read:
            subject = f"S{number:04d}"
            for organ, value in ORGANS.items():
                points = _square(labels == value, spacing_mm, rng) if is_square else _drawn(labels == value, rng)
                mark = Mark(str(uuid.uuid4()), reader, 1, subject, organ, shape, points, 4000)
                study.put_mark(mark, NOW)
            study.finish(reader, 1, subject, NOW)
    return study


def picture_study(folder: Path, shape: Shape, subjects: int = 17, unread: int = 0) -> Study:
    """A study of one picture, again and again, whose organs the readers know: 10 subjects to learn from, 4 and 3."""
    made = simple_picture()
    labels = (1 * made.masks["liver"] + 2 * made.masks["kidney"]).astype(np.uint8)
    pictures = [(made.pixels, labels, (0.5, 0.5))] * subjects
    return outlined_study(folder, pictures, Split(0.6, 0.2, 0.2), shape, unread=unread)


def subjects_of(study: Study, part: Part) -> list[str]:
    """Names of a part's subjects."""
    return [name for name, own in study.parts().items() if own is part]


def _drawn(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Point, ...]:
    """The longest border of a mask, as a hand that wavers follows it."""
    padded = np.pad(mask.astype(float), 1)
    lines = [np.asarray(line) for line in contourpy.contour_generator(z=padded).lines(0.5)]
    line = max(lines, key=len)[:-1:3] - 0.5
    strayed = gaussian_filter1d(rng.normal(size=line.shape), 8, axis=0, mode="wrap")
    corners = line + HAND_PX * strayed / strayed.std()
    rows, columns = mask.shape
    return tuple((float(column), float(row)) for column, row in np.clip(corners, 0, [columns, rows]))


def _square(mask: NDArray[np.bool_], spacing_mm: tuple[float, float], rng: np.random.Generator) -> tuple[Point, ...]:
    """A square of 15 mm somewhere deep within a mask."""
    depth = distance_transform_edt(np.pad(mask, 1), sampling=spacing_mm)[1:-1, 1:-1]
    row, column = rng.choice(np.argwhere(depth >= 0.9 * depth.max()))
    half = 7.5 / spacing_mm[0], 7.5 / spacing_mm[1]
    row, column = np.clip([row, column], half, np.array(mask.shape) - half)
    ends = (column - half[1], row - half[0]), (column + half[1], row + half[0])
    (left, top), (right, bottom) = ((float(x), float(y)) for x, y in ends)
    return ((left, top), (right, top), (right, bottom), (left, bottom))
