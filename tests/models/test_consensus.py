"""What several readers drew: where they agree it counts, where they do not it is left out."""

import pytest

from hri_node.study.project.records import Organ, Shape
from models.icnet.consensus import consensus_of, is_outlined
from models.icnet.data import UNSURE_BIT, targets_of
from models.icnet.study_marks import Drawn

SIZE, SPACING_MM = (80, 96), (1.0, 2.0)


def box(organ: Organ, left: int, right: int, shape: Shape = Shape.POLYGON) -> Drawn:
    """A mark over rows 20 to 40."""
    points = ((left, 20), (right, 20), (right, 40), (left, 40))
    return Drawn(organ, shape, tuple((float(column), float(row)) for column, row in points), 1.0)


def row_of(*marks: Drawn, whole: bool) -> list[int]:
    """Row 30 of the consensus."""
    return list(consensus_of(marks, SIZE, SPACING_MM, whole=whole).labels[30].tolist())


def test_outlines_count_where_three_of_four_agree() -> None:
    """Tissue within most of them is the organ, tissue within few is background, the rest does not count."""
    livers = [box(Organ.LIVER, 10, right) for right in (20, 22, 24, 26)]

    row = row_of(*livers, box(Organ.CORTEX, 60, 80), whole=True)

    assert row[10:22] == [1] * 12
    assert row[22:24] == [UNSURE_BIT] * 2
    assert row[24:60] == [0] * 36
    assert row[60:80] == [2] * 20


def test_two_readers_must_agree() -> None:
    """What one of two outlines does not count."""
    row = row_of(box(Organ.LIVER, 10, 20), box(Organ.LIVER, 10, 30), box(Organ.CORTEX, 60, 80), whole=True)

    assert row[10:30] == [1] * 10 + [UNSURE_BIT] * 10


def test_who_takes_it_for_another_organ_disagrees() -> None:
    """Pixels of two organs do not count, in outlines or in regions."""
    marks = box(Organ.LIVER, 10, 40), box(Organ.CORTEX, 30, 60)

    for whole in (True, False):
        assert row_of(*marks, whole=whole)[10:60] == [1] * 20 + [UNSURE_BIT] * 10 + [2] * 20


@pytest.mark.parametrize("shape", [Shape.SQUARE, Shape.FREEHAND])
def test_regions_say_nothing_about_what_is_outside(shape: Shape) -> None:
    """Regions of two readers in two places both count; 10 mm around them nothing is taken for known."""
    said = consensus_of(
        [box(Organ.LIVER, 10, 20, shape), box(Organ.LIVER, 40, 50, shape)], SIZE, SPACING_MM, whole=False
    )

    assert not said.is_whole
    assert (
        said.labels[30].tolist()
        == ([0] * 5 + [UNSURE_BIT] * 5 + [1] * 10 + [UNSURE_BIT] * 5 + [0] * 10 + [UNSURE_BIT] * 5 + [1] * 10)
        + [UNSURE_BIT] * 5
        + [0] * 41
    )
    assert targets_of(said.labels)[30, 5:20, 2].tolist() == [0] * 5 + [1] * 10


def test_squares_never_are_whole_organs() -> None:
    """Where one organ has only a square, the outside of the other one's outline is not known for it either."""
    marks = [box(Organ.LIVER, 10, 40), box(Organ.CORTEX, 60, 68, Shape.SQUARE)]

    said = consensus_of(marks, SIZE, SPACING_MM, whole=True)

    assert not is_outlined(marks)
    assert not said.is_whole
    assert {organ: int(mask[30].sum()) for organ, mask in said.regions().items()} == {Organ.LIVER: 30, Organ.CORTEX: 8}
