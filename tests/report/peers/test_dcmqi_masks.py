"""What dcmqi reads of a SEG: every mask with its label and colour, where the SEG says what dcmqi asks for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from slicer import KNOWN, dcmqi, read_masks, warnings
from studies import WrittenStudy

from hri_node.report.structures import STRUCTURES


@pytest.mark.parametrize("name", ["mono", "large", "frames", "rgb_frames", "palette", "jpeg", "poor"])
def test_masks_are_read(study: Callable[[str], WrittenStudy], tmp_path: Path, name: str) -> None:
    """Every segment is its mask, with its label and colour."""
    shown = study(name)

    segments, images = read_masks(shown.of("seg")[0], tmp_path)

    assert [segment["SegmentLabel"] for segment in segments] == [structure.label for structure in STRUCTURES]
    assert [tuple(segment["recommendedDisplayRGBValue"]) for segment in segments] == [s.rgb for s in STRUCTURES]
    for number, (structure, image) in enumerate(zip(STRUCTURES, images, strict=True), start=1):
        assert np.array_equal(image, number * structure.mask(shown.measured[0].masks))


def test_strict_segmentation_is_not_read(study: Callable[[str], WrittenStudy], tmp_path: Path) -> None:
    """A SEG by the letter of PS3.3 A.51.5 has no Plane Orientation (Patient), without which dcmqi refuses it."""
    (file,) = study("strict").of("seg")

    done = dcmqi("segimage2itkimage", "--inputDICOM", file, "--outputDirectory", tmp_path, "-t", "nrrd")

    assert (done.returncode, warnings(done.stderr) - KNOWN, list(tmp_path.iterdir())) == (1, set(), [])
    assert "Plane Orientation (Patient) is missing, cannot parse input" in done.stderr
