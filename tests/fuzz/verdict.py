"""An ending comes in; nothing, or what is wrong with it, goes out."""

from cage import Ending, How
from samples import NAMES

SECONDS_MAX = 12.0
"""For a bomb, on a core that others use; most take none."""

PEAK_MAX_BYTES = 400 * 2**20
"""A deflated dataset may take 256 MiB, the largest picture of 16 bits a little less."""

SENTENCE_MAX = 400


def check(ending: Ending) -> None:
    """Done or refused, in one sentence, soon, small, and without a word about the patient."""
    assert ending.how in {How.DONE, How.REFUSED}, ending.sentence
    assert "\n" not in ending.sentence
    assert len(ending.sentence) <= SENTENCE_MAX
    assert bool(ending.sentence) == (ending.how is How.REFUSED)
    assert ending.seconds < SECONDS_MAX
    assert ending.peak_bytes < PEAK_MAX_BYTES
    for name in NAMES.values():
        assert name not in ending.sentence + ending.said
