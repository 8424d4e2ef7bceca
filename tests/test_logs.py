"""The log: one line for an event, on whatever stderr is, and no library that quotes patients."""

import json
import logging
import warnings

import pytest
import structlog
from pydicom.config import WARN
from pydicom.valuerep import validate_value

from hri_node.logs import set_up


def test_an_event_is_one_line_of_json_with_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    """As a log collector reads it."""
    set_up("info", as_json=True)

    structlog.get_logger().info("measured", sop_instance_uid="1.2.3")

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["sop_instance_uid"]) == ("measured", "info", "1.2.3")
    assert line["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    """An admin who asks for warnings gets warnings."""
    set_up("warning")

    structlog.get_logger().info("measured")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("library", ["pynetdicom", "pydicom", "highdicom"])
def test_libraries_that_print_datasets_are_silent(library: str) -> None:
    """At debug level as at any other: their lines quote patients."""
    set_up("debug")

    assert not logging.getLogger(f"{library}.events").isEnabledFor(logging.ERROR)


def test_a_warning_that_quotes_the_patient_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    """pydicom warns of a value it dislikes and quotes it; a broken length makes half the header that value."""
    with warnings.catch_warnings():  # pytest's own filter stands before any other
        warnings.simplefilter("always")
        set_up("debug")
        validate_value("UI", "1.2 Zorbax^Quillfeather", WARN)
    assert capsys.readouterr().err == ""
