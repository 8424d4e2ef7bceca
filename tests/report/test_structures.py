"""The four structures of a measured image."""

from dataclasses import fields

import numpy as np

from hri_node.records import Masks
from hri_node.report.structures import STRUCTURES


def test_every_mask_is_a_structure() -> None:
    """The structures are the masks of the records, in that order."""
    assert [structure.field for structure in STRUCTURES] == [field.name for field in fields(Masks)]


def test_mask_is_its_field() -> None:
    """A structure takes its own mask."""
    masks = Masks(*(np.full((1, 1), k == 2) for k in range(4)))

    assert [bool(structure.mask(masks)[0, 0]) for structure in STRUCTURES] == [False, False, True, False]


def test_colours_differ_in_lightness() -> None:
    """Organ and ROI of one kind are told apart by lightness alone, for readers who see few colours."""
    light = [sum(structure.rgb) for structure in STRUCTURES]

    assert light[2] - light[0] > 100
    assert light[3] - light[1] > 100
