"""How each image agreed with its label map comes in; totals, as numbers and as tables, go out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.table import Table

from hri_node.measure.overlap import Overlap
from hri_node.measure.types import Outcome

JACCARD_MIN = 0.7
"""Below this an organ is not found well: the paper counts its kidneys by it (1 % of 294)."""

DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """One image: what the node made of it, and each class against the truth.

    Attributes
    ----------
    outcome
        ``measured`` or ``not_measurable``, with its reasons.
    classes
        Class to agreement.
    """

    name: str
    image: str
    labels: str
    frame_number: int
    outcome: str
    reasons: tuple[str, ...]
    hri: float | None
    classes: dict[str, Overlap]

    @property
    def rank(self) -> tuple[float, float]:
        """Lowest and mean index of its classes; false area alone counts as 0, and nothing where nothing is as 1."""
        overlaps = self.classes.values()
        indices = [1.0 - bool(each.found_pixels) if each.jaccard is None else each.jaccard for each in overlaps]
        return min(indices), sum(indices) / len(indices)

    @property
    def worst(self) -> float:
        """The lowest index of its classes."""
        return self.rank[0]

    def to_json(self) -> dict[str, Any]:
        """Plain values for one line of JSON."""
        return {
            "image": self.image,
            "labels": self.labels,
            "frame_number": self.frame_number,
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "hri": self.hri,
            "classes": {name: _rounded(asdict(overlap)) for name, overlap in self.classes.items()},
        }


def summary(scores: Sequence[Score], unpaired: int, unreadable: int) -> dict[str, Any]:
    """Totals over all images, in plain values.

    Parameters
    ----------
    scores
        One per image.
    unpaired, unreadable
        Files that had no counterpart, and pairs that could not be read.
    """
    measured = sum(score.outcome == Outcome.MEASURED for score in scores)
    names = list(dict.fromkeys(name for score in scores for name in score.classes))
    return {
        "images": len(scores),
        "measured": measured,
        "not_measurable": len(scores) - measured,
        "reasons": dict(Counter(reason for score in scores for reason in score.reasons).most_common()),
        "unpaired": unpaired,
        "unreadable": unreadable,
        "classes": {name: class_summary([score.classes[name] for score in scores]) for name in names},
    }


def class_summary(overlaps: Sequence[Overlap]) -> dict[str, Any]:
    """Totals of one class; images without it are told by their false area and are in no mean."""
    present = [each for each in overlaps if each.jaccard is not None]
    false = [each.found_pixels for each in overlaps if each.jaccard is None]
    indices = np.array([each.jaccard for each in present], np.float64)
    return _rounded({
        "images": len(present),
        "jaccard_mean": _mean([each.jaccard for each in present]),
        "jaccard_median": float(np.median(indices)) if present else None,
        "jaccard_p5": float(np.percentile(indices, 5)) if present else None,
        "jaccard_below_0.7": float(np.mean(indices < JACCARD_MIN)) if present else None,
        "dice_mean": _mean([each.dice for each in present]),
        "boundary_px_mean": _mean([each.boundary_px for each in present]),
        "boundary_mm_mean": _mean([each.boundary_mm for each in present]),
        "absent_images": len(false),
        "false_images": sum(pixels > 0 for pixels in false),
        "false_pixels_mean": _mean(false),
    })


def image_table(scores: Sequence[Score]) -> Table:
    """One line per image, for people."""
    names = list(dict.fromkeys(name for score in scores for name in score.classes))
    table = Table("Image", *(f"{name}: Jaccard, Dice, boundary" for name in names), "Outcome")
    for score in scores:
        cells = [_cell(score.classes[name]) for name in names]
        outcome = f"HRI {score.hri:.2f}" if score.hri is not None else f"not measurable: {', '.join(score.reasons)}"
        table.add_row(score.name, *cells, outcome)
    return table


def summary_table(totals: dict[str, Any]) -> Table:
    """One line per class, for people."""
    table = Table(
        "Class", "Images", "Jaccard", "Median", "5 %", "Below .7", "Dice", "Boundary", "Without it: false area"
    )
    for name, each in totals["classes"].items():
        shares = [_text(each[key]) for key in ("jaccard_mean", "jaccard_median", "jaccard_p5")]
        below = "-" if each["jaccard_below_0.7"] is None else f"{each['jaccard_below_0.7']:.0%}"
        boundary = _boundary(each["boundary_px_mean"], each["boundary_mm_mean"])
        false = f"{each['false_images']} of {each['absent_images']}"
        if each["false_images"]:
            false += f", {each['false_pixels_mean']:.0f} px on average"
        table.add_row(name, str(each["images"]), *shares, below, _text(each["dice_mean"]), boundary, false)
    table.caption = f"{totals['measured']} of {totals['images']} images measured. Research use."
    return table


def _cell(overlap: Overlap) -> str:
    if overlap.jaccard is None:
        return f"not there; {overlap.found_pixels} px found" if overlap.found_pixels else "not there, not found"
    boundary = _boundary(overlap.boundary_px, overlap.boundary_mm)
    return f"{_text(overlap.jaccard)}  {_text(overlap.dice)}  {boundary}"


def _boundary(pixels: float | None, millimetres: float | None) -> str:
    if pixels is None:
        return "-"
    return f"{pixels:.1f} px" + (f", {millimetres:.1f} mm" if millimetres is not None else "")


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, DECIMALS) if isinstance(value, float) else value for name, value in values.items()}
