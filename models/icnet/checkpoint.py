"""The state of training comes in; one file that training can go on from goes out, and back."""

from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[np.float32]]

AVERAGE_DECAY = 0.995
"""Of the running average of the weights; its memory is a few hundred steps."""


@dataclass(slots=True)
class State:
    """Where training stands: steps done, averaged weights in the order of `trainable_weights`, losses so far."""

    step: int
    average: Arrays
    losses: list[float] = field(default_factory=list)

    def update(self, model: keras.Model) -> None:
        """Count a step and let the average follow the weights; early on it follows faster."""
        decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        for mean, weight in zip(self.average, model.trainable_weights, strict=True):
            np.copyto(mean, decay * mean + (1 - decay) * weight.numpy())
        self.step += 1


def weights_of(model: keras.Model) -> Arrays:
    """Copies of the trainable weights."""
    return [np.array(weight.numpy(), np.float32) for weight in model.trainable_weights]


def save(path: Path, model: keras.Model, state: State) -> None:
    """Write model, optimizer and `state` to `path`, whole or not at all."""
    arrays = {f"weight_{i}": w.numpy() for i, w in enumerate(model.weights)}
    arrays |= {f"average_{i}": mean for i, mean in enumerate(state.average)}
    arrays |= {f"optimizer_{i}": v.numpy() for i, v in enumerate(model.optimizer.variables)}
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, step=state.step, losses=np.asarray(state.losses), **arrays)
    partial.replace(path)


def restore(path: Path, model: keras.Model) -> State:
    """Bring `model` (compiled) back to what `path` holds."""
    with np.load(path) as stored:
        for index, weight in enumerate(model.weights):
            weight.assign(stored[f"weight_{index}"])
        model.optimizer.build(model.trainable_variables)
        for index, variable in enumerate(model.optimizer.variables):
            variable.assign(stored[f"optimizer_{index}"])
        average = [stored[f"average_{index}"] for index in range(len(model.trainable_weights))]
        return State(int(stored["step"]), average, [float(loss) for loss in stored["losses"]])


def averaged(path: Path, model: keras.Model) -> int:
    """Give `model` the averaged weights and the moving statistics of `path`; the number of steps they took."""
    with np.load(path) as stored:
        for index, weight in enumerate(model.weights):
            weight.assign(stored[f"weight_{index}"])
        for index, weight in enumerate(model.trainable_weights):
            weight.assign(stored[f"average_{index}"])
        return int(stored["step"])
