"""Decisions of a researcher come in; the folder of a new study, and its key apart from it, go out."""

import os
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hri_node.commands.screen import MISUSED, fail, out
from hri_node.errors import Misconfigured
from hri_node.study.project.key import create_key
from hri_node.study.project.protocol import Protocol, Split
from hri_node.study.project.records import Shape
from hri_node.study.project.store import create_study, refuse_others

SEED_MAX: Final = 2**31
"""Seeds that are drawn are short enough to be typed."""

PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Decisions:
    """What `hri-node study new` was given; `seed` None: one is drawn."""

    name: str
    readers: str
    key: Path | None = None
    seed: int | None = None
    sessions: int = 2
    interval_days: int = 28
    shapes: str = "square,polygon,freehand"
    split: str = "0,0,1"
    unit: str = "patient"
    choose: str = "view"
    hide_values: bool = False


def new_study(folder: Path, decisions: Decisions) -> None:
    """Make a study and its key.

    Parameters
    ----------
    folder
        Of the study; not there yet, or empty.
    decisions
        Of the researcher.
    """
    folder = folder.absolute()
    key = (decisions.key or folder.with_name(f"{folder.name}.key.csv")).absolute()
    _refuse_inside(key, folder)
    protocol = Protocol(
        name=decisions.name,
        study_id=uuid.uuid4().hex,
        key=os.path.relpath(key, folder),
        readers=tuple(_words(decisions.readers)),
        seed=secrets.randbelow(SEED_MAX) if decisions.seed is None else decisions.seed,
        sessions=decisions.sessions,
        interval_days=decisions.interval_days,
        shapes=shapes_of(decisions.shapes),
        show_values=not decisions.hide_values,
        unit=decisions.unit,
        choose=decisions.choose,
        split=split_of(decisions.split),
    )
    refuse_others(folder)
    create_key(key, protocol.study_id)
    create_study(folder, protocol).close()
    out.print(f"study {folder} with {len(protocol.readers)} readers; seed {protocol.seed}", markup=False)
    out.print(f"key {key}: whoever has it knows who the subjects are. Keep it apart.", markup=False, soft_wrap=True)


def _refuse_inside(key: Path, folder: Path) -> None:
    """A study is given away; its key is not."""
    if key.resolve().is_relative_to(folder.resolve()):
        raise Misconfigured(f"--key: {key} lies in the study itself; it has to lie apart from it")
    if not key.parent.is_dir():
        raise Misconfigured(f"--key: folder {key.parent} does not exist")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def shapes_of(text: str) -> tuple[Shape, ...]:
    """Shapes out of ``square,polygon``."""
    words = _words(text)
    if not words or not set(words) <= set(Shape) or len(set(words)) < len(words):
        fail(f"--shapes: {text!r} must be some of {','.join(Shape)}, each once", MISUSED)
    return tuple(Shape(word) for word in words)


def split_of(text: str) -> Split:
    """Shares out of ``0.7,0.15,0.15``: train, validation, test."""
    try:
        shares = [float(word) for word in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) != PARTS:
        fail(f"--split: {text!r} must be three shares, of train, validation and test, such as 0.7,0.15,0.15", MISUSED)
    return Split(*shares)
