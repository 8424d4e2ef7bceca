"""A CSV file of readings comes in; how well readers and network agree goes out: tables, JSON, figures."""

import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as ScreenTable
from rich.text import Text

from hri_node.commands.screen import DONE, MISUSED, UNREADABLE, WORK_FAILED, fail, out, say
from hri_node.errors import Refused
from hri_node.study.analysis import Analysis, analysis_of
from hri_node.study.cells import Table
from hri_node.study.plain import plain
from hri_node.study.prose import sentences_of
from hri_node.study.readings import read_readings
from hri_node.study.tables import tables_of

NOT_SHOWN = {"icc_forms", "ratios"}
"""Tables for statisticians: in `--json` and `--figures`, but not on the screen."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller of `hri-node agreement` asked for."""

    as_json: bool = False
    figures_dir: Path | None = None
    dcnn: str | None = None
    skip_incomplete: bool = False


def agree(path: Path, wishes: Wishes) -> int:
    """Exit code after telling how well the readings of a file agree.

    Parameters
    ----------
    path
        CSV with the columns subject, rater, session, liver, kidney, and perhaps grade.
    wishes
        Which rater is the network, and what to write.
    """
    try:
        readings = read_readings(path, skip_incomplete=wishes.skip_incomplete)
        analysis = analysis_of(readings, wishes.dcnn)
    except Refused as error:
        said = str(error)
        if said.startswith("--"):
            fail(said, MISUSED)
        fail(said if said.startswith(path.name) else f"{path.name}: {said}", UNREADABLE)
    if wishes.as_json:
        print(json.dumps(plain(analysis), ensure_ascii=False, allow_nan=False))  # noqa: T201 - which rich would wrap
    else:
        _show(analysis)
    if wishes.figures_dir:
        _write(analysis, wishes.figures_dir)
    return DONE


def _show(analysis: Analysis) -> None:
    readings = analysis.readings
    counts = f"{len(readings.subjects)} subjects, raters {', '.join(readings.raters)}"
    out.print(Text(f"{counts}. Research use: it informs, it never diagnoses.\n"))
    for table in tables_of(analysis):
        if table.key not in NOT_SHOWN:
            out.print(_on_screen(table))
            out.print(Text("\n".join([*table.notes, ""]), style="dim"))
    out.print(Text("\n".join([*sentences_of(analysis), ""])))
    for note in analysis.notes:
        say(note)


def _on_screen(table: Table) -> ScreenTable:
    """Text that rich takes for no markup."""
    shown = ScreenTable(title=Text(table.title), title_justify="left")
    for name in table.header:
        shown.add_column(Text(name))
    for row in table.rows:
        shown.add_row(*map(Text, row))
    return shown


def _write(analysis: Analysis, folder: Path) -> None:
    # Half a second, and matplotlib's memory, for those only who ask for figures.
    from hri_node.study.figures import write_figures  # noqa: PLC0415

    try:
        written = write_figures(analysis, folder)
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror or error}", WORK_FAILED)
    say(f"{len(written)} files in {folder}")
