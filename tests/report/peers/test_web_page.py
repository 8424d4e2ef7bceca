"""What a person reads who opens the report as the web page that DCMTK makes of it."""

import html
import re
from collections.abc import Callable

import pytest
from studies import WrittenStudy, reported
from validators import converted

pytestmark = pytest.mark.peers


def test_web_page_names_every_value(study: Callable[[str], WrittenStudy]) -> None:
    """A person who reads the report as DCMTK's web page sees a name before each value, not a row of numbers."""
    shown = study("single")

    lines = readable(converted("dsr2html", shown.report))

    for concept, value in reported(shown.images[0]):
        assert any(f"{concept}: {value:g} " in line for line in lines), concept
    assert "Image Quality: Diagnostic quality" in " ".join(lines)


def test_web_page_says_why_there_is_no_value(study: Callable[[str], WrittenStudy]) -> None:
    """The page of a report without index has the reason in words."""
    text = " ".join(readable(converted("dsr2html", study("failed").report)))

    assert "HRI not measurable: Right kidney not identified" in text
    assert "HRI analysis status: Right kidney not identified" in text


def readable(page: str) -> list[str]:
    """Return the paragraphs of a web page as plain text, a title joined to what it stands above."""
    body = re.sub(r"<br\s*/?>|\s+", " ", page.partition("<body")[2])
    paragraphs = re.split(r"</?(?:p|div|h\d|hr|table|tr)\b[^>]*>", body)
    return [re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", "", part))).strip() for part in paragraphs]
