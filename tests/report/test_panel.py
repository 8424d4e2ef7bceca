"""What the panel beside a picture says."""

from pathlib import Path
from typing import Any

import pytest
from measured import failed_image, measured_image

from hri_node import __version__
from hri_node.measure.types import Caution, Reason
from hri_node.records import MeasuredImage, PriorIndex
from hri_node.report import codes
from hri_node.report.panel import AMBER, DISCLAIMER, HUGE, WHITE, Beside, Content, Line, Trend, content
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI

PRIORS = (
    PriorIndex("1.2.1", "20210301", "", 1.125, "icnet 0.9.0"),
    PriorIndex("1.2.2", "20230512", "", 1.31, "icnet 1.0.0"),
    PriorIndex("1.2.3", "20240102", "", 1.28, "icnet 1.0.0"),
    PriorIndex("1.2.4", "20240902", "", 1.44, "icnet 0.9.0"),
)


def said(measured: MeasuredImage, **beside: Any) -> Content:  # noqa: ANN401 - fields of Beside
    """Return what is said of an image."""
    return content(measured.result, (LIVER, KIDNEY), Beside(**beside))


def words(lines: list[Line | Trend]) -> list[str]:
    """Return lines as a reader reads them."""
    return [f"{line.text} {line.value}".strip() for line in lines if isinstance(line, Line)]


def test_measured_frame(tmp_path: Path) -> None:
    """Index, interval, both means with their places, and quality, in the order of importance."""
    image = measured_image(tmp_path, result_hri=1.514)
    liver, cortex = image.result.liver["mean"], image.result.renal_cortex["mean"]

    assert words(said(image).head) == [
        "Hepatorenal index (HRI)",
        "1.51",
        "90 % interval 1.40 to 1.62",
        "Mean grey level (0 to 255)",
        f"Liver {liver:.2f}",
        "15 × 15 mm, depth 71 mm",
        f"Renal cortex {cortex:.2f}",
        "12 × 12 mm, depth 71 mm",
        "Image quality: diagnostic",
    ]


def test_index_is_the_largest(tmp_path: Path) -> None:
    """The index is more than twice as large as any other line."""
    sizes = sorted((line.size, line.text) for line in said(measured_image(tmp_path, result_hri=1.5)).head)

    assert sizes[-1] == (HUGE, "1.50")
    assert sizes[-1][0] > 2 * sizes[-2][0]


def test_means_are_marked_as_their_windows(tmp_path: Path) -> None:
    """Each mean has the mark of the ROI on the image."""
    marked = {line.text: (line.mark, line.structure) for line in said(measured_image(tmp_path)).head if line.mark}

    assert marked == {"Liver": ("roi", LIVER_ROI), "Renal cortex": ("roi", CORTEX_ROI)}


def test_no_interval(tmp_path: Path) -> None:
    """Without an interval none is mentioned."""
    assert not [
        text for text in words(said(measured_image(tmp_path, result_hri_interval=None)).head) if "interval" in text
    ]


def test_no_calibration(tmp_path: Path) -> None:
    """Without calibration the size of a window is in pixels, and no depth in millimetres is told."""
    texts = words(said(measured_image(tmp_path, result_spacing_mm=None)).head)

    assert [text for text in texts if "×" in text] == ["49 × 49 pixels", "39 × 39 pixels"]
    assert not [text for text in texts if "mm" in text]


def test_cautions_limit_the_quality(tmp_path: Path) -> None:
    """Every caution is said in its coded words, and the quality is limited and amber."""
    made = said(measured_image(tmp_path, result_warnings=tuple(caution.value for caution in Caution)))

    assert words(made.cautions) == [codes.CAUTIONS[caution].meaning for caution in Caution]
    assert (made.head[-1].text, made.head[-1].colour) == ("Image quality: limited", AMBER)


@pytest.mark.parametrize("reason", list(Reason))
def test_failed_frame(tmp_path: Path, reason: Reason) -> None:
    """It says that nothing could be measured, and why, in the coded words."""
    made = said(failed_image(tmp_path, reason.value, "no_sector"), priors=PRIORS, study_date="20250102")

    assert words(made.head)[1:3] == ["Not measurable", codes.REASONS[reason].meaning]
    assert made.histories == []


@pytest.mark.parametrize("image", [measured_image, failed_image])
def test_foot(tmp_path: Path, image: Any) -> None:  # noqa: ANN401 - either function
    """Whose outlines, which image, made by which program and network, and what it is not for."""
    reasons = ("no_kidney",) if image is failed_image else ()

    made = said(image(tmp_path, *reasons), image="Image 3")

    assert words(made.foot) == [
        "Liver outline",
        "Right kidney outline",
        "Image 3",
        f"hri-node {__version__}, icnet 1.0.0",
        DISCLAIMER,
    ]
    assert made.foot[-1].colour == WHITE
    assert made.foot[-1].is_bold


def test_history(tmp_path: Path) -> None:
    """The latest three of earlier studies in figures, those of another model marked, all of them in the graph."""
    made = said(measured_image(tmp_path, result_hri=1.5), priors=PRIORS, study_date="20250102")

    assert words(made.histories[0]) == [
        "Earlier studies",
        "2024-09-02 1.44 *",
        "2024-01-02 1.28",
        "2023-05-12 1.31",
        "* by another model",
    ]
    graph = next(line for line in made.histories[0] if isinstance(line, Trend))
    assert graph.indices == (1.125, 1.31, 1.28, 1.44, 1.5)
    assert graph.interval == (1.402, 1.618)
    assert list(graph.days) == sorted(graph.days)


def test_same_model_needs_no_mark(tmp_path: Path) -> None:
    """Where the named studies have this network's indices, no asterisk is explained."""
    made = said(measured_image(tmp_path), priors=PRIORS[1:3], study_date="20250102")

    assert not [text for text in words(made.histories[0]) if "*" in text]


def test_history_without_a_date_has_no_graph(tmp_path: Path) -> None:
    """Where a date is none, figures are shown and no graph."""
    made = said(measured_image(tmp_path), priors=PRIORS, study_date="")

    assert len(words(made.histories[0])) == 5
    assert not [line for line in made.histories[0] if isinstance(line, Trend)]


def test_history_can_be_told_in_fewer_words(tmp_path: Path) -> None:
    """Where room is scarce, the graph is left out first, then all but the latest study."""
    made = said(measured_image(tmp_path), priors=PRIORS, study_date="20250102")

    assert [len(lines) for lines in made.histories] == [6, 5, 3]
    assert not [line for lines in made.histories[1:] for line in lines if isinstance(line, Trend)]
    assert words(made.histories[2]) == ["Earlier studies", "2024-09-02 1.44 *", "* by another model"]


def test_no_history(tmp_path: Path) -> None:
    """Without earlier studies nothing is said of them."""
    assert said(measured_image(tmp_path), study_date="20250102").histories == []


def test_patient_comes_first(tmp_path: Path) -> None:
    """Who it is stands above what was found, and is private."""
    made = said(measured_image(tmp_path), patient=("Doe, J", "ID 1"))

    assert words(made.head)[:3] == ["Doe, J", "ID 1", "Hepatorenal index (HRI)"]
    assert [line.is_private for line in made.head] == [True, True] + [False] * (len(made.head) - 2)


def test_no_patient_unless_asked(tmp_path: Path) -> None:
    """Nothing of the patient is on the picture by default."""
    assert Beside().patient == ()
    assert words(said(measured_image(tmp_path)).head)[0] == "Hepatorenal index (HRI)"
