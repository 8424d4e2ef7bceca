"""Studies that were read and measured, for tests of their report: readings that differ, and the network's results."""

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
from study_made import NOW, SIZE, a_mark, add_image, made_study, square_at

from hri_node.study.project.records import DcnnResult, Organ
from hri_node.study.project.store import Study

ALGORITHM = {"name": "twin", "version": "1.2", "device_uid": "2.25.77", "sha256": "ab" * 32}


def read_study(folder: Path, subjects: int = 12, **changes: Any) -> Study:  # noqa: ANN401 - fields of Protocol
    """A study in which two readers read every image twice, each time a little beside, and the network measured."""
    study = made_study(folder, 0, **({"interval_days": 0} | changes))
    rng = np.random.default_rng(5)
    for number in range(1, subjects + 1):
        levels = np.where(np.arange(SIZE[1]) < SIZE[1] // 2, 60 + 5 * number, 40 + 3 * number)
        add_image(study, number, rng.normal(levels, 20, SIZE).clip(1, 255).astype(np.uint8))
    study.assign()
    now = NOW
    for session in range(1, study.protocol.sessions + 1):
        for reader in study.protocol.readers:
            for subject in study.order(reader, session):
                now += timedelta(seconds=20)
                for organ in Organ:
                    column = (5 if organ is Organ.LIVER else 105) + rng.integers(0, 30)
                    corner = square_at(float(column), float(rng.integers(0, 60)))
                    mark = a_mark(subject, organ, reader=reader, session=session, points=corner)
                    study.put_mark(mark, now)
                study.finish(reader, session, subject, now)
    return study


def measured(study: Study, without: tuple[str, ...] = ()) -> None:
    """Results of the network on every image, none on some."""
    for place, subject in enumerate(study.included()):
        liver, cortex = 66.5 + 5 * place, 44.25 + 3 * place
        found = {"mean": liver, "sd": 9.0, "pixel_count": 900}, {"mean": cortex, "sd": 8.0, "pixel_count": 800}
        is_there = subject not in without
        result = {
            "hri": liver / cortex if is_there else None,
            "liver": found[0] if is_there else None,
            "renal_cortex": found[1] if is_there else None,
            "spacing_mm": [0.5, 0.25],
            "reasons": [] if is_there else ["no_kidney"],
            "timing_ms": {"read": 1.0, "segment": 30.0, "measure": 9.0, "total": 75.0 + place},
        }
        study.put_dcnn(DcnnResult(subject, ALGORITHM, "method joint", result, NOW))
    study.put_facts({"version hri-node": "9.9", "dcnn processor": "an abacus, 2 cores"})


class Page(HTMLParser):
    """What a page says: its tables by label, headings, paragraphs, and the names of figures."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.figures: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A cell, a row, a table or a figure begins."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._open.append(tag)
        if tag == "table":
            self._rows: list[list[str]] = []
        if tag == "tr":
            self._rows.append([])
        if tag in {"td", "th"}:
            self._rows[-1].append("")
        if tag == "svg":
            self.figures.append(dict(attrs).get("aria-label") or "")

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text.append(data)
        if "caption" in self._open and "strong" in self._open:
            self.tables[data.rstrip(".")] = self._rows
        elif {"td", "th"} & set(self._open):
            self._rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """An element ends; those that need no end in HTML end with it."""
        while self._open and self._open.pop() != tag:
            pass
