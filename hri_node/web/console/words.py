"""Codes of results and states come in; what they mean goes out, in a sentence that a person on duty understands."""

from typing import Final

from hri_node.ledger.states import DeliveryState, InstanceState, StudyState
from hri_node.measure.types import Caution, Reason
from hri_node.read.select import SkipReason

REASONS: Final[dict[str, str]] = {
    Reason.NOT_BMODE: "This is no single B-mode picture: it is in colour, or shows several, a time strip, or text.",
    Reason.WRONG_VIEW: "This is not a view of liver and right kidney, or not clearly one.",
    Reason.NO_SECTOR: "The scanned sector of a convex probe was not found in the picture.",
    Reason.NO_LIVER: "No liver was seen in the picture.",
    Reason.NO_KIDNEY: "No right kidney was seen in the picture.",
    Reason.KIDNEY_TOO_SMALL: "Less than 6 cm² of the right kidney are visible.",
    Reason.NO_LIVER_AT_KIDNEY_DEPTH: "No liver lies at the depth of the kidney: the two cannot be compared.",
    Reason.NO_KIDNEY_WINDOW: "No place in the renal cortex is large and even enough for a region.",
    Reason.NO_LIVER_WINDOW: "No place in the liver is large and even enough for a region.",
    Reason.KIDNEY_TOO_DARK: "The renal cortex is almost black (mean below 10): a ratio to it would mean nothing.",
    Reason.SPACING_MISSING: "Nothing tells how many millimetres a pixel is: a region of 15 mm cannot be placed.",
}
"""Why an image has no index (measure/ALGORITHM.md, reasons)."""

SKIPPED: Final[dict[str, str]] = {
    SkipReason.NOT_ULTRASOUND: "It is no ultrasound image: it is kept, and not measured.",
    SkipReason.ULTRASOUND_VOLUME: "It is an ultrasound volume; only 2-D pictures are measured.",
    SkipReason.NO_PIXEL_DATA: "It holds no picture.",
    SkipReason.NOT_BMODE: "Its header says that it shows M-mode, a spectrum or colour flow, and no B-mode picture.",
}
"""Why an instance was not looked at (CONFORMANCE, received)."""

REFUSED: Final[dict[str, str]] = {"unreadable": "The file is damaged or encoded in a way that cannot be read."}
"""Why an instance could not be looked at; `detail` of its job says what is wrong with it."""

CAUTIONS: Final[dict[str, str]] = {
    Caution.LOW_SEG_CONFIDENCE: "The network is unsure of an outline (mean probability below 0.85): look at it.",
    Caution.KIDNEY_SHAPE: "The kidney's outline is irregular, or cut off by the sector: the cortex may be misplaced.",
    Caution.SHADOW_FRACTION: "Over a quarter of an organ lies in acoustic shadow.",
    Caution.ROI_SHRUNK: "A region of 15 mm did not fit: one of 10 or 7 mm was used, which varies more.",
    Caution.ROI_HETEROGENEOUS: "The echoes inside a region are uneven: a vessel or the sinus may lie in it.",
    Caution.DEPTH_MISMATCH: "The regions lie over 5 mm apart in depth: attenuation and gain may differ.",
    Caution.LATERAL_GAP: "The regions lie over 60 mm apart across the picture.",
    Caution.GMM_AMBIGUOUS: "It is uncertain which grey levels are cortex.",
    Caution.GMM_K2: "Only two tissues could be told apart in the kidney, where three are expected.",
    Caution.FLOOR_CLIP: "Over 2 % of a region is black: the gain was too low for a true mean.",
    Caution.SAT_CLIP: "Over 0.5 % of a region is white: the gain was too high for a true mean.",
    Caution.KIDNEY_DARK: "The cortex is dark (mean below 25): a small difference of it changes the index a lot.",
    Caution.ROI_NEAR_OVERLAY: "Coloured marks of the screen lie within 3 mm of a region.",
    Caution.COLOR_TINT: "The scanner tinted its grey levels: their brightness is only nearly right.",
    Caution.SPACING_ASSUMED: "Millimetres per pixel were estimated from the picture: regions may be larger or smaller.",
    Caution.DEPTH_BY_ROW: "No fan was found: depth was counted in rows of the picture, not along the beam.",
    Caution.FOCUS_ZONE_UNKNOWN: "The liver's own brightness changes between the depths of the two regions.",
    Caution.LEFT_KIDNEY_POSSIBLE: "This may be the left kidney, and the spleen instead of the liver.",
    Caution.HRI_UNSTABLE: "The index changes by over 15 % when a region moves by 3 mm or to the next best place.",
}
"""Why an index deserves a second look (measure/ALGORITHM.md, cautions)."""

