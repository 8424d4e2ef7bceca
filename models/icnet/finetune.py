"""A site's frames and a version's weights come in; a version of the site's own, and what it bought, go out.

The served network has no batch normalisation any more: it is folded into the convolutions. It is tuned as it is, with
their biases, so that what is tuned is what is served. Its layers are shared with a second graph that ends before the
sigmoid: logits of the organs at a quarter of the size, and of the kinds of view.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops
from rich.console import Console
from rich.progress import track

from hri_node.errors import Refused
from hri_node.segment.manifest import FILE_NAME, Manifest, read_manifest
from hri_node.segment.runtime import verify
from models.icnet import checkpoint
from models.icnet.card import NOTES
from models.icnet.data import Batch, Bytes, Floats, Phantoms, mixture, training_batch
from models.icnet.export import held_out, write_version
from models.icnet.gain import gain_table
from models.icnet.guess import guessed_views
from models.icnet.losses import VIEW_WEIGHT, head_loss, view_loss
from models.icnet.openvino_ir import FILE_STEM, read_ir
from models.icnet.recipe import Tuning
from models.icnet.schedule import rate_at
from models.icnet.site import SiteFrame, labelled_views, parted, read_site

VERSION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")
"""What a version may be called: it names a folder, and stands in reports (LO, 64 characters, PS3.5 6.2)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be made.

    Attributes
    ----------
    work
        Folder, outside the project, for phantoms and the new version.
    site
        Folder of the site's frames.
    weights
        Folder of the version to start from, or of versions, of which the last is taken.
    version
        Name of the new one.
    leave_out
        Frames whose names begin so are not learned from, only looked at; None: all are learned from.
    """

    work: Path
    site: Path
    weights: Path
    version: str
    leave_out: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from: frames with a label map, grey levels of frames without one, phantoms."""

    labelled: Phantoms | None
    unlabelled: Bytes
    phantoms: Phantoms


def finetune(request: Request, tuning: Tuning) -> Path:
    """Make a site's own version, and say what it bought.

    Parameters
    ----------
    request
        What is to be made.
    tuning
        How.

    Returns
    -------
    Path
        Folder of the new version; its ``training.md`` holds the figures.

    Raises
    ------
    Refused
        The site's folder is not as it should be, the new version is there already, or Keras runs on another backend.
    Misconfigured
        The version to start from cannot be used.
    """
    folder, cache = _new_folder(request), request.work / "cache"
    origin = _origin(request.weights)
    kept, left_out = parted(read_site(request.site), request.leave_out)
    material = _material(kept, mixture(cache, tuning.views))
    # Rendered before TensorFlow has threads, which do not survive a fork.
    views = held_out(cache)
    served = read_ir(origin.folder / f"{FILE_STEM}.xml")
    tune(served, material, tuning)
    labelled = sum(frame.known is not None for frame in kept)
    learned: dict[str, object] = {
        "started_from": origin.algorithm.version,
        "started_from_device_uid": origin.algorithm.device_uid,
        "steps": tuning.steps,
        "labelled_frames": labelled,
        "unlabelled_frames": len(kept) - labelled,
    }
    write_version(served, folder, learned, cache)
    lines = _notes(request, origin, gain_table((origin.folder, folder), (kept, left_out), views))
    (folder / NOTES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return folder


def _new_folder(request: Request) -> Path:
    """Where the new version goes: a name that is free, and a backend that can export it."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise Refused(
            f"Keras runs on {backend}, but a version is exported through TensorFlow: KERAS_BACKEND=tensorflow"
        )
    if not VERSION_NAME.fullmatch(request.version):
        raise Refused(f"version {request.version!r} must be 1 to 64 letters, digits and . + _ -")
    folder = request.work / request.version
    if (folder / FILE_NAME).exists():
        raise Refused(f"{folder} is a version already: give the new one another name")
    return folder


def _origin(weights: Path) -> Manifest:
    """The version to start from, every file proved."""
    algorithm = verify(weights)
    return read_manifest(weights if (weights / FILE_NAME).is_file() else weights / algorithm.version)


def _material(frames: list[SiteFrame], phantoms: Phantoms) -> Material:
    """What there is to learn from."""
    unlabelled = [frame.pixels for frame in frames if frame.known is None]
    shape = (0, *phantoms.pixels.shape[1:])
    return Material(labelled_views(frames), np.stack(unlabelled) if unlabelled else np.zeros(shape, np.uint8), phantoms)


def tune(served: keras.Model, material: Material, tuning: Tuning, *, eager: bool = False) -> list[float]:
    """Change the weights of the served network until it suits the frames of a site.

    Parameters
    ----------
    served
        The network, changed in place.
    material
        What to learn from.
    tuning
        How.
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
    batches = track(_batches(served, material, tuning), "fine-tuning", tuning.steps, console=Console(stderr=True))
    for batch in batches:
        optimizer.learning_rate = rate_at(state.step, tuning.steps, tuning.rate, tuning.warm_up_steps)
        result = learner.train_on_batch(batch.channels, [batch.targets, batch.kinds], return_dict=True)
        state.update(learner)
        state.losses.append(float(result["loss"]))
    for weight, mean in zip(learner.trainable_weights, state.average, strict=True):
        weight.assign(mean)
    return state.losses


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
            guessed = guessed_views(lambda channels: _chances(served, channels), material.unlabelled[chosen])
        yield _batch(rng, (material.phantoms, material.labelled, guessed), tuning, served.input_shape[1:3])


def _chances(served: keras.Model, channels: Floats) -> Floats:
    """What the network says of the organs."""
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


def _notes(request: Request, origin: Manifest, gain: list[str]) -> list[str]:
    """What the version is and what it bought, for its card."""
    left_out = f" Frames whose names begin with {request.leave_out} were left out." if request.leave_out else ""
    algorithm = origin.algorithm
    return [
        f"A site's own version, fine-tuned from {algorithm.version} (Device UID {algorithm.device_uid}).{left_out}",
        "",
        *gain,
    ]
