"""A study comes in; its report as HTML and PDF goes out, the same for the same data."""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from hri_node.commands.screen import out
from hri_node.commands.study_dcnn import MASKS
from hri_node.commands.study_pdf import pdf_of
from hri_node.errors import Misconfigured, Refused
from hri_node.masks import KIDNEY_LABEL, LIVER_LABEL, from_png, label_map
from hri_node.measure.overlap import overlap_of
from hri_node.read.labels import read_labels
from hri_node.study.overlaps import Distribution, distributions_of
from hri_node.study.project.files import write_file
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.store import Study, open_study
from hri_node.study.readings import read_readings
from hri_node.study.report.content import Additions, FromFile
from hri_node.study.report.gathered import gathered
from hri_node.study.report.html import html_of
from hri_node.study.report.made import drawing, report_of

LABELS: Final = "labels"
"""Folder of a study with true label maps, ``<subject>.png``: 0 background, 1 liver, 2 right kidney."""

ORGANS: Final = {"liver": LIVER_LABEL, "kidney": KIDNEY_LABEL}


def report(folder: Path, html: Path | None, pdf: Path | None, readings: Path | None = None) -> None:
    """Write the report of a study.

    Parameters
    ----------
    folder
        Of the study.
    html, pdf
        Files to write; without any, ``report.html`` in the study's folder.
    readings
        CSV file of readings in the place of the marks.
    """
    study = open_study(folder)
    file = from_file(study, readings) if readings else None
    write(study, Additions(file, overlaps_of(study)), html or (None if pdf else folder / "report.html"), pdf)


def write(study: Study, additions: Additions, html: Path | None, pdf: Path | None) -> None:
    """Write a report with further sections.

    Parameters
    ----------
    study
        Which.
    additions
        What else belongs to it.
    html, pdf
        Files to write, or None.
    """
    for path in (html, pdf):
        if path is not None and not path.parent.is_dir():
            raise Misconfigured(f"{path}: folder {path.parent} does not exist")
    found = gathered(study, additions.readings)
    with drawing(found.analysis):
        made = report_of(study, additions, found)
        if html is not None:
            write_file(html, html_of(made))
        if pdf is not None:
            write_file(pdf, pdf_of(made))
    for path in (html, pdf):
        if path is not None:
            out.print(f"report {path}", markup=False, soft_wrap=True)


def from_file(study: Study, path: Path) -> FromFile:
    """Readings of a file, of subjects of the study.

    Raises
    ------
    Refused
        Something is wrong with the file, or it has subjects or raters that the study has not.
    """
    found = read_readings(path, skip_incomplete=True)
    strangers = set(found.subjects) - set(study.subjects())
    if strangers:
        raise Refused(f"{path.name}: {len(strangers)} of {len(found.subjects)} subjects are not in the study")
    if DCNN in found.raters:
        raise Refused(f"{path.name}: rater {DCNN} is the study's own network; leave its readings out")
    return FromFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), found)


def overlaps_of(study: Study) -> dict[str, Distribution] | None:
    """Jaccard indices of the network's organs; None where fewer than two images have a label map.

    Parameters
    ----------
    study
        Whose folder may have label maps.
    """
    indices: dict[str, list[float]] = {organ: [] for organ in ORGANS}
    for each in study.dcnn():
        path, masks = (study.folder / name / f"{each.subject}.png" for name in (LABELS, MASKS))
        if not path.is_file() or not masks.is_file():
            continue
        truth = read_labels(path)
        found = label_map(from_png(masks.read_bytes()))
        if truth.shape != found.shape:
            raise Refused(f"label map {path.name} has {_size(truth.shape)} pixels, its image {_size(found.shape)}")
        for organ, label in ORGANS.items():
            jaccard = overlap_of(np.asarray(found == label), np.asarray(truth == label)).jaccard
            indices[organ] += [] if jaccard is None else [jaccard]
    known = {organ: own for organ, own in indices.items() if len(own) > 1}
    return distributions_of(known) if known else None


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"
