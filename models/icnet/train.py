"""Phantoms come in; checkpoints of a trained ICNet, its curves and a sheet of predictions go out.

``python -m models.icnet.train WORK`` makes the shipped weights; it goes on from a checkpoint that is there.
``--config`` names another recipe, ``--watch IMAGES LABELS`` real frames to look at. ``KERAS_BACKEND=jax`` trains on
whatever accelerator JAX sees, ``KERAS_BACKEND=torch`` twice as fast on a CPU with bfloat16.

``python -m models.icnet.train WORK --finetune DIR --version NAME`` makes a site's own version in ``WORK/NAME``, from
the shipped weights or those of ``--weights``, and the site's frames in DIR; ``--leave-out PREFIX`` tries it on frames
that it does not learn from. DIR may be a reader study or its export: the readers' marks are learned from then, those of
training subjects; ``--whole-organs`` says that they are outlines of whole organs.
"""

import math
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import keras
import numpy as np
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hri_node.errors import HriError
from hri_node.settings import SHIPPED_MODEL_DIR
from models.icnet import checkpoint
from models.icnet.architecture import SHIPPED, Design, build_icnet
from models.icnet.backend import prepare
from models.icnet.data import HELD_OUT_SEED, Batch, Phantoms, cached_phantoms, mixture, training_batch
from models.icnet.losses import HEAD_WEIGHTS, VIEW_WEIGHT, head_loss, view_loss
from models.icnet.recipe import DEFAULT, FINETUNE, Recipe, read_recipe, read_tuning
from models.icnet.schedule import Stage, rate_at, stage_at
from models.icnet.watch import WATCHED_PHANTOMS, OnTheWay

CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True, slots=True)
class Run:
    """One training: where it keeps its files, and how it is done.

    `eager` steps need no graph: each is slower, but a training of a few steps is done sooner.
    """

    work: Path
    recipe: Recipe
    eager: bool = False


Watcher = Callable[[Path, int], str]
"""Is shown a checkpoint and its number of steps; says in a few words what it saw."""


