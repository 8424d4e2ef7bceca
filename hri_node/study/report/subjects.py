"""A study comes in; what became of its images and who its subjects are go out: figure 1, table 1, exclusions."""

import re
import textwrap
from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hri_node.study.cells import Table, number
from hri_node.study.estimate import Values
from hri_node.study.panels import MILLIMETRES, WIDTH_MM
from hri_node.study.project.fates import SENTENCES, Fate
from hri_node.study.project.outcomes import Demographics, Fallen, Flow
from hri_node.study.report.content import Picture, counted, listed

GRADES = {"0": "Normal", "1": "Mild", "2": "Moderate", "3": "Severe"}
"""What the paper calls the degrees of fatty liver."""

ABBREVIATIONS = {"bmi": "BMI", "db": "dB", "hba1c": "HbA1c", "hdl": "HDL", "hri": "HRI", "ldl": "LDL", "mhz": "MHz"}
"""Names of fields are kept in small letters."""

LETTERS = re.compile(r"[a-z0-9]+")

LINE_MM = 3.6
PADDING_MM = 2.2
GAP_MM = 7.0

LEFT_MM, RIGHT_MM = 78.0, 82.0
"""Widths of the boxes of what goes on, and of what is left out."""

CHARACTERS = 50
"""Of a line in a box."""


def flow_picture(flow: Flow, unit: str, reasons: dict[str, str]) -> Picture:
    """Figure 1: what became of every image and every subject.

    Parameters
    ----------
    flow
        How many.
    unit
        What a subject is: ``patient`` or ``study``.
    reasons
        Code of an exclusion to its sentence.
    """
    unusable = [f"{count} {SENTENCES[Fate(fate)]}" for fate, count in flow.unusable.items()]
    if flow.not_chosen:
        unusable.append(f"{flow.not_chosen} Another image of the same {unit} was chosen")
    excluded = [f"{count} {reasons.get(code, code)}" for code, count in flow.excluded.items()]
    parts = [f"{count} for {part}" for part, count in flow.parts.items()] if len(flow.parts) > 1 else []
    subjects = _subjects(unit, flow.subjects)
    lost = flow.images - flow.chosen
    boxes = (
        (f"{counted(flow.images, 'image')} found, of {subjects}", ()),
        (f"{counted(lost, 'image')} not used", tuple(unusable)),
        (f"{counted(flow.chosen, 'image')} chosen, one of a {unit}", ()),
        (f"{_subjects(unit, sum(flow.excluded.values()))} excluded", tuple(excluded)),
        (f"{_subjects(unit, flow.included)} included", tuple(parts)),
    )
    alt = ". ".join(f"{head}{': ' + '; '.join(items) if items else ''}" for head, items in boxes)
    caption = "Subject inclusion diagram."
    return Picture("Figure 1", caption, f"Flow diagram. {alt}.", _drawn(boxes))


def _subjects(unit: str, count: int) -> str:
    if unit == "patient":
        return counted(count, "patient")
    return f"{count} {'study' if count == 1 else 'studies'}"


_Box = tuple[str, tuple[str, ...]]


def _drawn(boxes: Sequence[_Box]) -> Figure:
    """Boxes from the top down; what is left out to the right, between those that it lies between."""
    texts = [_text(box) for box in boxes]
    heights = [LINE_MM * (1 + text.count("\n")) + 2 * PADDING_MM for text in texts]
    total = sum(heights) + GAP_MM * (len(boxes) - 1) + 2
    figure = Figure(figsize=(WIDTH_MM / MILLIMETRES, total / MILLIMETRES))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH_MM), ylim=(total, 0))
    axes.axis("off")
    top, below = 1.0, None
    for index, (text, height) in enumerate(zip(texts, heights, strict=True)):
        is_out = index % 2 == 1
        _box(axes, text, (WIDTH_MM - RIGHT_MM - 1 if is_out else 1.0, top), (RIGHT_MM if is_out else LEFT_MM, height))
        middle = LEFT_MM / 2
        if is_out:
            _arrow(axes, (middle, top + height / 2), (WIDTH_MM - RIGHT_MM - 1, top + height / 2))
        elif below is not None:
            _arrow(axes, (middle, below), (middle, top))
        below = below if is_out else top + height
        top += height + GAP_MM
    return figure


