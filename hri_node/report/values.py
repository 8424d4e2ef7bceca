"""The images of a study come in, the table of their values goes out: a row for each, as many as a page has room for."""

from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.platypus import Paragraph, Table, TableStyle

from hri_node.report.sheet import BARE, BOLD, GREY, REGULAR, RULE, style
from hri_node.report.source import Source
from hri_node.report.wording import caution_words, image_words, interval_words, quality_word

ROWS_MAX: Final = 6

_COLUMNS: Final = {
    "Image": 62.0,
    "HRI": 30.0,
    "90 % interval": 58.0,
    "Liver mean, SD": 62.0,
    "Cortex mean, SD": 62.0,
    "Depth, mm": 46.0,
    "Area, mm²": 56.0,
    "Quality": 135.0,
}
"""Heading to width in points. Of two values in a cell, the first is the liver's."""

_CAUTIONS_MAX: Final = 3
_SIZE: Final = 7.5
_UNKNOWN: Final = "–"

_LINES: Final = TableStyle([
    *BARE,
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, GREY),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
])


def values_table(measured: Sequence[Source], shown: Source) -> Table:
    """Table of index, means, SDs, depths, areas, quality and cautions.

    Parameters
    ----------
    measured
        The measured images of a study; of more than `ROWS_MAX`, the first and the one shown.
    shown
        The one whose picture is on the page: its row is bold.
    """
    head = [Paragraph(heading, style(_SIZE, BOLD, GREY)) for heading in _COLUMNS]
    rows = [_row(source, BOLD if source is shown else REGULAR) for source in rows_of(measured, shown)]
    return Table([head, *rows], colWidths=list(_COLUMNS.values()), style=_LINES, hAlign="LEFT")


def rows_of(measured: Sequence[Source], shown: Source) -> list[Source]:
    """Return the images that have a row, in the order of the study."""
    first = list(measured[:ROWS_MAX])
    return first if shown in first else [*first[:-1], shown]


def _row(source: Source, font: str) -> list[Paragraph]:
    """Return the cells of one image."""
    result = source.result
    regions = [region for region in (result.liver, result.renal_cortex) if region]
    cells = [
        image_words(source),
        f"{result.hri:.2f}",
        interval_words(result) or _UNKNOWN,
        *(f"{region['mean']:.2f}, {region['sd']:.2f}" for region in regions),
        _depths(regions, result.spacing_mm),
        _areas(regions, result.spacing_mm),
        _quality(source),
    ]
    return [Paragraph(escape(cell), style(_SIZE, font)) for cell in cells]


def _depths(regions: Sequence[dict[str, Any]], spacing_mm: tuple[float, float] | None) -> str:
    """Return how deep the regions lie; without a calibration nobody knows."""
    return " / ".join(f"{region['depth_mm']:.0f}" for region in regions) if spacing_mm else _UNKNOWN


def _areas(regions: Sequence[dict[str, Any]], spacing_mm: tuple[float, float] | None) -> str:
    """Return the areas of the regions' windows, as the report has them."""
    if spacing_mm is None:
        return _UNKNOWN
    windows = [region["window"] for region in regions]
    return " / ".join(f"{each['rows'] * spacing_mm[0] * each['columns'] * spacing_mm[1]:.1f}" for each in windows)


def _quality(source: Source) -> str:
    """Return the quality and what limits it."""
    cautions = caution_words(source.result)
    if len(cautions) > _CAUTIONS_MAX:
        cautions[_CAUTIONS_MAX - 1 :] = [f"{len(cautions) - _CAUTIONS_MAX + 1} more in the report"]
    said = quality_word(source.result)
    return f"{said}: {'; '.join(cautions)}" if cautions else said
