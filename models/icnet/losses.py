"""Targets and logits come in; the loss of one head of the network goes out."""

from typing import Any

import keras
from keras import ops

HEAD_WEIGHTS = (1.0, 0.4, 0.16)
"""Main prediction, 1/8 head, 1/16 head: as two independent ports of ICNet have them."""

VIEW_WEIGHT = 0.15
"""Of the view head: it is learned long before the organs are."""

LABEL_SMOOTHING = 0.02
"""Borders of organs are uncertain by about a pixel."""

Tensor = Any


def head_loss(targets: Tensor, logits: Tensor) -> Tensor:
    """Half binary cross-entropy, half soft Dice over the batch; pixels count as the weight channel says.

    Parameters
    ----------
    targets
        (batch, rows, columns, 3) at full size: liver, kidney, weight. Averaged down to the size of `logits`.
    logits
        (batch, rows / n, columns / n, 2).

    Returns
    -------
    Tensor
        A scalar.
    """
    factor = targets.shape[1] // logits.shape[1]
    if factor > 1:
        targets = ops.average_pool(targets, factor, factor, padding="valid", data_format="channels_last")
    logits = ops.cast(logits, "float32")
    truth, weight = targets[..., :2], targets[..., 2:]
    smooth = truth * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2
    # max(x, 0) - x·y + log(1 + exp(-|x|)): cross-entropy from logits without overflow.
    entropy = ops.maximum(logits, 0) - logits * smooth + ops.log1p(ops.exp(-ops.abs(logits)))
    crossed = ops.sum(entropy * weight) / (2 * ops.sum(weight) + 1)
    chance = ops.sigmoid(logits)
    both = ops.sum(chance * truth * weight, axis=(0, 1, 2))
    either = ops.sum((chance + truth) * weight, axis=(0, 1, 2))
    return 0.5 * crossed + 0.5 * ops.mean(1 - (2 * both + 1) / (either + 1))


def view_loss(kinds: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy of the kind of view, a twentieth of the truth spread over all: some views are two kinds at once.

    Parameters
    ----------
    kinds
        (batch,) index of the kind; views of a kind that is not known, from the number of kinds on, do not count.
    logits
        (batch, kinds).

    Returns
    -------
    Tensor
        A scalar.
    """
    count = logits.shape[-1]
    kinds = ops.reshape(kinds, (-1,))
    known = kinds < count
    truth = 0.95 * ops.one_hot(ops.where(known, kinds, 0), count) + 0.05 / count
    each = keras.losses.categorical_crossentropy(truth, logits, from_logits=True)
    counted = ops.cast(known, each.dtype)
    return ops.sum(each * counted) / ops.maximum(ops.sum(counted), 1)
