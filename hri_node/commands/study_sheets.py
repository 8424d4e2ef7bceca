"""A study comes in; sheets of all its images go out, so that a person can look through them before anybody reads."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from hri_node.commands.screen import WORK_FAILED, fail, out
from hri_node.masks import picture_png
from hri_node.report.lettering import stamp
from hri_node.study.project.files import write_file
from hri_node.study.project.pixels import stored_pixels
from hri_node.study.project.records import ImageInfo
from hri_node.study.project.store import open_study

COLUMNS, ROWS = 4, 4
CELL: Final = (480, 400)
"""Columns and rows of a sheet, and of each picture on it, its name included."""

LETTERS: Final = 20

GREY: Final = 40
"""Around the pictures: what is black in one of them can be seen."""


def write_sheets(folder: Path, output: Path) -> None:
    """Write sheets of the included images, each with its subject above it.

    Parameters
    ----------
    folder
        Of the study.
    output
        Folder to write to; made if needed.
    """
    images = open_study(folder).images()
    if not images:
        fail("there is no image to look at: import some first", WORK_FAILED)
    output.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(images), COLUMNS * ROWS)
    for number, start in enumerate(starts, start=1):
        sheet = _sheet(images[start : start + COLUMNS * ROWS])
        write_file(output / f"sheet-{number:03d}.png", picture_png(np.asarray(sheet)))
    out.print(f"{len(images)} images on {len(starts)} sheets in {output}", markup=False)


def _sheet(images: list[ImageInfo]) -> Image.Image:
    """One sheet."""
    width, height = CELL
    sheet = Image.new("L", (COLUMNS * width, -(-len(images) // COLUMNS) * height), GREY)
    for place, image in enumerate(images):
        left, top = place % COLUMNS * width, place // COLUMNS * height
        name = stamp(image.subject, LETTERS).convert("L")
        sheet.paste(255, (left + 4, top + 2), name)
        picture = Image.fromarray(stored_pixels(image.path, image.sha256))
        picture.thumbnail((width - 8, height - 2 * LETTERS))
        sheet.paste(picture, (left + 4, top + 2 * LETTERS - 8))
    return sheet
