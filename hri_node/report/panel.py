"""A frame's result comes in, what the panel beside its picture says goes out: lines in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from hri_node import __version__
from hri_node.measure.types import Caution, Outcome, Reason
from hri_node.records import FrameResult, PriorIndex
from hri_node.report import codes
from hri_node.report.context import MODEL_NAME
from hri_node.report.lettering import plain
from hri_node.report.patient import iso
from hri_node.report.structures import CORTEX_ROI, LIVER_ROI, Structure

DISCLAIMER: Final = "Research use – not for diagnosis"

HUGE, LARGE, TEXT, SMALL = 46, 18, 13, 11
"""Sizes of letters where the picture is 640 pixels wide, as all sizes here."""

WHITE: Final = (240, 242, 245)
GREY: Final = (168, 174, 182)
AMBER: Final = (255, 190, 60)
SAND: Final = (232, 212, 178)

_GAP: Final = 9
_PRIORS_NAMED: Final = 3
"""The graph shows them all."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the panel, as it is before it is broken.

    Attributes
    ----------
    text, value
        What stands at the left end, and at the right.
    mark, structure
        What stands before it: a stroke of the structure's outline, or a square like the frame of its ROI.
    is_indented
        Begins where the text of a line with a mark begins.
    space_above
        Rows between it and the line before.
    is_private
        Names the patient: nothing of it is remembered.
    """

    text: str
    size: int = TEXT
    colour: Colour = WHITE
    is_bold: bool = False
    value: str = ""
    mark: Literal["", "outline", "roi"] = ""
    structure: Structure | None = None
    is_indented: bool = False
    space_above: int = 0
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """A small graph: days and indices of earlier studies, and of this image with its interval."""

    days: tuple[int, ...]
    indices: tuple[float, ...]
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands in the panel besides the result; it is the caller's to decide.

    Attributes
    ----------
    patient
        Who the patient is, line by line, each of them drawable.
    image
        Which image of the study this is, such as ``Image 3``.
    study_date
        As in the image (PS3.5 6.2, DA): when this index was, in the trend.
    priors
        Indices of earlier studies, the oldest first.
    """

    patient: tuple[str, ...] = ()
    image: str = ""
    study_date: str = ""
    priors: tuple[PriorIndex, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What the panel says.

    Attributes
    ----------
    head, foot
        In any case.
    cautions
        As many as there is room for; the others are counted.
    histories
        Ways to tell of earlier studies, the longest first: one of them, where there is room.
    """

    head: list[Line]
    cautions: list[Line]
    histories: list[list[Line | Trend]]
    foot: list[Line]


def content(result: FrameResult, outlined: Sequence[Structure], beside: Beside) -> Content:
    """What is said of a result.

    Parameters
    ----------
    result
        What was measured, or why nothing was.
    outlined
        The organs whose outlines are drawn.
    beside
        What else there is to say.
    """
    is_measured = result.outcome == Outcome.MEASURED
    title = Line("Hepatorenal index (HRI)", TEXT, GREY, space_above=_GAP if beside.patient else 0)
    patient = [Line(text, SMALL if k else TEXT, is_private=True) for k, text in enumerate(beside.patient)]
    return Content(
        head=[*patient, title, *(_index_lines(result) if is_measured else _reason_lines(result))],
        cautions=[Line(codes.CAUTIONS[Caution(value)].meaning, SMALL, SAND) for value in result.warnings],
        histories=_histories(result, beside) if is_measured else [],
        foot=_foot(result, outlined, beside),
    )


def more_cautions(count: int) -> Line:
    """What is said of cautions for which there is no room."""
    return Line(f"{count} more in the report", SMALL, SAND)


def _index_lines(result: FrameResult) -> list[Line]:
    """Return what is said of a measured frame."""
    assert result.hri is not None, "a measured frame has an index"
    lines = [Line(f"{result.hri:.2f}", HUGE, is_bold=True)]
    if result.hri_interval:
        low, high = result.hri_interval
        lines.append(Line(f"90 % interval {low:.2f} to {high:.2f}", SMALL, GREY))
    lines.append(Line("Mean grey level (0 to 255)", SMALL, GREY, space_above=_GAP))
    for name, structure, region in (
        ("Liver", LIVER_ROI, result.liver),
        ("Renal cortex", CORTEX_ROI, result.renal_cortex),
    ):
        assert region is not None, "a measured frame has both regions"
        lines.append(Line(name, value=f"{region['mean']:.2f}", mark="roi", structure=structure))
        lines.append(Line(_place(region, result.spacing_mm), SMALL, GREY, is_indented=True))
    quality = codes.LIMITED_QUALITY if result.warnings else codes.DIAGNOSTIC_QUALITY
    word = quality.meaning.removesuffix(" quality").lower()
    return [*lines, Line(f"Image quality: {word}", colour=AMBER if result.warnings else WHITE, space_above=_GAP)]


def _place(region: dict[str, Any], spacing_mm: tuple[float, float] | None) -> str:
    """Return size and depth of a region in words; its size in pixels where there is no calibration."""
    window = region["window"]
    if spacing_mm is None:
        return f"{window['columns']} × {window['rows']} pixels"
    across, down = window["columns"] * spacing_mm[1], window["rows"] * spacing_mm[0]
    return f"{across:.0f} × {down:.0f} mm, depth {region['depth_mm']:.0f} mm"


def _reason_lines(result: FrameResult) -> list[Line]:
    """Return why there is no index."""
    reasons = [codes.REASONS[Reason(value)].meaning for value in result.reasons]
    return [
        Line("Not measurable", LARGE, AMBER, is_bold=True, space_above=2),
        *(Line(reason, space_above=_GAP) for reason in reasons),
    ]


def _histories(result: FrameResult, beside: Beside) -> list[list[Line | Trend]]:
    """Return earlier indices, the more the better: a graph with the latest in figures, figures alone, the last one."""
    if not beside.priors:
        return []
    graph = _trend(result, beside)
    latest = beside.priors[::-1][:_PRIORS_NAMED]
    ways = (
        [*graph, *_figures(latest, _model(result))],
        _figures(latest, _model(result)),
        _figures(latest[:1], _model(result)),
    )
    return [[Line("Earlier studies", SMALL, GREY, space_above=_GAP), *lines] for lines in ways]


def _figures(priors: Sequence[PriorIndex], model: str) -> list[Line | Trend]:
    """Return indices with their dates, those marked that another network found."""
    foreign = [prior.algorithm != model for prior in priors]
    lines = [
        Line(iso(prior.study_date), SMALL, value=f"{prior.hri:.2f}" + (" *" if is_foreign else ""))
        for prior, is_foreign in zip(priors, foreign, strict=True)
    ]
    return [*lines, *([Line("* by another model", SMALL, GREY)] if any(foreign) else [])]


def _trend(result: FrameResult, beside: Beside) -> list[Trend]:
    """Return the graph, or nothing where a date is none."""
    assert result.hri is not None, "a measured frame has an index"
    try:
        dates = [
            date.fromisoformat(text) for text in (*(prior.study_date for prior in beside.priors), beside.study_date)
        ]
    except ValueError:
        return []
    days = tuple(each.toordinal() for each in dates)
    indices = (*(prior.hri for prior in beside.priors), result.hri)
    return [Trend(days, indices, result.hri_interval or (result.hri, result.hri))]


def _foot(result: FrameResult, outlined: Sequence[Structure], beside: Beside) -> list[Line]:
    """Return what stands at the bottom: whose outlines, which image, made by what."""
    shown = [Line(f"{each.label} outline", SMALL, GREY, mark="outline", structure=each) for each in outlined]
    made_by = [text for text in (beside.image, f"{MODEL_NAME} {__version__}, {plain(_model(result))}") if text]
    return [
        *shown,
        *(Line(text, SMALL, GREY, space_above=0 if k else _GAP) for k, text in enumerate(made_by)),
        Line(DISCLAIMER, SMALL, WHITE, is_bold=True),
    ]


def _model(result: FrameResult) -> str:
    """Return name and version of the network, as `PriorIndex` has them."""
    return f"{result.model['name']} {result.model['version']}"
