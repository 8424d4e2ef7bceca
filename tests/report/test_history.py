"""Earlier indices in a report: dated, coded, apart from the measurements of this study."""

from dataclasses import replace
from pathlib import Path

import pytest
from measured import CONTEXT, failed_image, measured_image
from pydicom import dcmread
from reports import comments, index_groups, items, read_back, sections, written

from hri_node.records import PriorIndex
from hri_node.report import codes
from hri_node.report.history import latest_words, previous_findings

FIRST = PriorIndex("1.2.3", "20230405", "101112.25", 1.31, "icnet 0.9.0")
SECOND = PriorIndex("1.2.4", "20240506", "", 1.4016, "my own net 1.0.0")
WITH_PRIORS = replace(CONTEXT, priors=(FIRST, SECOND))


def values(prior: PriorIndex) -> list[str]:
    """Return what the item of one earlier index has below it, in order."""
    (section,) = previous_findings([prior])
    keywords = {"DATE": "Date", "TIME": "Time", "UIDREF": "UID", "TEXT": "TextValue"}
    return [item.get(keywords[item.ValueType]) for item in section.ContentSequence[0].ContentSequence]


@pytest.mark.parametrize("failed", [False, True], ids=["measured", "failed"])
def test_earlier_indices_are_listed(tmp_path: Path, *, failed: bool) -> None:
    """The oldest first, with their values, whether or not there is an index today."""
    image = failed_image(tmp_path, "no_kidney") if failed else measured_image(tmp_path)

    listed = sections(dcmread(written(image, context=WITH_PRIORS)), codes.PREVIOUS_FINDINGS)

    assert [item.MeasuredValueSequence[0].NumericValue for item in listed] == [1.31, 1.402]
    assert {item.ConceptNameCodeSequence[0].CodeValue for item in listed} == {codes.PRIOR_INDEX.value}


def test_an_earlier_index_is_told_whole() -> None:
    """When, in which study, and by what network in which version."""
    assert values(FIRST) == ["20230405", "101112.25", "1.2.3", "icnet", "0.9.0"]
    assert values(SECOND) == ["20240506", "1.2.4", "my own net", "1.0.0"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study_time": "25"}, ["20230405", "1.2.3", "icnet", "0.9.0"]),
        ({"study_instance_uid": "1.2.x"}, ["20230405", "101112.25", "icnet", "0.9.0"]),
        ({"algorithm": ""}, ["20230405", "101112.25", "1.2.3"]),
        ({"algorithm": "0.9.0"}, ["20230405", "101112.25", "1.2.3", "0.9.0"]),
    ],
)
def test_what_is_not_known_is_left_out(change: dict[str, str], told: list[str]) -> None:
    """What the ledger does not have, or a scanner got wrong, is not said."""
    assert values(replace(FIRST, **change)) == told


@pytest.mark.parametrize("day", ["", "2023", "2023.04.05", "20230230", "20230405-"])
def test_an_index_without_a_date_is_none(day: str) -> None:
    """A point of a trend needs its day."""
    undated = replace(FIRST, study_date=day)

    assert previous_findings([undated]) == []
    assert latest_words([SECOND, undated]) == latest_words([SECOND])


def test_without_history_there_is_no_section(tmp_path: Path) -> None:
    """A patient who was never measured has no empty heading."""
    assert sections(dcmread(written(measured_image(tmp_path))), codes.PREVIOUS_FINDINGS) == []


def test_earlier_indices_are_no_measurements(tmp_path: Path) -> None:
    """Who reads the measurements of the report finds today's index alone."""
    (group,) = index_groups(read_back(measured_image(tmp_path), context=WITH_PRIORS))

    assert [found.value for found in group.get_measurements(name=codes.HEPATORENAL_INDEX)] == [1.509]
    assert codes.PRIOR_INDEX not in [found.name for found in group.get_measurements()]


@pytest.mark.parametrize("measured", [1, 2])
def test_the_last_one_is_shown_once(tmp_path: Path, measured: int) -> None:
    """A viewer shows the latest earlier index beside the study's, and beside no other."""
    images = [measured_image(tmp_path, number=number) for number in range(1, measured + 1)]

    report = dcmread(written(*images, context=WITH_PRIORS))

    first, *others = sections(report, codes.IMAGING_MEASUREMENTS)
    assert "Earlier: 1.40 on 2024-05-06" in comments(first)
    assert [said for group in others for said in comments(group) if said.startswith("Earlier")] == []
    assert all(items(group, "SCOORD") for group in (first, *others))
