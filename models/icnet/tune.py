"""The served network and a site's frames come in; its weights, suited to them, go out in the same network.

The served network has no batch normalisation any more: it is folded into the convolutions. It is tuned as it is, with
their biases, so that what is tuned is what is served. Its layers are shared with a second graph that ends before the
sigmoid: logits of the organs at a quarter of the size, and of the kinds of view.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops
from rich.console import Console
from rich.progress import track

from models.icnet import checkpoint
from models.icnet.data import Batch, Bytes, Floats, Phantoms, training_batch
from models.icnet.guess import guessed_views, stamped
from models.icnet.losses import VIEW_WEIGHT, head_loss, view_loss
from models.icnet.recipe import Tuning
from models.icnet.schedule import rate_at


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from.

    Attributes
    ----------
    labelled
        Frames with a label map.
    unlabelled
        Grey levels of frames without one, shape (frames, rows, columns).
    phantoms
        What is not to be forgotten.
    certain
        Of the frames without a label map, what is known nevertheless, same shape: 0 nothing, else a label, or
        `UNSURE_BIT` for what is not to count; None where nothing is.
    """

    labelled: Phantoms | None
    unlabelled: Bytes
    phantoms: Phantoms
    certain: Bytes | None = None


@dataclass(slots=True)
class Best:
    """The weights that do best on frames that are not learned from: those at the start, or those of some later step.

    Attributes
    ----------
    loss_of
        Loss of the learner on such frames.
    every
        Steps between looks.
    looks
        Steps done and the loss then, at each look.
    weights
        The best ones so far, in the order of `trainable_weights`.
    """

    loss_of: Callable[[keras.Model], float]
    every: int
    looks: list[tuple[int, float]] = field(default_factory=list)
    weights: checkpoint.Arrays = field(default_factory=list)

    @property
    def step(self) -> int:
        """Steps after which the best weights were seen; 0: those at the start are."""
        return min(self.looks, key=lambda look: look[1])[0]

    def look(self, learner: keras.Model, state: checkpoint.State) -> None:
        """Try the averaged weights; the learner goes on with its own."""
        own = checkpoint.weights_of(learner)
        _give(learner, state.average)
        self.looks.append((state.step, self.loss_of(learner)))
        if self.step == state.step:
            self.weights = checkpoint.weights_of(learner)
        _give(learner, own)


def tune(
    served: keras.Model, material: Material, tuning: Tuning, best: Best | None = None, *, eager: bool = False
) -> list[float]:
    """Change the weights of the served network until it suits the frames of a site.

    Parameters
    ----------
    served
        The network, changed in place.
    material
        What to learn from.
    tuning
        How.
    best
        Which weights are taken in the end; None: the average after the last step.
    eager
        Without a graph: each step is slower, but a few steps are done sooner.

    Returns
    -------
    list of float
        The loss of each step.
    """
    learner = learner_of(served)
    optimizer = keras.optimizers.Adam(clipnorm=1.0)
    losses, weights = [head_loss, view_loss], [1.0, VIEW_WEIGHT]
    learner.compile(optimizer, loss=losses, loss_weights=weights, run_eagerly=eager, jit_compile=False)
    state = checkpoint.State(0, checkpoint.weights_of(learner))
    if best:
        best.look(learner, state)
    batches = track(_batches(served, material, tuning), "fine-tuning", tuning.steps, console=Console(stderr=True))
    for batch in batches:
        optimizer.learning_rate = rate_at(state.step, tuning.steps, tuning.rate, tuning.warm_up_steps)
        result = learner.train_on_batch(batch.channels, [batch.targets, batch.kinds], return_dict=True)
        state.update(learner)
        state.losses.append(float(result["loss"]))
        if best and (state.step % best.every == 0 or state.step == tuning.steps):
            best.look(learner, state)
    _give(learner, best.weights if best else state.average)
    return state.losses


def _give(model: keras.Model, weights: checkpoint.Arrays) -> None:
    """Weights in the order of `trainable_weights`."""
    for variable, values in zip(model.trainable_weights, weights, strict=True):
        variable.assign(values)


def learner_of(served: keras.Model) -> keras.Model:
    """The served network's own layers, up to the logits that losses are computed from.

    Parameters
    ----------
    served
        The network; what the result learns, it learns.
    """
    logits = [served.get_layer(name).output for name in ("conv6_cls", "view_cls")]
    return keras.Model(served.input, logits, name="learner")


def _batches(served: keras.Model, material: Material, tuning: Tuning) -> Iterator[Batch]:
    """The batch of each step; frames without a label map get one from the network as it stands, again and again."""
    rng = np.random.default_rng(tuning.seed)
    looks = {look * tuning.steps // tuning.looks for look in range(tuning.looks)}
    guessed: Phantoms | None = None
    for step in range(tuning.steps):
        if step in looks and len(material.unlabelled) and (tuning.unlabelled or material.labelled is None):
            chosen = rng.permutation(len(material.unlabelled))[: tuning.guesses]
            guessed = guessed_views(lambda channels: chances_of(served, channels), material.unlabelled[chosen])
            if material.certain is not None:
                guessed = stamped(guessed, material.certain[chosen])
        yield _batch(rng, (material.phantoms, material.labelled, guessed), tuning, served.input_shape[1:3])


def chances_of(served: keras.Model, channels: Floats) -> Floats:
    """What the served network says of the organs: probabilities (pictures, rows, columns, 2)."""
    return np.asarray(ops.convert_to_numpy(served(channels, training=False)[0]), np.float32)


def _batch(
    rng: np.random.Generator,
    sources: tuple[Phantoms, Phantoms | None, Phantoms | None],
    tuning: Tuning,
    shape: tuple[int, int],
) -> Batch:
    """Phantoms, frames with a label map and frames without, as many as their shares say."""
    own = max(1, round((1 - tuning.phantoms) * tuning.batch))
    _, labelled, guessed = sources
    unlabelled = 0 if guessed is None else own if labelled is None else round(own * tuning.unlabelled)
    sizes = (tuning.batch - own, own - unlabelled, unlabelled)
    parts = [
        training_batch(views, rng, size, shape, tuning.augmentation)
        for views, size in zip(sources, sizes, strict=True)
        if views is not None and size
    ]
    arrays = zip(*((part.channels, part.targets, part.kinds) for part in parts), strict=True)
    channels, targets, kinds = (np.concatenate(each) for each in arrays)
    return Batch(channels, targets, kinds)
