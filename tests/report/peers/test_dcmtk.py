"""What DCMTK makes of the objects: reports as text and XML, pictures as pixels."""

import io
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from studies import FAILURES, STUDIES, WrittenStudy, reported
from validators import converted, peer

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("name", STUDIES)
def test_dsrdump_reads_the_report(study: Callable[[str], WrittenStudy], name: str) -> None:
    """DCMTK reads every report and finds the index, or its failure, in it."""
    text = converted("dsrdump", study(name).report)

    found = r"empty \(114006,DCM" if name in FAILURES else r'"\d\.\d+" \(\{ratio\},UCUM'
    assert re.search(rf'"Hepatorenal index"\)={found}', text)


@pytest.mark.parametrize("name", sorted(set(STUDIES) - set(FAILURES)))
def test_dsr2xml_has_every_value(study: Callable[[str], WrittenStudy], name: str) -> None:
    """The XML of a report holds index, means and deviations of each measured image, in order."""
    shown = study(name)

    tree = ET.fromstring(converted("dsr2xml", shown.report))  # noqa: S314 - DCMTK wrote it, of our own report

    found = [(item.findtext("concept/meaning"), item.findtext("value")) for item in tree.iter("num")]
    numbers = [(concept, float(value)) for concept, value in found if concept is not None and value is not None]
    wanted = [pair for image in shown.measured for pair in reported(image)]
    assert [pair for pair in numbers if pair in wanted][-len(wanted) :] == wanted


@pytest.mark.parametrize("name", sorted(set(STUDIES) - {"large", "palette", "jpeg", "poor", "latin"}))
@pytest.mark.parametrize("program", ["dcm2pnm", "dcmj2pnm"])
def test_pictures_are_shown_as_they_are(study: Callable[[str], WrittenStudy], name: str, program: str) -> None:
    """DCMTK's renderers give the picture pixel for pixel."""
    for file in study(name).of("sc"):
        peer("dcmtk", program, "+op", file, out := file.with_suffix(".ppm"))

        with Image.open(io.BytesIO(out.read_bytes())) as shown:
            assert np.array_equal(np.asarray(shown), dcmread(file).pixel_array)
