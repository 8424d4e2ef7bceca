"""Masks at rest: packed and unpacked without loss, though they overlap."""

import numpy as np
import pytest

from hri_node import masks as mask_files
from hri_node.errors import Unavailable
from hri_node.records import Masks


def some_masks() -> Masks:
    """Four overlapping random masks."""
    rng = np.random.default_rng(1)
    return Masks(*(rng.random((5, 7)) > 0.5 for _ in range(4)))


def test_masks_survive_the_file() -> None:
    """Each of the four comes back as it was."""
    masks = some_masks()

    back = mask_files.from_png(mask_files.to_png(masks))

    for name in mask_files.BITS:
        np.testing.assert_array_equal(getattr(back, name), getattr(masks, name))


def test_a_damaged_file_is_a_fault_of_the_world() -> None:
    """The disk is to blame, not the study."""
    with pytest.raises(Unavailable, match="cannot be read"):
        mask_files.from_png(mask_files.to_png(some_masks())[:40])


def test_the_label_map_names_liver_one_and_kidney_two() -> None:
    """The values that users of --labels-dir rely on."""
    liver, kidney, none = np.array([[True, False, False]]), np.array([[False, True, False]]), np.zeros((1, 3), bool)

    assert mask_files.label_map(Masks(liver, kidney, none, none)).tolist() == [[1, 2, 0]]
