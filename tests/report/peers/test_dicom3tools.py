"""What dicom3tools say: every object is a valid instance of its IOD, and agrees with its sources about the study."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from measured import KINDS, failed_image, measured_image
from studies import EVERYTHING, STUDIES, WrittenStudy, write_objects
from validators import ENTITIES, UNAVOIDABLE, dcentvfy, dciodvfy, never_said, unexplained

pytestmark = pytest.mark.peers

POOR_SOURCE: Final = {
    r"Warning - Missing attribute or value that would be needed to build DICOMDIR - Study (Date|Time|ID)": (
        "the source does not say, and we invent nothing"
    )
}

EMPTY_OR_ABSENT: Final = {
    rf"Warning - Attribute present in one instance but not the other - Element=<{keyword}> IE=<\w+> .*": (
        "type 2: absent from the poor source, there but empty in what we make"
    )
    for keyword in (
        "PatientBirthDate",
        "PatientSex",
        "ReferringPhysicianName",
        "StudyDate",
        "StudyID",
        "StudyTime",
    )
}


@pytest.mark.parametrize("name", STUDIES)
def test_dciodvfy_has_nothing_to_complain_about(study: Callable[[str], WrittenStudy], name: str) -> None:
    """No error and no warning but the named ones, for every object of every kind of source under every setting."""
    known = UNAVOIDABLE | (POOR_SOURCE if name == "poor" else {})

    said = {place: dciodvfy(file) for place, file in study(name).objects.items()}

    assert unexplained(said, known) == {}


def test_every_unavoidable_warning_is_still_given(study: Callable[[str], WrittenStudy]) -> None:
    """A warning that is no longer given leaves the list."""
    said = {place: dciodvfy(file) for place, file in study("poor").objects.items()}

    assert never_said(said, UNAVOIDABLE | POOR_SOURCE) == []


@pytest.mark.parametrize("name", sorted(set(STUDIES) - {"poor"}))
def test_dcentvfy_finds_one_patient_and_study(study: Callable[[str], WrittenStudy], name: str) -> None:
    """Sources and results agree about patient, study, series and equipment."""
    shown = study(name)

    said = {name: dcentvfy([*shown.sources, *shown.objects.values()])}

    assert (unexplained(said, ENTITIES), never_said(said, ENTITIES)) == ({}, [])


def test_dcentvfy_finds_nothing_invented_for_a_poor_source(study: Callable[[str], WrittenStudy]) -> None:
    """Where a source lacks attributes of type 2, results have them empty; that is all the difference."""
    shown, known = study("poor"), ENTITIES | EMPTY_OR_ABSENT

    said = {"poor": dcentvfy([*shown.sources, *shown.objects.values()])}

    assert (unexplained(said, known), never_said(said, known)) == ({}, [])


def test_dcentvfy_finds_one_study_of_many_kinds(tmp_path: Path) -> None:
    """Sources of several kinds in one study give objects that agree with all of them."""
    kinds = [kind for kind in KINDS if kind not in {"poor", "latin"}]
    images = [measured_image(tmp_path, number=k, **KINDS[kind]) for k, kind in enumerate(kinds, start=1)]
    images.append(failed_image(tmp_path, "no_liver", number=len(kinds) + 1))
    shown = write_objects(tmp_path, images, EVERYTHING)

    said = {"study": dcentvfy([*shown.sources, *shown.objects.values()])}

    assert len(shown.of("seg")) == len(kinds)
    assert unexplained(said, ENTITIES) == {}
