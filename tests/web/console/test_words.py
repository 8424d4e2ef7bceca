"""Every code that a result, or a state of the ledger, can have is explained to people in a sentence."""

from enum import StrEnum

import pytest

from hri_node.ledger.states import DeliveryState, InstanceState, StudyState
from hri_node.measure.types import Caution, Reason, SpacingSource
from hri_node.read.select import SkipReason
from hri_node.web.console import words
from hri_node.web.console.words import why_not


@pytest.mark.parametrize(
    ("codes", "explained"),
    [
        (Reason, words.REASONS),
        (Caution, words.CAUTIONS),
        (SkipReason, words.SKIPPED),
        (DeliveryState, words.PROOFS),
    ],
)
def test_every_code_has_a_sentence_of_its_own(codes: type[StrEnum], explained: dict[str, str]) -> None:
    """And there is no sentence for a code that does not exist."""
    assert set(explained) == set(codes)
    assert len(set(explained.values())) == len(explained)
    assert [sentence for sentence in explained.values() if not (sentence[0].isupper() and sentence.endswith("."))] == []


@pytest.mark.parametrize(
    ("codes", "explained"),
    [
        (InstanceState, words.INSTANCE_STATES),
        (StudyState, words.STUDY_STATES),
        (DeliveryState, words.DELIVERY_STATES),
    ],
)
def test_every_state_has_a_badge(codes: type[StrEnum], explained: dict[str, tuple[str, str]]) -> None:
    """With words and a look that the style sheet has."""
    assert set(explained) == set(codes)
    assert {look for _, look in explained.values()} <= {"ok", "busy", "warn", "bad", "off"}


def test_every_source_of_the_scale_is_named() -> None:
    """Those of the measurement and those of the header."""
    found = {source.value for source in SpacingSource} - {"given"}

    assert found | {"ultrasound_region", "pixel_spacing", "argument"} == set(words.SPACINGS)


def test_why_an_image_has_no_index_is_said_whatever_became_of_it() -> None:
    """By its state, reason and detail; nothing is said of one that has an index, or waits."""
    assert why_not(InstanceState.SKIPPED, "not_bmode") == words.SKIPPED["not_bmode"]
    assert why_not(InstanceState.NOT_MEASURABLE, "no_liver") == words.REASONS["no_liver"]
    assert why_not(InstanceState.REFUSED, "unreadable", "no Rows") == f"{words.REFUSED['unreadable']} No Rows."
    assert why_not(InstanceState.FAILED, "", "given up") == " Given up."
    assert why_not(InstanceState.MEASURED, "") == why_not(InstanceState.WAITING, "") == ""
