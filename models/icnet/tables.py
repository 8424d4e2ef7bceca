"""Phantoms, real frames and ablations as the node made them come in; the tables of a model card go out."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.icnet.markdown import NOTHING, Cell, count_of, percent, table, text
from models.icnet.real import KIDNEY, NEGATIVE, NO_KIDNEY, OUTLINED, SURE, UNCERTAIN, RealFrame, indices, measured_of
from models.icnet.targets import Target
from models.icnet.totals import (
    IndexFigures,
    by_screen,
    index_figures,
    organ_figures,
    reasons_of,
)
from models.icnet.trial import ORGANS, Trial
from models.icnet.viewcheck import calibration_error, view_figures


def targets_table(targets: Sequence[Target]) -> list[str]:
    """Every target with what was found, also where it is missed."""
    rows: list[list[Cell]] = [
        [
            each.name,
            f"{'≤' if each.at_most else '≥'} {each.bound:g}",
            each.found,
            "not measured" if each.met is None else each.met,
        ]
        for each in targets
    ]
    return table(["figure", "target", "found", "met"], rows)


def organs_table(trials: Mapping[str, Sequence[Trial]]) -> list[str]:
    """Distribution of the Jaccard index by preset and organ."""
    rows: list[list[Cell]] = []
    for preset, own in trials.items():
        for organ in ORGANS:
            it = organ_figures(own, organ)
            shares: list[str | float | int | None] = [
                it.mean,
                it.median,
                it.p5,
                percent(it.below),
                it.visible,
                it.boundary_mm,
            ]
            rows.append([preset, organ, it.views, *shares, count_of(it.false, it.absent)])
    head = ["preset", "organ", "views", "Jaccard", "median", "5 %", "below 0.7", "without deep shadow", "border, mm"]
    return table([*head, "found where it is not"], rows)


def index_table(trials: Mapping[str, Sequence[Trial]]) -> list[str]:
    """Index against truth by preset, with the network's masks and with the true ones; then why none was given."""
    rows: list[list[Cell]] = [
        [preset, "true masks" if given else "network", *_index_cells(index_figures(own, given=given))]
        for preset, own in trials.items()
        for given in (False, True)
    ]
    head = ["preset", "masks", "views", "usable", "r", "bias", "SD", "limits of agreement", "MAPE", "interval holds it"]
    reasons: list[list[Cell]] = [
        [preset, reason, percent(share)] for preset, own in trials.items() for reason, share in reasons_of(own).items()
    ]
    return [
        *table(head, rows),
        "",
        "Hepatorenal phantoms without an index:",
        "",
        *table(["preset", "reason", "share"], reasons),
    ]


def _index_cells(it: IndexFigures) -> list[Cell]:
    low, high = it.limits
    limits = f"{text(low)} to {text(high)}"
    return [it.views, percent(it.usable), it.r, it.bias, it.sd, limits, percent(it.mape), percent(it.covered)]


def screens_table(trials: Sequence[Trial]) -> list[str]:
    """Hepatorenal phantoms by the family of their screen."""
    rows: list[list[Cell]] = []
    for screen, own in by_screen([trial for trial in trials if trial.is_hepatorenal]).items():
        it = index_figures(own)
        indices = [organ_figures(own, organ).mean for organ in ORGANS]
        rows.append([screen, len(own), *indices, percent(it.usable), it.r, it.bias, it.sd])
    return table(["screen", "views", *(f"Jaccard {organ}" for organ in ORGANS), "usable", "r", "bias", "SD"], rows)


def views_table(trials: Sequence[Trial]) -> list[str]:
    """What the network calls each kind of view, and how much of it is measured."""
    figures = view_figures(trials)
    names = list(dict.fromkeys(name for each in figures for name in sorted(each.named)))
    rows: list[list[Cell]] = [
        [
            each.kind,
            each.views,
            *(percent(each.named.get(name, 0.0)) for name in names),
            each.probability,
            each.score,
            percent(each.measured),
        ]
        for each in figures
    ]
    error = text(calibration_error(trials))
    head = [
        "view",
        "phantoms",
        *(f"called {name}" for name in names),
        "network: hepatorenal",
        "whole check",
        "measured",
    ]
    return [*table(head, rows), "", f"Calibration error of the network's probability of a hepatorenal view: {error}."]


def real_tables(frames: Sequence[RealFrame]) -> list[str]:
    """Groups of real frames, and each outlined frame by itself."""
    if not frames:
        return ["None were at hand when this card was written."]
    groups: list[list[Cell]] = [
        [group, count_of(*measured_of(frames, group)), *(_all_outlines(frames, group, organ) for organ in ORGANS)]
        for group in (OUTLINED, UNCERTAIN, NEGATIVE, NO_KIDNEY, KIDNEY)
    ]
    rows: list[list[Cell]] = []
    for frame in (each for each in frames if each.group == OUTLINED):
        cells = [_real_cell(frame, organ) for organ in ORGANS]
        rows.append([
            frame.name,
            *cells,
            frame.outcome.replace("_", " "),
            ", ".join(frame.reasons) or NOTHING,
            frame.probability,
        ])
    explained = f"Outlines that are not {' or '.join(sorted(SURE))} stand in brackets and count in no mean."
    head = ["frame", *(f"Jaccard {organ}" for organ in ORGANS), "outcome", "reasons", "probability of hepatorenal"]
    return [
        *table(["frames", "measured", *(f"Jaccard {organ}, all outlines" for organ in ORGANS)], groups),
        "",
        explained,
        "",
        *table(head, rows),
    ]


def _all_outlines(frames: Sequence[RealFrame], group: str, organ: str) -> str:
    """Mean index over the outlines of a group, and their number."""
    found = indices(frames, group, organ)
    return f"{sum(found) / len(found):.3f} ({len(found)})" if found else NOTHING


def _real_cell(frame: RealFrame, organ: str) -> str:
    index = text(frame.organs[organ].jaccard)
    return index if frame.confidence.get(organ) in SURE else f"({index})"


def ablations_table(path: Path | None) -> list[str]:
    """What each ingredient bought: the ``[[row]]`` tables of a TOML file, a column for every key."""
    if path is None or not path.is_file():
        return table([], [])
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = content.get("row", [])
    keys = list(dict.fromkeys(key for row in rows for key in row))
    said = [str(content["note"]), ""] if "note" in content else []
    return [*said, *table([key.replace("_", " ") for key in keys], [[row.get(key) for key in keys] for row in rows])]
