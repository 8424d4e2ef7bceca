"""The picture in OHIF, and what is seen of a study in which nothing could be measured."""

from collections.abc import Callable
from io import BytesIO

import pytest
from ohif import APPEARS_S
from pydicom import dcmread
from running import eventually
from screens import Colours, likeness
from viewed_studies import Study
from viewing import OhifOf

from hri_node.measure.types import Reason
from hri_node.report.codes import REASONS

pytestmark = pytest.mark.peers

ALIKE = 0.98


def picture(study: Study, number: int = 0) -> Colours:
    """Return the pixels of a study's Secondary Capture."""
    return dcmread(BytesIO(study.result("sc", number))).pixel_array


@pytest.mark.parametrize("kind", ["mono", "failed"])
def test_the_picture_is_shown_as_it_was_made(ohif: OhifOf, stored: Callable[[str], Study], kind: str) -> None:
    """What a viewer that knows only pictures shows: of a measured image, and of one that gives no index."""
    study = stored(kind)
    made = picture(study)

    with ohif(study.uid, f"picture {kind}") as viewer:
        viewer.show("OT")
        eventually(lambda: likeness(viewer.seen(made.shape), made) > ALIKE, APPEARS_S, "the picture")


def test_the_reason_of_a_failure_is_read(ohif: OhifOf, stored: Callable[[str], Study]) -> None:
    """The report of a study without an index says why, on the image and within the window."""
    study = stored("failed")
    reasons = [REASONS[Reason(value)].meaning for value in study.images[0].result.reasons]

    with ohif(study.uid, "report failed") as viewer:
        viewer.show("SR")
        line = eventually(viewer.labels, APPEARS_S, "a label on the image")[0][0]
        window = viewer.viewport()

    assert line.is_within(window)
    assert "not measurable" in line.words
    assert all(reason in line.words for reason in reasons)
