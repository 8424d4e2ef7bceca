"""An analysis comes in; figures with the data they show, and tables, go out as files. Same in, same bytes."""

import csv
import io
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from hri_node.study.analysis import Analysis, Detection
from hri_node.study.comparison import Comparison, Kind, Pair
from hri_node.study.documents import write_csv, write_latex, write_word
from hri_node.study.estimate import Values
from hri_node.study.panels import columns_of, drawn_as_printed, pair_figures, roc_figure
from hri_node.study.prose import sentences_of
from hri_node.study.readings import Measure
from hri_node.study.tables import main_comparisons, tables_of

DATA_DECIMALS = 6


def write_figures(analysis: Analysis, folder: Path) -> list[Path]:
    """Write every figure, the data that it shows, and the tables.

    Parameters
    ----------
    analysis
        Of the readings.
    folder
        Made if it is not there; files of the same names are replaced.

    Returns
    -------
    list
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = _Names(folder)
    with drawn_as_printed(analysis):
        for (kind, of), group in groupby(main_comparisons(analysis), key=lambda each: (each.kind, each.of)):
            trio = list(group)
            for index, pair in enumerate(trio[0].pairs):
                _write_pair(trio, index, names.stem(*_title(kind, of, pair)), analysis)
        for grade, found in groupby(analysis.detections, key=lambda each: each.grade):
            _write_roc(list(found), names.stem("roc", f"grade {grade}"))
    _write_tables(analysis, folder)
    return sorted(names.folder.iterdir())


class _Names:
    """File names that any file system takes, each once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()

    def stem(self, *words: str) -> Path:
        """A path without suffix."""
        stem = "_".join(re.sub(r"[^A-Za-z0-9]+", "_", word).strip("_") or "x" for word in words)
        name, number = stem, 1
        while name.casefold() in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name.casefold())
        return self.folder / name


def _title(kind: Kind, of: str, pair: Pair) -> tuple[str, ...]:
    """Words of a file's name."""
    if kind is Kind.INTRA:
        is_pair = {pair.first, pair.second} == {"session 1", "session 2"}
        return ("within", of) if is_pair else ("within", of, pair.first, pair.second)
    return ("session", of, pair.first, pair.second) if kind is Kind.INTER else ("network",)


def _write_pair(trio: Sequence[Comparison], index: int, stem: Path, analysis: Analysis) -> None:
    """Figures of a pair, and their data."""
    columns = [columns_of(each, each.pairs[index]) for each in trio]
    _write_data(analysis.readings.subjects, columns, stem)
    for kind, figure in pair_figures(trio, index).items():
        _save(figure, stem, kind)


def _write_roc(detections: Sequence[Detection], stem: Path) -> None:
    _save(roc_figure(detections), stem, "")
    rows = [
        (each.of, *point)
        for each in detections
        for point in zip(each.roc.false_positive, each.roc.true_positive, strict=True)
    ]
    _write_rows(stem, ("index", "false_positive", "true_positive"), rows)


def _write_data(subjects: Sequence[str], columns: Sequence[tuple[Values, Values]], stem: Path) -> None:
    """What the panels show."""
    header, numbers = ["subject"], []
    for measure, (first, second) in zip(Measure, columns, strict=True):
        header += [f"{measure}_{name}" for name in ("first", "second", "mean", "difference")]
        numbers += [first, second, (first + second) / 2, first - second]
    rows = [(subject, *own) for subject, own in zip(subjects, np.round(numbers, DATA_DECIMALS).T.tolist(), strict=True)]
    _write_rows(stem, header, rows)


def _write_rows(stem: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    stem.with_name(f"{stem.name}.csv").write_text(text.getvalue(), encoding="utf-8", newline="")


def _save(figure: Figure, stem: Path, kind: str) -> None:
    """Without dates or versions in it."""
    name = f"{stem.name}_{kind}" if kind else stem.name
    figure.savefig(stem.with_name(f"{name}.png"), metadata={"Software": None})
    figure.savefig(stem.with_name(f"{name}.svg"), metadata={"Date": None, "Creator": None})


def _write_tables(analysis: Analysis, folder: Path) -> None:
    tables = tables_of(analysis)
    for table in tables:
        write_csv(table, folder / f"table_{table.key}.csv")
        write_latex(table, folder / f"table_{table.key}.tex")
    write_word(tables, folder / "tables.docx")
    (folder / "results.txt").write_text("\n".join([*sentences_of(analysis), ""]), encoding="utf-8", newline="")
