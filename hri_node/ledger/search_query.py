"""What a person typed or chose comes in, a question about studies that can be answered goes out."""

from dataclasses import dataclass
from enum import StrEnum

from hri_node.ledger.states import StudyState

TEXT_LENGTH_MAX = 120
WORDS_MAX = 8
"""More than this of what was typed is not looked at."""


class Delivered(StrEnum):
    """What became of the deliveries of a study."""

    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """What is looked for; what is left out is not asked.

    Attributes
    ----------
    text
        Words each of which begins a part of the patient's name, Patient ID or Accession Number; or a UID.
    patient
        Words of name or Patient ID alone.
    accession
        Accession Number or its beginning.
    sender
        AE title that sent any of it, or None.
    first_date, last_date
        Of the study, as its images have it: YYYYMMDD.
    state
        Of the study.
    delivered
        Some of its results were refused, or failed; or wait.
    is_measured
        Whether it has an index.
    lowest, highest
        Of the index.
    by_name
        Whether whoever looks may know names; else words of names find nothing.
    before
        Only studies whose id is smaller: where the page before ended.
    """

    text: str = ""
    patient: str = ""
    accession: str = ""
    sender: str = ""
    first_date: str = ""
    last_date: str = ""
    state: StudyState | None = None
    delivered: Delivered | None = None
    is_measured: bool | None = None
    lowest: float | None = None
    highest: float | None = None
    by_name: bool = True
    before: int | None = None
