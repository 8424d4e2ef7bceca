"""What dcmqi reads of a report: values, sites, reasons, and the tracking UIDs of its segments."""

from collections.abc import Callable
from typing import Any

import highdicom as hd
import pytest
from slicer import read_report
from studies import FAILURES, STUDIES, WrittenStudy, reported


def groups(report: dict[str, Any], *titles: str) -> list[dict[str, Any]]:
    """Return the measurement groups with these tracking identifiers."""
    return [group for group in report["Measurements"] if group["TrackingIdentifier"] in titles]


@pytest.mark.parametrize("name", sorted(set(STUDIES) - set(FAILURES)))
def test_report_values_are_read(study: Callable[[str], WrittenStudy], name: str) -> None:
    """Index, means and deviations of each measured image, in order, and where they were found."""
    shown = study(name)
    found = groups(read_report(shown.report), "Hepatorenal index", "Liver ROI", "Right renal cortex ROI")

    values = [(item["quantity"]["CodeMeaning"], item["value"]) for group in found for item in group["measurementItems"]]

    wanted = [pair for image in shown.measured for pair in reported(image)]
    assert [(concept, float(value)) for concept, value in values if concept in dict(wanted)] == wanted
    sites = [(group["FindingSite"]["CodeMeaning"], group.get("Laterality", {}).get("CodeMeaning")) for group in found]
    assert sites[1:3] == [("Liver", None), ("Cortex of kidney", "Right")]


@pytest.mark.parametrize("name", ["frames", "everything", "everything_colour"])
def test_report_and_segmentation_belong_together(study: Callable[[str], WrittenStudy], name: str) -> None:
    """The tracking UIDs of the ROIs in the report are those of segments."""
    shown = study(name)
    found = groups(read_report(shown.report), "Liver ROI", "Right renal cortex ROI")

    segments = [item for file in shown.of("seg") for item in hd.seg.segread(file).SegmentSequence]

    assert len(found) == 2 * len(shown.measured)
    assert {group["TrackingUniqueIdentifier"] for group in found} <= {item.TrackingUID for item in segments}


@pytest.mark.parametrize(("name", "reasons"), [("failed", ["NO_KIDNEY"]), ("failed_twice", ["NO_LIVER", "NO_KIDNEY"])])
def test_reasons_are_read(study: Callable[[str], WrittenStudy], name: str, reasons: list[str]) -> None:
    """A report without index has an empty value, and every reason by code."""
    (group,) = groups(read_report(study(name).report), "Hepatorenal index")

    codes = [found["conceptValue"] for found in group["qualitativeEvaluations"]]

    index = [item["value"] for item in group["measurementItems"] if item["quantity"]["CodeValue"] == "HRI"]
    assert index == [""]
    assert [code["CodeValue"] for code in codes if isinstance(code, dict) and "99HRI" in code.values()] == reasons
