"""A TOML file comes in; the recipe of a training goes out."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from models.icnet.augment import Augmentation
from models.icnet.schedule import Stage

DEFAULT = Path(__file__).with_name("train.toml")
"""What the shipped weights were trained with."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides about a training, besides the code.

    Attributes
    ----------
    steps
        Of the optimizer.
    views, preset
        How many phantoms, of which family.
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
    views: int
    preset: str
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
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {field.name for field in fields(Recipe)}
    if known != set(values):
        raise ValueError(f"{path} has other keys than it should: {', '.join(sorted(known ^ set(values)))}")
    stages = tuple(
        Stage(stage["until"], (stage["shape"][0], stage["shape"][1]), stage["batch"]) for stage in values["stages"]
    )
    return Recipe(**{**values, "stages": stages, "augmentation": Augmentation(**values["augmentation"])})
