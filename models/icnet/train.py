"""Phantoms come in; checkpoints of a trained ICNet, its curves and a sheet of predictions go out.

``python -m models.icnet.train WORK --steps 2500`` goes on from the checkpoint in WORK if there is one.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from models.icnet import checkpoint
from models.icnet.architecture import build_icnet
from models.icnet.data import Batch, Phantoms, cached_phantoms, training_batch
from models.icnet.losses import HEAD_WEIGHTS, head_loss
from models.icnet.schedule import STAGES, Stage, rate_at, stage_at

CHECKPOINT = "checkpoint.npz"

WEIGHT_DECAY = 1e-4
"""Of AdamW."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training: where it keeps its files, how many steps, from which seed, and how often it saves.

    `eager` steps need no graph: each is slower, but a training of a few steps is done sooner.
    """

    work: Path
    steps: int
    seed: int = 0
    save_every: int = 100
    stages: tuple[Stage, ...] = STAGES
    eager: bool = False


def train(run: Run, phantoms: Phantoms, until: int | None = None) -> checkpoint.State:
    """Train from the checkpoint of `run`, or from the start, and keep a checkpoint.

    Parameters
    ----------
    run
        What to do.
    phantoms
        Views to learn from.
    until
        Stop after this step; all steps by default.

    Returns
    -------
    checkpoint.State
        Steps done and the loss of each.
    """
    last = min(run.steps, until or run.steps)
    keras.utils.set_random_seed(run.seed)
    run.work.mkdir(parents=True, exist_ok=True)
    state, columns = None, (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("training", total=last)
        while state is None or state.step < last:
            stage = stage_at(state.step if state else _steps_done(run), run.steps, run.stages)
            model, state = _prepare(run, stage)
            end = min(last, math.ceil(stage.until * run.steps))
            for step, batch in _batches(run, stage, phantoms, range(state.step, end)):
                loss = _step(model, batch, rate_at(step, run.steps))
                state.update(model)
                state.losses.append(loss)
                progress.update(bar, completed=state.step, description=f"training, loss {loss:.3f}")
                if state.step % run.save_every == 0 or state.step == end:
                    checkpoint.save(run.work / CHECKPOINT, model, state)
    return state


def _steps_done(run: Run) -> int:
    """Steps of the checkpoint, 0 without one."""
    path = run.work / CHECKPOINT
    if not path.exists():
        return 0
    with np.load(path) as stored:
        return int(stored["step"])


def _prepare(run: Run, stage: Stage) -> tuple[keras.Model, checkpoint.State]:
    """The network for the stage's size, where the checkpoint left it."""
    model = build_icnet(stage.shape, training=True)
    optimizer = keras.optimizers.AdamW(weight_decay=WEIGHT_DECAY, clipnorm=1.0)
    losses, weights = [head_loss] * 3, list(HEAD_WEIGHTS)
    model.compile(optimizer, loss=losses, loss_weights=weights, jit_compile=False, run_eagerly=run.eager)
    path = run.work / CHECKPOINT
    if path.exists():
        return model, checkpoint.restore(path, model)
    return model, checkpoint.State(0, checkpoint.weights_of(model))


def _batches(run: Run, stage: Stage, phantoms: Phantoms, steps: range) -> Iterator[tuple[int, Batch]]:
    """Batches of the stage, the next one made while the network works; each depends on seed and step alone."""

    def make(step: int) -> Batch:
        return training_batch(phantoms, np.random.default_rng([run.seed, step]), stage.batch, stage.shape)

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(make, steps[0])
        for step in steps:
            batch = coming.result()
            if step + 1 in steps:
                coming = pool.submit(make, step + 1)
            yield step, batch


def _step(model: keras.Model, batch: Batch, rate: float) -> float:
    """One step of the optimizer; the weighted loss of all heads."""
    model.optimizer.learning_rate = rate
    return float(model.train_on_batch(batch.pixels, [batch.targets] * 3, return_dict=True)["loss"])


def main(
    work: Annotated[Path, typer.Argument(help="Folder for phantoms, checkpoints and figures; outside the project.")],
    steps: Annotated[int, typer.Option(min=10, help="Steps of the optimizer in all.")] = 2500,
    views: Annotated[int, typer.Option(min=8, help="Phantoms to learn from.")] = 2800,
    seed: Annotated[int, typer.Option(help="Same seed, same training.")] = 0,
) -> None:
    """Train ICNet on phantoms."""
    run = Run(work, steps, seed)
    phantoms = cached_phantoms(work / "cache", views)
    state = train(run, phantoms)
    from models.icnet.figures import draw_curves, draw_sheet  # noqa: PLC0415 - matplotlib is slow to import

    draw_curves(state.losses, work / "curves.png")
    draw_sheet(work / CHECKPOINT, phantoms, work / "predictions.png")


if __name__ == "__main__":
    typer.run(main)
