"""What a caller decides about a report, beyond what was measured."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hri_node.records import PriorIndex

MODEL_NAME = "hri-node"
"""Manufacturer's Model Name of what this program makes (PS3.3 C.7.5.1)."""

MANUFACTURER_LENGTH_MAX = 64
"""PS3.5 6.2, value representation LO."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who answers for reports that leave as verified (PS3.3 C.17.2): name as in PN, and organization; both ASCII."""

    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A report that another one replaces; `series_instance_uid` empty: it is in the series that ours are in now."""

    sop_instance_uid: str
    series_instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What a caller decides about the objects of one study; part of their identity, so never read from a clock.

    Attributes
    ----------
    created
        When the report was first asked for, aware: from the ledger, so that a rerun gives the same bytes.
    revision
        1 for a study's first report, one more each time a late image changes it.
    manufacturer
        Who answers for the device; ASCII, which every character set of a source can carry.
    parameters
        The measuring parameters in words, ASCII. Other parameters, other UIDs.
    seg_profile
        ``ohif`` adds Pixel Measures and Plane Orientation, without which OHIF shows no SEG; ``strict`` keeps to the
        letter of PS3.3 A.51.5, which has them only for patient-relative frames of reference.
    supersedes
        All the reports that this revision replaces, the latest first: one in between may never
        have reached the PACS, and the one before it must not stay current there.
    priors
        Indices of earlier studies of the same patient, the oldest first.
    is_final
        Preliminary Flag: FINAL, or PRELIMINARY (PS3.3 C.17.2).
    verifier
        Who answers for it: VERIFIED; None: UNVERIFIED.
    patient_on_picture
        Write name, ID and birth date of the patient beside the picture.
    presentation_state, pdf
        Make these too.
    """

    created: datetime
    revision: int
    manufacturer: str
    parameters: str
    seg_profile: Literal["ohif", "strict"] = "ohif"
    supersedes: tuple[Predecessor, ...] = ()
    priors: tuple[PriorIndex, ...] = ()
    is_final: bool = False
    verifier: Verifier | None = None
    patient_on_picture: bool = False
    presentation_state: bool = False
    pdf: bool = False

    def __post_init__(self) -> None:
        assert self.created.tzinfo is not None, "the creation time needs an offset"
        assert self.revision >= 1, "revisions start at 1"
        assert 0 < len(self.manufacturer) <= MANUFACTURER_LENGTH_MAX, "the manufacturer has 1 to 64 characters"
        assert (self.manufacturer + self.parameters).isascii(), "manufacturer and parameters are ASCII"
