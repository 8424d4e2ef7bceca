"""The log: one line for an event, on whatever stderr is, and no library that quotes patients."""

import json
import logging
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import structlog
from pydicom.config import WARN
from pydicom.valuerep import validate_value

from hri_node.errors import Unavailable
from hri_node.logs import _Outlining, outline, set_up


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


@pytest.mark.parametrize("library", ["pynetdicom", "pydicom", "highdicom", "dicomweb_client", "urllib3"])
def test_libraries_that_print_datasets_are_silent(library: str) -> None:
    """At debug level as at any other: their lines quote patients."""
    set_up("debug")

    assert not logging.getLogger(f"{library}.events").isEnabledFor(logging.ERROR)


def test_a_warning_that_quotes_the_patient_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Pydicom warns of a value it dislikes and quotes it; a broken length makes half the header that value."""
    with warnings.catch_warnings():  # pytest's own filter stands before any other
        warnings.simplefilter("always")
        set_up("debug")
        validate_value("UI", "1.2 Zorbax^Quillfeather", WARN)
    assert capsys.readouterr().err == ""


NAME = "Zorbax^Quillfeather"


def fail(message: str) -> None:
    """A library's error that quotes, with a cause that does."""
    try:
        int(message)
    except ValueError as error:
        raise RuntimeError(f"row ({message})") from error


@pytest.mark.parametrize("as_json", [False, True])
def test_an_exception_is_told_by_type_and_place(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:  # noqa: FBT001
    """What came in may stand in its words, and in those of its cause."""
    set_up("info", as_json=as_json)

    try:
        fail(NAME)
    except RuntimeError:
        structlog.get_logger().exception("instance_failed")

    said = capsys.readouterr().err
    assert NAME not in said
    assert said.count("\n") == 1
    assert "RuntimeError at test_logs.py:" in said
    assert "caused by ValueError at test_logs.py:" in said


def test_our_own_sentences_and_the_systems_are_kept() -> None:
    """They are about files and connections, and somebody has to mend them."""
    assert outline(Unavailable("ledger does not answer")) == "Unavailable: ledger does not answer at no place"
    assert outline(FileNotFoundError(2, "No such file", NAME)) == "FileNotFoundError: No such file at no place"


def test_a_librarys_log_line_has_no_words_of_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    """Celery, uvicorn and SQLAlchemy log errors with their tracebacks."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Outlining("%(message)s"))
    logger = logging.Logger("library")  # noqa: LOG001 - one that no other test sees
    logger.addHandler(handler)

    try:
        fail(NAME)
    except RuntimeError:
        logger.exception("it failed")

    assert NAME not in capsys.readouterr().err


@pytest.mark.parametrize("where", ["fail()", "t = threading.Thread(target=fail); t.start(); t.join()"])
def test_an_error_that_nobody_caught_is_one_line_without_words(where: str) -> None:
    """Of the command, or of one of its threads."""
    code = f"import threading\nfrom hri_node.logs import guard\nguard()\ndef fail(): int('{NAME}')\n{where}"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert re.fullmatch(r"unexpected error: ValueError at <string>:\d fail.*\n", ended.stderr)


def test_a_warning_is_told_by_type_and_place() -> None:
    """Some are charged to the caller, who may be ours, and quote what came in all the same."""
    code = f"import warnings\nfrom hri_node.logs import guard\nguard()\nwarnings.warn('Invalid value {NAME}')"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.stderr == "UserWarning at <string>:4\n"


def test_a_log_on_a_full_disk_stops_nobody() -> None:
    """What cannot be written is dropped; the process goes on and ends well."""
    code = "import structlog; from hri_node.logs import set_up; set_up(); structlog.get_logger().warning('full')"
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", f"{code}; print('on')"], stderr=full, stdout=subprocess.PIPE, check=False
        )

    assert ended.stdout == b"on\n"
