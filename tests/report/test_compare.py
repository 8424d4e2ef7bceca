"""The picture of found and true contours."""

import numpy as np

from hri_node.report.compare import FOUND_COLOURS, TRUTH_COLOURS, compared, contour


def test_contour_is_one_pixel_wide_and_inside() -> None:
    """A 4 × 5 rectangle has 14 pixels at its border."""
    mask = np.zeros((10, 10), np.bool_)
    mask[2:6, 3:8] = True

    assert np.count_nonzero(contour(mask)) == 14
    assert not (contour(mask) & ~mask).any()


def test_both_contours_and_the_frame_are_seen() -> None:
    """Below the text, the frame's grey levels stand where no line is drawn, and each line has its colour."""
    found, truth, nothing = np.zeros((3, 60, 300), np.bool_)
    found[10:20, 10:20], truth[30:50, 40:80] = True, True
    pixels = np.full((60, 300), 77, np.uint8)

    picture = compared(pixels, {"liver": found, "kidney": nothing}, {"liver": truth, "kidney": nothing}, ["a line"])

    frame = picture[-60:]
    assert tuple(frame[10, 10]) == FOUND_COLOURS["liver"]
    assert tuple(frame[30, 40]) == TRUTH_COLOURS["liver"]
    assert tuple(frame[15, 15]) == (77, 77, 77)
    assert len(picture) == 60 + 2 * 18
