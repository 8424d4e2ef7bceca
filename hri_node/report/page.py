"""The images of a study come in, the page about them goes out as PDF: value, picture, table, trend, origin."""

import io
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image as Picture
from reportlab.platypus import Flowable, HRFlowable, Image, Paragraph, Spacer, Table

from hri_node import __version__
from hri_node.measure.summary import representative, study_hri
from hri_node.report.context import MODEL_NAME, ReportContext
from hri_node.report.identity import Maker
from hri_node.report.lettering import drawable
from hri_node.report.lines import line
from hri_node.report.panel import Beside
from hri_node.report.patient import iso, patient_lines
from hri_node.report.picture import overlay
from hri_node.report.sheet import AMBER, BARE, BOLD, GREY, HEIGHT, INNER, MARGIN, REGULAR, RULE, Sheet, style
from hri_node.report.source import Source
from hri_node.report.sr import nearest_failure
from hri_node.report.trend import point, prior_points, trend
from hri_node.report.values import rows_of, values_table
from hri_node.report.wording import DISCLAIMER, TITLE, image_words, interval_words, quality_word, reason_words

PICTURE_HEIGHT_MAX: Final = 300.0
TREND_HEIGHT: Final = 105.0

UNDRAWABLE: Final = "see the study"
"""Instead of a number that would be boxes."""

_JPEG_QUALITY: Final = 92


def page(sources: Sequence[Source], maker: Maker) -> bytes:
    """One page of A4 about a study.

    The patient is on it only where the context says so: what encapsulates it names the patient in any case.

    Parameters
    ----------
    sources
        The images of the study, measured or not, in the order of the report.
    maker
        Who says so.

    Returns
    -------
    bytes
        A PDF file. Its own metadata have no patient attribute.
    """
    measured = [source for source in sources if source.measured]
    shown = shown_image(sources)
    sheet = Sheet(TITLE, maker.context.manufacturer, sources[0].local(maker.context.created))
    head = [*_title(sources[0], maker), *(_index(measured, shown) if measured else _failure(sources, shown))]
    tail = [*_table(measured, shown, len(sources)), *_trend(sources[0], measured, maker)]
    foot = _foot(maker)
    room = HEIGHT - 2 * MARGIN - sum(_height(part) for part in (*head, *tail, *foot))
    _stack(sheet, [*head, _picture(shown, min(PICTURE_HEIGHT_MAX, room)), *tail], HEIGHT - MARGIN)
    _stack(sheet, foot, MARGIN + sum(_height(part) for part in foot))
    return sheet.pdf()


def shown_image(sources: Sequence[Source]) -> Source:
    """Return the image that stands for the study: the one nearest to its index, or nearest to having one."""
    measured = [source for source in sources if source.measured]
    if not measured:
        return nearest_failure(sources)
    return measured[representative([_value(source) for source in measured])]


def _title(source: Source, maker: Maker) -> list[Flowable]:
    """Return title, purpose, and whose study it is."""
    right = Paragraph(f'<para align="right">{DISCLAIMER}</para>', style(9, BOLD, AMBER))
    title = _beside(Paragraph(TITLE, style(18, BOLD)), right, INNER / 2)
    patient = patient_lines(source.header) if maker.context.patient_on_picture else ()
    said = [line(text, style(9.5, REGULAR if number else BOLD)) for number, text in enumerate(patient)]
    said += [line(text, style(9.5)) for text in _study_lines(source, is_dated=not patient)]
    return [title, Spacer(0, 4), *said, Spacer(0, 3), _rule(), Spacer(0, 6)]


def _study_lines(source: Source, *, is_dated: bool) -> list[str]:
    """Return date and Accession Number, as far as known; without the date where the patient's lines have it."""
    date, accession = iso(str(source.header.StudyDate)) if is_dated else "", str(source.header.AccessionNumber)
    said = {"Study": date, "Accession number": accession and (drawable(accession) or UNDRAWABLE)}
    return [f"{word} {value}" for word, value in said.items() if value]


def _index(measured: Sequence[Source], shown: Source) -> list[Flowable]:
    """Return the index of the study and what it rests on."""
    many = len(measured) > 1
    words = [f"Median of {len(measured)} measured images; the picture shows the one nearest to it."] if many else []
    interval = interval_words(shown.result)
    of_it = " of the image shown" if many else ""
    words += [f"90 % interval{of_it}: {interval}"] if interval else []
    words += [f"Image quality{of_it}: {quality_word(shown.result)}"]
    value = study_hri([_value(source) for source in measured])
    return _headline(f"{value:.2f}", words)


