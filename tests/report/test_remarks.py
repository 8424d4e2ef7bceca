"""Sentences beside the values: how sure they are, in no more lines than a viewer shows."""

from dataclasses import replace
from pathlib import Path

import pytest
from measured import measured_image

from hri_node.measure.types import Caution
from hri_node.records import FrameResult, PriorIndex
from hri_node.report import codes
from hri_node.report.remarks import COMMENTS_MAX, failure_remarks, index_remarks, study_remarks

PRIORS = (PriorIndex("1.2.3", "20240102", "", 1.2, "icnet 0.9"),)
EARLIER = "Earlier: 1.20 on 2024-01-02"


@pytest.fixture
def result(tmp_path: Path) -> FrameResult:
    """Return a result without cautions."""
    return measured_image(tmp_path).result


def test_a_good_index_is_said_to_be_one(result: FrameResult) -> None:
    """Interval, earlier index, quality."""
    assert index_remarks(result, PRIORS) == ["Interval 1.40 to 1.62", EARLIER, "Diagnostic quality"]
    assert index_remarks(replace(result, hri_interval=None), ()) == ["Diagnostic quality"]


def test_what_limits_the_quality_is_said(result: FrameResult) -> None:
    """A caution to a line."""
    doubted = replace(result, warnings=("roi_shrunk", "hri_unstable"))

    assert index_remarks(doubted, ()) == [
        "Interval 1.40 to 1.62",
        "Limited quality: ROI smaller than 15 mm",
        "Index changes when ROIs move",
    ]


@pytest.mark.parametrize("priors", [(), PRIORS], ids=["first", "again"])
@pytest.mark.parametrize("count", range(len(Caution) + 1))
def test_the_index_is_always_seen(result: FrameResult, count: int, priors: tuple[PriorIndex, ...]) -> None:
    """However many cautions there are, the fifth line is the index; none is dropped without a word."""
    doubted = replace(result, warnings=tuple(Caution)[:count])

    said = index_remarks(doubted, priors)

    meanings = [code.meaning for code in codes.CAUTIONS.values()][:count]
    told = sum(any(meaning in line for line in said) for meaning in meanings)
    assert len(said) <= COMMENTS_MAX
    assert count - told == (int(said[-1].rpartition("; ")[2].removesuffix(" more")) if said[-1].endswith("more") else 0)


def test_study_and_failure_say_what_was_before(result: FrameResult) -> None:
    """The study's index says how it was chosen, a failure why there is none; both, what was before."""
    failed = replace(result, outcome="not_measurable", reasons=("no_liver", "no_kidney"))

    assert study_remarks(3, PRIORS) == ["Median of 3 measured images", EARLIER]
    assert failure_remarks(failed, 2, PRIORS) == [
        "HRI not measurable (nearest of 2 images): Liver not identified; Right kidney not identified",
        EARLIER,
    ]
