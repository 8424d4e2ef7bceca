"""The report in OHIF: the values a radiologist reads, and where they come from, on the frame that was measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray
from ohif import APPEARS_S, Ohif
from running import eventually
from screens import is_outlined, likeness
from viewed_studies import Study, source_frames
from viewing import OhifOf

from hri_node.measure.summary import representative
from hri_node.records import MeasuredImage

pytestmark = pytest.mark.peers

KINDS = ("mono", "rgb", "palette", "jpeg", "rgb_frames", "several", "doubtful")

ALIKE = 0.97


@dataclass(frozen=True)
class Report:
    """A report that is on the screen, and the image that it opens on."""

    kind: str
    study: Study
    image: MeasuredImage
    viewer: Ohif


@pytest.fixture(scope="module", params=KINDS)
def report(request: pytest.FixtureRequest, ohif: OhifOf, stored: Callable[[str], Study]) -> Iterator[Report]:
    """The report of a study of each kind."""
    study = stored(request.param)
    image = study.images[representative([each.result.hri for each in study.images])]
    with ohif(study.uid, f"report {request.param}") as viewer:
        viewer.show("SR", asks=True)
        eventually(viewer.labels, APPEARS_S, "a label on the image")
        yield Report(request.param, study, image, viewer)


def values(image: MeasuredImage) -> set[str]:
    """Lines that OHIF writes of one image."""
    result, lines = image.result, {f"Hepatorenal index: {image.result.hri:.2f} {{ratio}}"}
    down, across = result.spacing_mm
    for region in (result.liver, result.renal_cortex):
        window = region["window"]
        lines |= {
            f"Echogenicity: {region['mean']:.2f} [arb'U]",
            f"Standard Deviation: {region['sd']:.2f} [arb'U]",
            f"Area: {round(window['rows'] * down * window['columns'] * across, 1):.2f} mm2",
            f"Depth: {region['depth_mm']:.2f} mm",
        }
    return lines


def test_every_value_is_read(report: Report) -> None:
    """Index, both means, standard deviations, areas and depths."""
    assert values(report.image) <= report.viewer.lines()


def test_how_sure_it_is_is_read(report: Report) -> None:
    """The index's interval, and whether anything limits the image's quality."""
    result, lines = report.image.result, report.viewer.lines()
    low, high = result.hri_interval
    quality = "Limited quality" if result.warnings else "Diagnostic quality"

    for words in (f"Interval {low:.2f} to {high:.2f}", quality):
        assert any(line.startswith(words) for line in lines)


def test_the_last_earlier_index_is_read(report: Report) -> None:
    """Of a patient who was here before, with its date; of nobody else."""
    earlier = [line.rstrip(":") for line in report.viewer.lines() if line.startswith("Earlier")]

    assert earlier == (["Earlier: 1.37 on 2024-06-30"] if report.kind == "doubtful" else [])


def test_nothing_hides_an_index(report: Report) -> None:
    """Whatever says an index lies clear of every other text; two regions side by side part when one zooms in."""
    labels, window = report.viewer.labels(), report.viewer.viewport()
    says_index = [any(line.words.startswith("Hepatorenal index") for line in label) for label in labels]

    hidden = [
        (first, second)
        for (one, is_index), (other, _) in permutations(zip(labels, says_index, strict=True), 2)
        for first, second in product(one, other)
        if is_index and first.hides(second)
    ]

    assert any(says_index)
    assert hidden == []
    assert [line for label in labels for line in label if not line.is_within(window)] == []


def test_the_measured_frame_is_shown(report: Report) -> None:
    """The picture is the frame that was measured, and no other of the study."""
    frames = [frame for image in report.study.images for frame in source_frames(image, report.kind)]
    measured = report.image.frame.pixels

    seen = report.viewer.seen(measured.shape)

    alike = [likeness(seen, frame) for frame in frames if not np.array_equal(frame, measured)]
    assert likeness(seen, measured) > max([ALIKE, *alike])


def test_both_regions_are_outlined(report: Report) -> None:
    """The polygons stand where the regions were measured; a region beside them has no outline."""
    screen, result = report.viewer.screen(), report.image.result
    place = report.viewer.place(report.image.frame.pixels.shape)

    for region in (result.liver, result.renal_cortex):
        window = region["window"]
        assert is_outlined(screen, place, window)
        assert not is_outlined(screen, place, window | {"row": window["row"] - 6, "column": window["column"] - 6})


def test_each_frame_has_its_own_values(report: Report) -> None:
    """Scrolling through the series, what is read is of the frame that is seen: nothing where nothing was measured."""
    page, (left, top, right, bottom) = report.viewer.page, report.viewer.viewport()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.keyboard.press("Home")

    for image in report.study.images:
        for number, frame in enumerate(source_frames(image, report.kind), 1):
            wanted = values(image) if number == image.result.frame_number else set()
            eventually(partial(is_seen, report.viewer, frame, wanted), APPEARS_S, f"frame {number} with its values")
            page.mouse.wheel(0, 100)


def is_seen(viewer: Ohif, frame: NDArray[np.uint8], wanted: set[str]) -> bool:
    """Whether a frame is on the screen, with these values or with no text at all."""
    lines = viewer.lines()
    return likeness(viewer.seen(frame.shape), frame) > ALIKE and (wanted <= lines if wanted else not lines)