def _text(box: _Box) -> str:
    head, items = box
    lines = [textwrap.fill(f"- {item}", CHARACTERS, subsequent_indent="  ") for item in items]
    return "\n".join([textwrap.fill(head, CHARACTERS - 4), *lines])


def _box(axes: Axes, text: str, corner: tuple[float, float], size: tuple[float, float]) -> None:
    left, top = corner
    across, up = [left, left + size[0], left + size[0], left, left], [top, top, top + size[1], top + size[1], top]
    axes.plot(across, up, color="black", linewidth=0.8)
    axes.text(left + PADDING_MM, top + size[1] / 2, text, ha="left", va="center", linespacing=1.3, fontsize=7)


def _arrow(axes: Axes, begin: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", end, begin, arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    )


def characteristics(known: Sequence[Demographics]) -> Table:
    """Table 1, of every field that a reference file gave.

    Parameters
    ----------
    known
        Of the included subjects.
    """
    total = len(known)
    rows: list[tuple[str, str]] = []
    for name in sorted({name for each in known for name in each.numbers}):
        values = np.array([each.numbers[name] for each in known if name in each.numbers])
        rows.append((_titled(name, len(values), total), _spread(values)))
    for name in sorted({name for each in known for name in each.texts}):
        told = Counter(each.texts[name] for each in known if name in each.texts)
        rows += [(f"{_titled(name, told.total(), total)}: {text}", _share(told, text)) for text in sorted(told)]
    grades = Counter(each.grade for each in known if each.grade)
    label = _titled("reference grade", grades.total(), total)
    rows += [(f"{label}: {GRADES.get(grade, grade)} ({grade})", _share(grades, grade)) for grade in sorted(grades)]
    notes = ("Values are mean±standard deviation (range) or number (%).",)
    title = f"Baseline characteristics of the {counted(total, 'subject')}"
    return Table("characteristics", title, ("Characteristic", f"Value (n={total})"), tuple(rows), notes)


def _titled(name: str, there: int, total: int) -> str:
    words = LETTERS.sub(lambda found: ABBREVIATIONS.get(found[0], found[0]), name.replace("_", " "))
    said = f"{words[:1].upper()}{words[1:]}"
    return said if there == total else f"{said} (n={there})"


def _spread(values: Values) -> str:
    decimals = 0 if np.all(values == np.round(values)) and np.ptp(values) > 10 else 1  # noqa: PLR2004 - years, units
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    mean, low, high = float(values.mean()), float(values.min()), float(values.max())
    return f"{number(mean, decimals)}±{number(sd, decimals)} ({number(low, decimals)} to {number(high, decimals)})"


def _share(counts: Counter[str], key: str) -> str:
    return f"{counts[key]} ({number(100 * counts[key] / counts.total(), 1)})"


def exclusions(fallen: Sequence[Fallen], reasons: dict[str, str]) -> Table:
    """Every excluded subject, and why; not by whom or when.

    Parameters
    ----------
    fallen
        Of the study.
    reasons
        Code to sentence.
    """
    rows = tuple((each.subject, reasons.get(each.reason, each.reason), each.note or "-") for each in fallen)
    return Table("exclusions", "Excluded subjects", ("Subject", "Reason", "Note"), rows)


def scanners(families: Sequence[str]) -> str:
    """How many images are from which scanner, in words."""
    counts = Counter(family or "scanner not named" for family in families)
    return listed([f"{family} ({count})" for family, count in sorted(counts.items())])
