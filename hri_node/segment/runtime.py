"""A model folder comes in; a callable that turns a frame into probabilities of organs and views goes out."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hri_node.errors import Misconfigured
from hri_node.records import Algorithm
from hri_node.sections import Runtime
from hri_node.segment.channels import network_channels
from hri_node.segment.manifest import FILE_NAME, Manifest, read_manifest

CLASSES = ("liver", "kidney")
"""Channels that `measure` expects, in this order."""

VIEWS = ("hepatorenal", "left_kidney", "liver", "kidney", "other")
"""Kinds of view that `measure` expects, in this order."""

OUTPUTS = (0, 1)
"""Of the network: organs, views."""

INPUT_SHAPE = (256, 320)
"""Rows and columns of the network's frame, which `measure` cuts to the sector."""

TENSORFLOW_FOLDER = "tensorflow"
"""Subfolder for the SavedModel that ``python -m models.icnet.export --savedmodel`` makes of the same weights."""

Picture = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Network = Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""From channels (1, rows, columns, 2) to probabilities of classes (1, rows, columns, classes) and views (1, views)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network says of a frame.

    Attributes
    ----------
    probabilities
        Of liver and kidney, float32 0..1, shape (2, rows, columns) of the network's frame.
    views
        Of each kind in `VIEWS`; they sum to 1.
    """

    probabilities: Probabilities
    views: Probabilities


@dataclass(frozen=True, slots=True)
class Segmenter:
    """The loaded network; call it with a picture. Not for use after a fork: load it in the process that uses it."""

    algorithm: Algorithm
    runtime: str
    network: Network

    def __call__(self, picture: Picture) -> Seen:
        """Probabilities of organs and kinds of view.

        Parameters
        ----------
        picture
            Grey levels 0..255 of the network's frame, uint8, shape (256, 320).
        """
        assert picture.shape == INPUT_SHAPE, f"picture has shape {picture.shape}, {INPUT_SHAPE} needed"
        organs, views = self.network(network_channels(picture)[np.newaxis])
        return Seen(np.ascontiguousarray(organs[0].transpose(2, 0, 1)), views[0])


def load(model_dir: Path, runtime: Runtime = Runtime.AUTO, threads: int = 0) -> Segmenter:
    """The network of `model_dir`, ready to be called.

    Parameters
    ----------
    model_dir
        Folder with a manifest, or a folder of such folders, of which the last version is taken.
    runtime
        ``cpu`` is OpenVINO; ``tensorflow`` the SavedModel in the subfolder ``tensorflow``; ``auto`` takes the latter
        where it is there and TensorFlow sees a GPU.
    threads
        Threads on the CPU; 0 leaves it to the runtime.

    Returns
    -------
    Segmenter
        Callable, with the identity of its weights.

    Raises
    ------
    Misconfigured
        A file is missing or changed, the model is not for this node, or the runtime is not installed.
    """
    folder = _version_folder(model_dir)
    manifest = _checked(folder)
    if runtime == Runtime.TENSORFLOW or (runtime == Runtime.AUTO and _has_gpu(folder)):
        served = _checked(folder / TENSORFLOW_FOLDER)
        if served.algorithm != manifest.algorithm:
            raise Misconfigured(f"{served.folder} was made of other weights than {folder}: export it again")
        return Segmenter(served.algorithm, "tensorflow", _tensorflow(served, threads))
    return Segmenter(manifest.algorithm, "openvino", _openvino(manifest, threads))


def verify(model_dir: Path) -> Algorithm:
    """Identity of the network of `model_dir`, every file proved, nothing loaded.

    Raises
    ------
    Misconfigured
        A file is missing or changed, or the model is not for this node.
    """
    return _checked(_version_folder(model_dir)).algorithm


def _version_folder(model_dir: Path) -> Path:
    """`model_dir` itself, or its subfolder with the highest version."""
    if (model_dir / FILE_NAME).is_file():
        return model_dir
    versions = [path.parent for path in model_dir.glob(f"*/{FILE_NAME}")]
    if not versions:
        raise Misconfigured(f"model folder {model_dir} holds no {FILE_NAME}, nor a version that does")
    return max(versions, key=lambda path: [int(part) if part.isdigit() else -1 for part in path.name.split(".")])


def _checked(folder: Path) -> Manifest:
    """The manifest of a model that takes and gives what the node expects."""
    manifest = read_manifest(folder)
    if (manifest.input_shape, manifest.classes, manifest.views) != (INPUT_SHAPE, CLASSES, VIEWS):
        raise Misconfigured(
            f"model in {folder} is for {manifest.input_shape}, {manifest.classes} and {manifest.views}, "
            f"{INPUT_SHAPE}, {CLASSES} and {VIEWS} needed"
        )
    return manifest


def _has_gpu(folder: Path) -> bool:
    """Whether a SavedModel and a GPU are there; TensorFlow is not even imported without the former."""
    if not (folder / TENSORFLOW_FOLDER / FILE_NAME).is_file() or importlib.util.find_spec("tensorflow") is None:
        return False
    import tensorflow as tf  # noqa: PLC0415 - half a gigabyte that a CPU worker never loads

    return bool(tf.config.list_physical_devices("GPU"))


_kept: list[object] = []
"""Every core of OpenVINO, for good: its CPU plug-in gives the main thread a stack for signals, and frees it under that
thread when another one happens to collect the core. The next signal then ends the process (SIGSEGV)."""


def _openvino(manifest: Manifest, threads: int) -> Network:
    """The network on the CPU. Always in float32, so that every host gives the same result."""
    import openvino as ov  # noqa: PLC0415 - loads its plug-ins: only where a network is served

    options: dict[str, str | int] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    try:
        core = ov.Core()
        _kept.append(core)
        compiled = core.compile_model(manifest.folder / "icnet.xml", "CPU", options)
    except RuntimeError as error:
        raise Misconfigured(f"OpenVINO cannot load {manifest.folder}: {str(error).splitlines()[-1]}") from None
    request = compiled.create_infer_request()

    def run(channels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        results = request.infer([channels])
        # Copied: the request writes its next results to the same place.
        organs, views = (np.array(results[compiled.output(name)]) for name in OUTPUTS)
        return organs, views

    return run


def _tensorflow(manifest: Manifest, threads: int) -> Network:
    """The SavedModel, on a GPU where there is one."""
    if importlib.util.find_spec("tensorflow") is None:
        raise Misconfigured("runtime is tensorflow, but TensorFlow is not installed: install hri-node[gpu]")
    import tensorflow as tf  # noqa: PLC0415 - half a gigabyte that a CPU worker never loads

    for gpu in tf.config.list_physical_devices("GPU"):
        # Or it takes the whole card, and a second worker none.
        tf.config.experimental.set_memory_growth(gpu, enable=True)
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    served = tf.saved_model.load(str(manifest.folder))

    def run(channels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        organs, views = served.serve(tf.constant(channels))
        return np.asarray(organs), np.asarray(views)

    return run