def _failure(sources: Sequence[Source], shown: Source) -> list[Flowable]:
    """Return that there is no index, and why."""
    nearest = [f"Nearest of {len(sources)} images."] if len(sources) > 1 else []
    return _headline("Not measurable", [*reason_words(shown.result), *nearest])


def _headline(large: str, words: Sequence[str]) -> list[Flowable]:
    """Return large letters with sentences beside them."""
    big = Paragraph(large, style(30, BOLD))
    width = 90.0 if len(large) < len("Not measurable") else 230.0
    beside: list[Flowable] = [Paragraph(escape(sentence), style(9.5)) for sentence in words]
    return [_beside(big, beside, width), Spacer(0, 8)]


def _beside(left: Flowable | list[Flowable], right: Flowable | list[Flowable], width: float) -> Table:
    """Return two things beside each other, the left one in a column of `width`."""
    middle = ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
    return Table([[left, right]], colWidths=[width, INNER - width], style=[*BARE, middle], hAlign="LEFT")


def _rule() -> HRFlowable:
    """Return a line across the page."""
    return HRFlowable("100%", 0.8, color=RULE, spaceBefore=0, spaceAfter=0)


def _picture(shown: Source, height_max: float) -> Image:
    """Return the picture of an image, as large as there is room for."""
    drawn = overlay(shown.image.frame, shown.masks, shown.result, Beside(image=image_words(shown)))
    file = io.BytesIO()
    # No colour at half the resolution: outlines are thin.
    Picture.fromarray(drawn).save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    rows, columns = drawn.shape[:2]
    height = min(height_max, INNER * rows / columns)
    return Image(file, width=height * columns / rows, height=height, hAlign="LEFT")


def _table(measured: Sequence[Source], shown: Source, images: int) -> list[Flowable]:
    """Return the table of values and what it leaves out; nothing where nothing was measured."""
    if not measured:
        return [Spacer(0, 8)]
    left_out = len(measured) - len(rows_of(measured, shown))
    notes = [f"{left_out} more measured images in the structured report."] if left_out else []
    failed = images - len(measured)
    notes += [f"Of {images} images, {failed} could not be measured."] if failed else []
    words = ["Grey levels 0 to 255; of two values, the liver's comes first.", *notes]
    return [Spacer(0, 8), values_table(measured, shown), Paragraph(" ".join(words), style(7.5, REGULAR, GREY))]


def _trend(source: Source, measured: Sequence[Source], maker: Maker) -> list[Flowable]:
    """Return earlier indices of the patient over time; nothing where none is known."""
    earlier = prior_points(maker.context.priors)
    if not earlier:
        return []
    present = None
    if measured:
        value = study_hri([_value(each) for each in measured])
        found_by = f"{maker.algorithm.name} {maker.algorithm.version}"
        present = point(str(source.header.StudyDate), str(source.header.StudyTime), value, found_by)
    heading = Paragraph("This study and earlier ones of the same patient", style(9.5, BOLD))
    return [Spacer(0, 8), heading, trend(earlier, present, INNER, TREND_HEIGHT)]


def _foot(maker: Maker) -> list[Flowable]:
    """Return who found it, how, and how far it has been looked at."""
    algorithm, context = maker.algorithm, maker.context
    status = "Final" if context.is_final else "Preliminary"
    network = f"network {algorithm.name} {algorithm.version}, Device UID {algorithm.device_uid}"
    sentences = [
        f"{status}, {_verified(context)}. Revision {context.revision}.",
        f"{MODEL_NAME} {__version__} by {context.manufacturer}; {network}, weights SHA-256 {algorithm.sha256}.",
        f"{context.parameters}.",
    ]
    return [_rule(), Spacer(0, 3), *(Paragraph(escape(sentence), style(7, REGULAR, GREY)) for sentence in sentences)]


def _verified(context: ReportContext) -> str:
    """Return who answers for it."""
    if not context.verifier:
        return "unverified"
    family, _, given = context.verifier.name.partition("^")
    name = ", ".join(part for part in (family, given.replace("^", " ").strip()) if part)
    return f"verified by {name}, {context.verifier.organization}"


def _stack(sheet: Sheet, parts: Sequence[Flowable], top: float) -> None:
    """Draw parts one below the other."""
    for part in parts:
        top -= _height(part)
        part.drawOn(sheet.canvas, MARGIN, top)


def _height(part: Flowable) -> float:
    """Return the height of a part, laid out in the width of the page."""
    return float(part.wrap(INNER, HEIGHT)[1])


def _value(source: Source) -> float:
    """Return the index of a measured image."""
    assert source.result.hri is not None, "a measured image has an index"
    return source.result.hri
