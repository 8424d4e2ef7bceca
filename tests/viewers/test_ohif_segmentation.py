"""The segmentation in OHIF: both organs and both regions are tinted, in their colours and in their place."""

from collections.abc import Callable

import numpy as np
import pytest
from ohif import APPEARS_S
from running import eventually
from screens import COLOURED, Colours, is_overlaid, likeness
from viewed_studies import Study, source_frames
from viewing import OhifOf

from hri_node.records import MeasuredImage
from hri_node.report.structures import STRUCTURES

pytestmark = pytest.mark.peers

ASIDE = 12
"""Pixels by which a wrong overlay lies beside the right one."""


def is_shown(seen: Colours, image: MeasuredImage, aside: int = 0) -> bool:
    """Whether the masks of an image, or the same so many pixels aside, are seen in the colours of their structures."""
    masks = {each.rgb: np.roll(each.mask(image.masks), aside, axis=1) for each in STRUCTURES}
    return is_overlaid(seen, masks)


def is_tinted(seen: Colours) -> bool:
    """Whether there is any overlay."""
    return bool(np.mean(np.ptp(seen.astype(int), axis=2) > COLOURED) > 0.05)


@pytest.mark.parametrize("kind", ["mono", "rgb", "frames"])
def test_the_overlay_lies_on_the_organs(ohif: OhifOf, stored: Callable[[str], Study], kind: str) -> None:
    """Inside each structure its colour, outside none, on the frame that was measured; an overlay aside is noticed."""
    study = stored(kind)
    (image,) = study.images
    shape = image.frame.pixels.shape

    with ohif(study.uid, f"segmentation {kind}") as viewer:
        viewer.show("SEG", asks=True)
        eventually(lambda: is_tinted(viewer.seen(shape)), APPEARS_S, "an overlay")
        seen = viewer.seen(shape)

    assert is_shown(seen, image)
    assert not is_shown(seen, image, ASIDE)
    frames = source_frames(image, kind)
    assert int(np.argmax([likeness(seen, frame) for frame in frames])) == image.result.frame_number - 1
