"""What PixelMed says: reports follow their templates, SEG its IOD, and pictures look as they were drawn."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from pixelmed import pixelmed
from pydicom import dcmread
from studies import STUDIES, WrittenStudy
from validators import never_said, unexplained

pytestmark = pytest.mark.peers

ROOT: Final = r'/CONTAINER \(126000,DCM,"Imaging Measurement Report"\)'
GROUP: Final = r'/CONTAINER \(126010,DCM,"Imaging Measurements"\)/CONTAINER \(125007,DCM,"Measurement Group"\)'
INDEX: Final = r'/NUM \(HRI,99HRI,"Hepatorenal index"\)'

FALSE_ERRORS: Final = {
    r"Error: Template 1500 MeasurementReport/.* \(121058,DCM,\"Procedure reported\"\): [\d.]+: .*: "
    r'Code \((24558-9,LN,"US Abdomen"|US\.ABD,99CLINIC,"Sonography of the abdomen")\) not found in context group 100': (
        "CID 100 is a baseline group: others are allowed, and it has no ultrasound of the abdomen"
    ),
    rf"Error: Template 300 Measurement/\[Row 1\] NUM \*/\[Row (9|10)\] NUM \*: [\d.]+: {ROOT}{GROUP}{INDEX}"
    r'/NUM \((371886008,SCT,"\+, range of upper|371885007,SCT,"-, range of lower) measurement uncertainty"\): '
    r"Incorrect relationship - expected INFERRED FROM - found HAS PROPERTIES": (
        "HAS PROPERTIES is right for TID 310; the row for values that a NUM was inferred from takes any NUM for its own"
    ),
    rf"Error: Template 300 Measurement/\[Row 1\] NUM \*: [\d.]+: {ROOT}{GROUP}{INDEX}: Missing value": (
        "an empty Measured Value Sequence is right where a qualifier says why (PS3.3 C.18.1)"
    ),
}
"""Errors that are none, with the reason."""

PRIOR: Final = r'/CONTAINER \(18834-2,LN,"Previous Findings"\)'
PRIOR_INDEX: Final = r'/NUM \(PRIOR_HRI,99HRI,"Hepatorenal index of an earlier study"\)'

BEYOND_TEMPLATE: Final = {
    rf"Warning: [\d.]+: {ROOT}{item}: Content Item not in template": reason
    for item, reason in {
        rf'{GROUP}/TEXT \(122405,DCM,"Algorithm Manufacturer"\)': "a row of TID 4019 younger than these rules",
        rf'{GROUP}/CODE \(111101,DCM,"Image Quality"\)': "TID 1501 is extensible",
        rf'{GROUP}/CODE \((STATUS,99HRI,"HRI analysis status|CAUTION,99HRI,"HRI caution)"\)': "TID 1501 is extensible",
        rf'{GROUP}/TEXT \(121106,DCM,"Comment"\)': "TID 1501 is extensible",
        r'/CONTAINER \(C0034375,UMLS,"Qualitative Evaluations"\)/CODE \(STATUS,99HRI,"HRI analysis status"\)'
        r'/IMAGE \(260753009,SCT,"Source"\)': "TID 1500 is extensible: which image has no index",
        PRIOR: "TID 1500 is extensible: earlier indices",
        rf"{PRIOR}{PRIOR_INDEX}": "TID 1500 is extensible: earlier indices",
        rf'{PRIOR}{PRIOR_INDEX}/(DATE \(111060,DCM,"Study Date|TIME \(111061,DCM,"Study Time)"\)': "and when it was",
        rf'{PRIOR}{PRIOR_INDEX}/UIDREF \(110180,DCM,"Study Instance UID"\)': "and in which study",
        rf'{PRIOR}{PRIOR_INDEX}/TEXT \((111001,DCM,"Algorithm Name|111003,DCM,"Algorithm Version)"\)': "and by what",
    }.items()
}
"""Content that PixelMed's templates of 2022 do not have."""

REPORTS: Final = ("rgb_frames", "failed_twice", "everything_colour", "everything_failed")
"""All that reports may have, few enough: PixelMed takes seconds for each."""

FALSE_INSTANCE_ERRORS: Final = {
    r"Error: .*Name/: \w+Name/value\[1\]/: Illegal character\(s\) '\w+' in value of PN VR - value is :.*": (
        "it reads names in the default repertoire only"
    ),
    r"Error: GeneralSeriesModule/Laterality/: : Missing conditional attribute": (
        "required for paired body parts only, which the abdomen is not (PS3.3 C.7.3.1)"
    ),
    r"Warning: GeneralSeriesModule/BodyPartExamined/: .*: Unrecognized defined term :ABDOMEN:": (
        "a term of PS3.16 Annex L"
    ),
    r"Error: DerivationImageMacro/DerivationImageSequence/: SharedFunctionalGroupsSequence/Item\[1\]/: .*": (
        "it is in the per-frame groups, where it belongs when frames differ"
    ),
    r"Warning: SOPCommonModule/SpecificCharacterSet/: .*: Unrecognized defined term :ISO_IR 192:": (
        "Unicode, a term since 2005"
    ),
}


def test_reports_follow_their_templates(study: Callable[[str], WrittenStudy]) -> None:
    """No complaint about any report but the named ones; of these, each is still made of some report."""
    said = pixelmed("report", [study(name).report for name in REPORTS])

    known = FALSE_ERRORS | BEYOND_TEMPLATE
    assert len(said) == len(REPORTS)
    assert (unexplained(said, known), never_said(said, known)) == ({}, [])


def test_segmentations_are_what_they_should(study: Callable[[str], WrittenStudy]) -> None:
    """No complaint about any SEG but the named ones."""
    files = [file for name in ("mono", "rgb_frames", "poor", "latin", "strict") for file in study(name).of("seg")]

    said = pixelmed("instance", files)

    assert len(said) == len(files)
    assert (unexplained(said, FALSE_INSTANCE_ERRORS), never_said(said, FALSE_INSTANCE_ERRORS)) == ({}, [])


def test_pictures_are_shown_as_they_are(study: Callable[[str], WrittenStudy]) -> None:
    """A Java viewer's own renderer gives every picture pixel for pixel."""
    files = [file for name in STUDIES for file in study(name).of("sc")]

    shapes = pixelmed("picture", files)

    assert len(shapes) == len(files)
    for file in files:
        assert np.array_equal(np.load(f"{file}.npy"), dcmread(file).pixel_array), file
