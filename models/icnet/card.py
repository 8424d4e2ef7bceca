"""What the node made of phantoms and real frames comes in; the text of a version's model card goes out."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hri_node.segment.manifest import FILE_NAME
from models.icnet.markdown import table
from models.icnet.real import RealFrame
from models.icnet.tables import (
    ablations_table,
    index_table,
    organs_table,
    real_tables,
    screens_table,
    targets_table,
    views_table,
)
from models.icnet.targets import PAPER, Target, phantom_targets, real_targets
from models.icnet.trial import Trial

CARD = "card.md"
NOTES = "training.md"
"""How a version was trained, in its own words; kept in its folder and taken over into the card."""

FIGURES = "figures"
"""Subfolder of the version for the card's pictures; they show phantoms only."""

INTENDED_USE = """\
For research: it outlines liver and right kidney on B-mode pictures of adults that show both (hepatorenal view,
curved probe), so that `hri-node` can place its ROIs. A person looks at the outlines before a value is used. Not for
diagnosis, not for other organs, not for Doppler, elastography, contrast, linear probes, transplants or children."""

LIMITS = """\
* It learned from synthetic phantoms alone. What it does on a scanner it was not tried on is unknown until it is tried:
  `hri-node evaluate IMAGES LABELS` does that on label maps of one's own.
* The real frames are of one scanner and six healthy people, outlined by eye, not by a radiologist.
* A left kidney beside the spleen cannot be told from a right one with certainty on a single frame.
* An organ wholly behind gas, ribs or lung is missed or guessed; masses, cysts and hydronephrosis are rare in its
  phantoms.
* The truth of the index on phantoms is the simulator's own; agreement with readers is another question."""


SITE_LIMITS = """\
* It was suited to the images of one site. What it does on other scanners than theirs is unknown.
* It agrees with the readers it learned from; where they err, it errs with them.
* Figures on subjects that chose when to stop are too good; those on test subjects are not, as long as no version was
  chosen by them. Made again and again until the test looks well, it is no test any more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a version.

    Attributes
    ----------
    folder
        Of the version.
    trials
        Preset to what was made of its phantoms.
    frames
        Real frames; empty where none were at hand.
    ablations
        TOML file of what each ingredient bought.
    pictures
        Names of the figures in the version's folder, with what they show.
    """

    folder: Path
    trials: Mapping[str, Sequence[Trial]]
    frames: Sequence[RealFrame] = ()
    ablations: Path | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)


def card_of(evidence: Evidence) -> str:
    """The whole card.

    Parameters
    ----------
    evidence
        What is known of the version.
    """
    manifest = tomllib.loads((evidence.folder / FILE_NAME).read_text(encoding="utf-8"))
    trials = [trial for each in evidence.trials.values() for trial in each]
    parts = [
        [f"# ICNet {manifest['version']}: liver and kidney on hepatorenal views"],
        [f"*Written by `python -m models.icnet.evaluate`: change `{NOTES}` or the ablations and write it again.*"],
        _section("What it is", _identity(manifest)),
        _section("Intended use", INTENDED_USE.splitlines()),
        _section("Training", _training(evidence.folder, manifest)),
        _section("Targets", targets_table([*real_targets(evidence.frames), *_phantom_targets(evidence)])),
        _section("Organs on phantoms", organs_table(evidence.trials)),
        _section("Index against the display-domain truth", index_table(evidence.trials)),
        _section("By vendor-like screen", screens_table(trials)),
        _section("View check on phantoms", views_table(trials)),
        _section("Real frames", real_tables(evidence.frames)),
        _section("Ablations", ablations_table(evidence.ablations)),
        _section("Pictures", _pictures(evidence.pictures)),
        _section("Limits", LIMITS.splitlines()),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def site_card(folder: Path) -> str:
    """The card of a site's own version.

    Parameters
    ----------
    folder
        Of the version; its notes hold what was won or lost.
    """
    manifest = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    parts = [
        [f"# ICNet {manifest['version']}: a site's own version"],
        ["*Written by `python -m models.icnet.train --finetune`.*"],
        _section("What it is", _identity(manifest)),
        _section("Intended use", INTENDED_USE.splitlines()),
        _section("Training, before and after", _training(folder, manifest)),
        _section("Limits", SITE_LIMITS.splitlines()),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *lines]


def _identity(manifest: Mapping[str, Any]) -> list[str]:
    """Name, version, identity and size of input and output."""
    rows = [
        [key, str(manifest[key])] for key in ("version", "device_uid", "weights_sha256", "runtime") if key in manifest
    ]
    rows += [
        [key, ", ".join(map(str, manifest[key]))] for key in ("input_shape", "classes", "views") if key in manifest
    ]
    return table(["", ""], rows)


def _training(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """The version's own notes, then the plain numbers of its manifest."""
    notes = folder / NOTES
    lines = [*notes.read_text(encoding="utf-8").strip().splitlines(), ""] if notes.is_file() else []
    plain = {key: value for key, value in manifest.get("training", {}).items() if not isinstance(value, dict)}
    return [*lines, *table(["setting", "value"], [[key, str(value)] for key, value in plain.items()])]


def _phantom_targets(evidence: Evidence) -> list[Target]:
    return phantom_targets(evidence.trials.get(PAPER, ()))


def _pictures(pictures: Mapping[str, str]) -> list[str]:
    return [line for name, shown in pictures.items() for line in (shown, "", f"![{shown}]({FIGURES}/{name})", "")]