INSTANCE_STATES: Final[dict[str, tuple[str, str]]] = {
    InstanceState.WAITING: ("waits", "busy"),
    InstanceState.MEASURED: ("measured", "ok"),
    InstanceState.NOT_MEASURABLE: ("not measurable", "off"),
    InstanceState.SKIPPED: ("not for us", "off"),
    InstanceState.REFUSED: ("cannot be read", "bad"),
    InstanceState.FAILED: ("failed", "bad"),
    InstanceState.DISCARDED: ("discarded", "off"),
}
STUDY_STATES: Final[dict[str, tuple[str, str]]] = {
    StudyState.OPEN: ("open", "busy"),
    StudyState.REPORTED: ("reported", "ok"),
    StudyState.NOTHING_TO_REPORT: ("nothing to report", "off"),
    StudyState.FAILED: ("failed", "bad"),
    StudyState.DISCARDED: ("discarded", "off"),
}
DELIVERY_STATES: Final[dict[str, tuple[str, str]]] = {
    DeliveryState.WAITING: ("waits", "busy"),
    DeliveryState.COMMITTED: ("committed", "ok"),
    DeliveryState.VERIFIED: ("verified", "ok"),
    DeliveryState.DELIVERED: ("delivered", "ok"),
    DeliveryState.REFUSED: ("refused", "bad"),
    DeliveryState.FAILED: ("failed", "bad"),
    DeliveryState.DISCARDED: ("discarded", "off"),
}
"""What a badge says, and how it looks."""

PROOFS: Final[dict[str, str]] = {
    DeliveryState.WAITING: "Not there yet, or not proven yet.",
    DeliveryState.COMMITTED: "The destination took the responsibility for it (storage commitment).",
    DeliveryState.VERIFIED: "The destination was asked and named it (query).",
    DeliveryState.DELIVERED: "The destination said to have stored it; it offers no proof.",
    DeliveryState.REFUSED: "The destination does not take it, and would not if it were asked again.",
    DeliveryState.FAILED: "It was given up.",
    DeliveryState.DISCARDED: "Nobody delivers it any more: a later revision replaced it, or a person set it aside.",
}
"""How a delivery is proven, or why it is not."""

KINDS: Final[dict[str, str]] = {
    "sr": "Structured Report",
    "seg": "Segmentation",
    "sc": "Picture",
    "pr": "Presentation State",
    "pdf": "PDF",
}
SERVICES: Final[dict[str, str]] = {
    "c-store": "C-STORE",
    "stow-rs": "STOW-RS",
    "import": "import of files",
    "pull": "pull from an archive",
}
SPACINGS: Final[dict[str, str]] = {
    "ultrasound_region": "the header's calibrated region",
    "pixel_spacing": "the header's Pixel Spacing",
    "argument": "the caller",
    "ruler": "the ruler on the screen",
    "probe_curvature": "the probe's curvature, assumed 55 mm",
    "kidney_length": "the kidney's length, assumed 105 mm",
}
"""Where millimetres per pixel are from."""


def why_not(state: str, reason: str, detail: str = "") -> str:
    """Why an instance has no index, in a sentence; empty where it has one, or waits.

    Parameters
    ----------
    state, reason, detail
        Of its row.
    """
    if state == InstanceState.SKIPPED:
        return SKIPPED.get(reason, reason)
    if state in {InstanceState.REFUSED, InstanceState.FAILED}:
        return REFUSED.get(reason, "") + f" {_sentence(detail)}" * bool(detail)
    return REASONS.get(reason, reason) if reason else _sentence(detail)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}" if words else ""