def train(run: Run, phantoms: Phantoms, until: int | None = None, watcher: Watcher | None = None) -> checkpoint.State:
    """Train from the checkpoint of `run`, or from the start, and keep a checkpoint.

    Parameters
    ----------
    run
        What to do.
    phantoms
        Views to learn from.
    until
        Stop after this step; all steps by default.
    watcher
        Is shown each checkpoint whose turn it is.

    Returns
    -------
    checkpoint.State
        Steps done and the loss of each.
    """
    recipe = run.recipe
    last = min(recipe.steps, until or recipe.steps)
    keras.utils.set_random_seed(recipe.seed)
    run.work.mkdir(parents=True, exist_ok=True)
    state, columns = None, (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("training", total=last)
        while state is None or state.step < last:
            stage = stage_at(state.step if state else _steps_done(run), recipe.steps, recipe.stages)
            model, state = _prepare(run, stage)
            end = min(last, math.ceil(stage.until * recipe.steps))
            for step, batch in _batches(run, stage, phantoms, range(state.step, end)):
                loss = _step(model, batch, rate_at(step, recipe.steps, recipe.peak_rate, recipe.warm_up_steps))
                state.update(model)
                state.losses.append(loss)
                progress.update(bar, completed=state.step, description=f"training, loss {loss:.3f}")
                if state.step % recipe.save_every == 0 or state.step == end:
                    checkpoint.save(run.work / CHECKPOINT, model, state)
                if watcher and (state.step % recipe.monitor_every == 0 or state.step == last):
                    checkpoint.save(run.work / CHECKPOINT, model, state)
                    progress.console.print(watcher(run.work / CHECKPOINT, state.step))
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
    model = build_icnet(Design(stage.shape, SHIPPED.channels, SHIPPED.views), training=True)
    optimizer = keras.optimizers.AdamW(weight_decay=run.recipe.weight_decay, clipnorm=1.0)
    losses, weights = [*[head_loss] * 3, view_loss], [*HEAD_WEIGHTS, VIEW_WEIGHT]
    model.compile(optimizer, loss=losses, loss_weights=weights, jit_compile=_on_jax(), run_eagerly=run.eager)
    path = run.work / CHECKPOINT
    if path.exists():
        return model, checkpoint.restore(path, model)
    return model, checkpoint.State(0, checkpoint.weights_of(model))


def _on_jax() -> bool:
    """JAX compiles or crawls; TensorFlow's own kernels are faster than what it compiles for a CPU."""
    return bool(keras.backend.backend() == "jax")


def _batches(run: Run, stage: Stage, phantoms: Phantoms, steps: range) -> Iterator[tuple[int, Batch]]:
    """Batches of the stage, the next one made while the network works; each depends on seed and step alone."""

    def make(step: int) -> Batch:
        rng = np.random.default_rng([run.recipe.seed, step])
        return training_batch(phantoms, rng, stage.batch, stage.shape, run.recipe.augmentation)

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
    targets = [*[batch.targets] * 3, batch.kinds]
    return float(model.train_on_batch(batch.channels, targets, return_dict=True)["loss"])


def main(  # noqa: PLR0913 - each is an option of the command
    work: Annotated[Path, typer.Argument(help="Folder for phantoms, checkpoints and figures; outside the project.")],
    config: Annotated[Path | None, typer.Option(help="Recipe, TOML.", exists=True, dir_okay=False)] = None,
    watch: Annotated[tuple[Path, Path] | None, typer.Option(help="Real pictures and label maps to look at.")] = None,
    finetune: Annotated[Path | None, typer.Option(help="A site's frames, or a reader study.")] = None,
    weights: Annotated[Path, typer.Option(help="Version to fine-tune, its folder.")] = SHIPPED_MODEL_DIR,
    version: Annotated[str, typer.Option(help="Name of the site's own version.")] = "site",
    leave_out: Annotated[str | None, typer.Option(help="Only look at frames whose names begin so.")] = None,
    *,
    whole_organs: Annotated[
        bool, typer.Option("--whole-organs", help="The study's outlines are of whole organs, not of regions.")
    ] = False,
) -> None:
    """Train ICNet on phantoms, or fine-tune it with the frames of a site."""
    prepare()
    try:
        recipe = read_recipe(config or DEFAULT) if finetune is None else read_tuning(config or FINETUNE)
    except ValueError as error:
        _stop(error)
    if isinstance(recipe, Recipe):
        _train(work, recipe, watch)
        return
    assert finetune is not None, "a site's recipe is read only where there is a site"
    from models.icnet import finetune as tuned  # noqa: PLC0415 - the exporter is slow to import

    try:
        tuned.finetune(tuned.Request(work, finetune, weights, version, leave_out, whole_organs), recipe)
    except HriError as error:
        _stop(error)


def _stop(error: Exception) -> NoReturn:
    """One sentence, and the exit code of a wrong command."""
    sys.stderr.write(f"{error}\n")
    raise typer.Exit(2) from None


def _train(work: Path, recipe: Recipe, watch: tuple[Path, Path] | None) -> None:
    """All of a training: phantoms, network, curves and a sheet of predictions."""
    from models.icnet.figures import draw_curves, draw_sheet, watched_so_far  # noqa: PLC0415 - matplotlib is slow

    phantoms = mixture(work / "cache", recipe.views)
    held_out = cached_phantoms(work / "cache", WATCHED_PHANTOMS, HELD_OUT_SEED)
    watcher = OnTheWay(phantoms, held_out, watch, work / "watched.jsonl")
    state = train(Run(work, recipe), phantoms, watcher=watcher)
    draw_curves(state.losses, work / "curves.png", watched_so_far(work / "watched.jsonl"))
    draw_sheet(work / CHECKPOINT, phantoms, held_out, work / "predictions.png")


if __name__ == "__main__":
    typer.run(main)
