"""A result comes in, the sentences go out that a viewer shows beside its values: how sure it is, and why not.

OHIF 3.13 shows no uncertainty, quality or caution, but the comments of a group; and of these and the values together
no more than five lines, comments first. So there are four comments at most, and the index is still seen.
"""

from collections.abc import Sequence
from typing import Final

from hri_node.records import FrameResult, PriorIndex
from hri_node.report import codes
from hri_node.report.history import latest_words
from hri_node.report.wording import caution_words, interval_words, reason_words

COMMENTS_MAX: Final = 4


def index_remarks(result: FrameResult, priors: Sequence[PriorIndex]) -> list[str]:
    """Say of one image's index how sure it is, what it was before, and what to think of the image.

    Parameters
    ----------
    result
        Of a measured image.
    priors
        Earlier indices to name the last of; none where another group does.
    """
    interval = interval_words(result)
    lines = [*([f"Interval {interval}"] if interval else []), *latest_words(priors)]
    return [*lines, *_quality(caution_words(result), COMMENTS_MAX - len(lines))]


def study_remarks(images: int, priors: Sequence[PriorIndex]) -> list[str]:
    """Say how the study's index was chosen, and what it was before."""
    return [f"Median of {images} measured images", *latest_words(priors)]


def failure_remarks(result: FrameResult, images: int, priors: Sequence[PriorIndex]) -> list[str]:
    """Say why there is no index, and what it was before."""
    among = f" (nearest of {images} images)" if images > 1 else ""
    return [f"HRI not measurable{among}: {'; '.join(reason_words(result))}", *latest_words(priors)]


def _quality(cautions: Sequence[str], lines_max: int) -> list[str]:
    """Say what limits the quality, a caution to a line; of too many, how many more."""
    if not cautions:
        return [codes.DIAGNOSTIC_QUALITY.meaning]
    lines = [f"{codes.LIMITED_QUALITY.meaning}: {cautions[0]}", *cautions[1:]]
    more = len(lines) - lines_max
    return lines if more <= 0 else [*lines[: lines_max - 1], f"{lines[lines_max - 1]}; {more} more"]
