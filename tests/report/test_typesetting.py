"""Lines of a panel as pixels."""

from pathlib import Path

import numpy as np
import pytest
from measured import measured_image
from PIL import Image

from hri_node.measure.types import Caution
from hri_node.records import PriorIndex
from hri_node.report import typesetting
from hri_node.report.lettering import OVERHANG, stamp
from hri_node.report.panel import AMBER, GREY, SMALL, TEXT, WHITE, Beside, Content, Line, Trend, content, more_cautions
from hri_node.report.structures import KIDNEY, LIVER, LIVER_ROI
from hri_node.report.typesetting import MARGIN, PANEL_WIDTH, ROWS_MAX, Panel

PRIORS = (
    PriorIndex("1.2.1", "20210301", "", 1.1, "icnet 1.0.0"),
    PriorIndex("1.2.2", "20230512", "", 1.3, "icnet 1.0.0"),
)


def said(folder: Path, cautions: int, **beside: object) -> Content:
    """Return what there is to say of a measured image with so many cautions."""
    warnings = tuple(caution.value for caution in list(Caution)[:cautions])
    return content(measured_image(folder, result_warnings=warnings).result, (LIVER, KIDNEY), Beside(**beside))


def written(*lines: Line | Trend, scale: float = 1.0, left: int = 0) -> np.ndarray:
    """Return lines on black."""
    panel = Panel(left, scale)
    canvas = Image.new("RGB", (left + panel.columns, 60 + panel.rows(lines)))
    panel.write(canvas, lines, 20)
    return np.asarray(canvas)


@pytest.mark.parametrize("scale", [1.0, 1.44, 4.3])
def test_line_is_stamped_at_the_margin(scale: float) -> None:
    """A line's letters stand where the margin ends, in its colour."""
    letters = np.asarray(stamp("Liver", round(13 * scale)))
    row, column = 20 - round(round(13 * scale) * OVERHANG), 7 + round(MARGIN * scale)

    shown = written(Line("Liver", 13, AMBER), scale=scale, left=7)

    place = shown[row : row + letters.shape[0], column : column + letters.shape[1]]
    assert np.array_equal(place[letters == 255], np.broadcast_to(AMBER, (np.count_nonzero(letters == 255), 3)))
    assert not place[letters == 0].any()
    assert np.count_nonzero(shown.any(axis=-1)) == np.count_nonzero(place.any(axis=-1))


@pytest.mark.parametrize("scale", [1.0, 1.44, 4.3])
@pytest.mark.parametrize(("letter", "size"), [("W", TEXT), ("山", TEXT), ("W", SMALL), ("山", SMALL)])
def test_name_or_id_of_any_length_is_shown_in_full(letter: str, size: int, scale: float) -> None:
    """A name and an ID have 64 letters at most, and none of them may be left out."""
    parts = Panel(0, scale)._parts(Line("ID " * (size == SMALL) + 64 * letter, size))

    assert "".join(parts).count(letter) == 64


def test_nothing_is_remembered_of_a_patient() -> None:
    """Words that every panel says are drawn once, those that name a patient each time."""
    caches = typesetting._wrapped_before, typesetting._stamped_before
    for cache in caches:
        cache.cache_clear()

    written(Line("Liver", value="1"), Line("Doe, J", value="ID 1", is_private=True))

    assert [cache.cache_info().currsize for cache in caches] == [1, 2]


def test_value_ends_at_the_right_margin() -> None:
    """Values end at the same column, however long they are."""
    ends = [
        np.flatnonzero(written(Line("", value=value)).any(axis=(0, 2)))[-1] for value in ("25.40", "7.18", "100.00")
    ]

    assert np.ptp(ends) <= 1, "letters have their own side bearings"
    assert PANEL_WIDTH - MARGIN - 3 <= ends[0] < PANEL_WIDTH - MARGIN


