"""A TOML file comes in; the recipe of a training, or of a fine-tuning, goes out."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from models.icnet.augment import Augmentation
from models.icnet.schedule import Stage

DEFAULT = Path(__file__).with_name("train.toml")
"""What the shipped weights were trained with."""

FINETUNE = Path(__file__).with_name("finetune.toml")
"""What a site's own weights are made with."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides about a training, besides the code.

    Attributes
    ----------
    steps
        Of the optimizer.
    views
        How many phantoms of each preset.
    seed
        Of weights, batches and augmentation.
    peak_rate, warm_up_steps, weight_decay
        Of AdamW.
    save_every, monitor_every
        Steps between checkpoints, and between looks at views that are not trained on.
    stages
        Sizes of the pictures, one after the other.
    augmentation
        What is done to each view.
    """

    steps: int
    views: dict[str, int]
    seed: int
    peak_rate: float
    warm_up_steps: int
    weight_decay: float
    save_every: int
    monitor_every: int
    stages: tuple[Stage, ...]
    augmentation: Augmentation

    def __post_init__(self) -> None:
        if not self.stages or self.stages[-1].until != 1:
            raise ValueError("the last stage must go until = 1.0")


def read_recipe(path: Path = DEFAULT) -> Recipe:
    """The recipe that a file holds.

    Parameters
    ----------
    path
        TOML with a key for each field of `Recipe`.

    Raises
    ------
    ValueError
        A key is missing or unknown, or the stages do not reach the end.
    """
    values = _values(path, Recipe)
    stages = tuple(
        Stage(stage["until"], (stage["shape"][0], stage["shape"][1]), stage["batch"]) for stage in values["stages"]
    )
    return Recipe(**{**values, "stages": stages, "augmentation": Augmentation(**values["augmentation"])})


@dataclass(frozen=True, slots=True)
class Tuning:
    """All that decides about a fine-tuning, besides the code.

    Attributes
    ----------
    steps, batch
        Of the optimizer, and pictures in each.
    rate, warm_up_steps
        Of Adam: the highest, and steps until it is reached.
    phantoms
        Share of each batch that is phantoms, so that nothing is forgotten; 0 to less than 1.
    unlabelled
        Share of the other pictures that have no label map, where there are such; 0 to 1.
    guesses, looks
        Frames without a label map that the network outlines itself each time, and how often it does.
    views
        How many phantoms of each preset.
    seed
        Of batches and augmentation.
    augmentation
        What is done to each picture.
    """

    steps: int
    batch: int
    rate: float
    warm_up_steps: int
    phantoms: float
    unlabelled: float
    guesses: int
    looks: int
    views: dict[str, int]
    seed: int
    augmentation: Augmentation

    def __post_init__(self) -> None:
        if not 0 <= self.phantoms < 1 or not 0 <= self.unlabelled <= 1:
            raise ValueError("phantoms must be from 0 to less than 1, unlabelled from 0 to 1")
        if min(self.steps, self.batch, self.guesses, self.looks, *self.views.values()) < 1:
            raise ValueError("steps, batch, guesses, looks and views must be 1 at least")


def read_tuning(path: Path = FINETUNE) -> Tuning:
    """The recipe of a fine-tuning that a file holds.

    Parameters
    ----------
    path
        TOML with a key for each field of `Tuning`.

    Raises
    ------
    ValueError
        A key is missing or unknown, or a value cannot be.
    """
    values = _values(path, Tuning)
    return Tuning(**{**values, "augmentation": Augmentation(**values["augmentation"])})


def _values(path: Path, kind: type[Recipe | Tuning]) -> dict[str, Any]:
    """The file's keys, which are the fields of `kind`."""
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {field.name for field in fields(kind)}
    if known != set(values):
        raise ValueError(f"{path} has other keys than it should: {', '.join(sorted(known ^ set(values)))}")
    return values
