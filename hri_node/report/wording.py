"""A result comes in, what is said of it beside a picture goes out, in ASCII, which every character set has."""

from typing import Any, Final

from hri_node.measure.types import Caution, Outcome, Reason
from hri_node.records import FrameResult
from hri_node.report import codes
from hri_node.report.source import Source

DISCLAIMER: Final = "Research use - not for diagnosis"

TITLE: Final = "Hepatorenal index"


def index_words(result: FrameResult) -> str:
    """Return the index with its interval."""
    assert result.hri is not None, "a measured frame has an index"
    return f"{result.hri:.2f}{_in_brackets(interval_words(result))}"


def interval_words(result: FrameResult) -> str:
    """Return the interval of the index; empty where none was found."""
    return "{:.2f} to {:.2f}".format(*result.hri_interval) if result.hri_interval else ""


def region_words(region: dict[str, Any]) -> str:
    """Return mean and SD of a region."""
    return f"{region['mean']:.2f}, SD {region['sd']:.2f}"


def quality_word(result: FrameResult) -> str:
    """Return the image quality as the report has it, in one word."""
    if result.outcome != Outcome.MEASURED:
        quality = codes.NON_DIAGNOSTIC_QUALITY
    else:
        quality = codes.LIMITED_QUALITY if result.warnings else codes.DIAGNOSTIC_QUALITY
    return quality.meaning.removesuffix(" quality").lower()


def image_words(source: Source) -> str:
    """Return which image of its study this is, as a reader finds it there."""
    number = source.header.get("InstanceNumber")
    image = f"Image {number}" if number is not None else "Image"
    return f"{image}, frame {source.result.frame_number}" if source.multi_frame else image


def caution_words(result: FrameResult) -> list[str]:
    """Return what limits the quality."""
    return [codes.CAUTIONS[Caution(value)].meaning for value in result.warnings]


def reason_words(result: FrameResult) -> list[str]:
    """Return why there is no index."""
    return [codes.REASONS[Reason(value)].meaning for value in result.reasons]


def _in_brackets(words: str) -> str:
    """Return words in brackets, after a space; nothing for nothing."""
    return f" ({words})" if words else ""