def test_marks() -> None:
    """An ROI's mark is an open square of its colour, an outline's a stroke."""
    square, stroke = (written(Line("", mark=mark, structure=LIVER_ROI)) for mark in ("roi", "outline"))
    corner = np.argwhere((square == LIVER_ROI.rgb).all(axis=-1))

    assert np.ptp(corner, axis=0).tolist() == [9, 9]
    assert not square[corner.min(axis=0)[0] + 4, corner.min(axis=0)[1] + 4].any()
    assert np.ptp(np.argwhere((stroke == LIVER_ROI.rgb).all(axis=-1)), axis=0).tolist() == [1, 9]


def test_indented_lines_begin_where_marked_ones_do() -> None:
    """What belongs to a marked line stands under its text."""
    plain, marked = written(Line("H", is_indented=True)), written(Line("H", mark="roi", structure=LIVER_ROI))

    columns = [np.flatnonzero((shown == WHITE).all(axis=-1).any(axis=0))[-1] for shown in (plain, marked)]
    assert columns[0] == columns[1]


def test_all_cautions_where_there_is_room(tmp_path: Path) -> None:
    """Cautions are listed one by one, and earlier studies below them."""
    made = said(tmp_path, 3, priors=PRIORS, study_date="20250102")

    assert Panel(640, 1.44).chosen(made) == [*made.head, *made.cautions, *made.histories[0]]


def test_history_is_told_as_fully_as_there_is_room(tmp_path: Path) -> None:
    """The more lines stand above it, the shorter it is."""
    told = []
    for lines in range(16):
        made = said(tmp_path, 0, priors=PRIORS, study_date="20250102", patient=("Doe, J",) * lines)
        told.append(len(Panel(640, 1.44).chosen(made)) - len(made.head))

    assert told == sorted(told, reverse=True)
    assert set(told) == {4, 3, 2, 0}


@pytest.mark.parametrize("scale", [1.0, 1.44, 2.3, 4.3])
def test_cautions_without_room_are_counted(tmp_path: Path, scale: float) -> None:
    """What has no room is counted, none is lost, and earlier studies give way."""
    made = said(
        tmp_path, len(Caution), priors=PRIORS, study_date="20250102", patient=("Doe, J", "ID 1", "Born 1960-02-29")
    )
    panel = Panel(640, scale)

    shown = panel.chosen(made)

    kept = [line for line in shown if line in made.cautions]
    assert 2 < len(kept) < len(Caution)
    assert shown == [*made.head, *made.cautions[: len(kept)], more_cautions(len(Caution) - len(kept))]
    assert panel.rows(shown) + panel.rows(made.foot) + 3 * panel.px(MARGIN) <= ROWS_MAX * scale + 2


def test_graph_shows_time_and_value() -> None:
    """Later is further right, higher is higher; this image is white, with its interval as a bar."""
    shown = written(Trend((0, 300, 400), (1.0, 2.0, 1.5), (1.25, 1.75)))
    grey, white = ((shown == colour).all(axis=-1) for colour in (GREY, WHITE))

    left, right = MARGIN + 2, PANEL_WIDTH - MARGIN - 2
    dots = [np.flatnonzero(grey[:, left + round((right - left) * share)]).mean() for share in (0, 0.75)]
    assert dots[0] - dots[1] == pytest.approx(26, abs=2)
    bar = np.flatnonzero(white[:, right])
    assert bar.mean() == pytest.approx(np.mean(dots), abs=1.5)
    assert np.ptp(bar) == pytest.approx(13, abs=2)


@pytest.mark.parametrize("days", [(5, 5), (5, 6)])
def test_graph_of_equal_values_is_flat(days: tuple[int, ...]) -> None:
    """Equal days or values are no division by zero."""
    shown = written(Trend(days, (1.0, 1.0), (1.0, 1.0)))

    assert np.ptp(np.flatnonzero(shown.any(axis=(1, 2)))) < 8
