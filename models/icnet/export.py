"""A checkpoint comes in; the folder of a model version goes out: weights, manifest with hashes and figures.

``python -m models.icnet.export CHECKPOINT --version 1.0.0`` makes the version folder;
``python -m models.icnet.export --savedmodel`` makes the TensorFlow SavedModel of the latest version, for GPU workers.
"""

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer

from hri_node.sections import Runtime
from hri_node.segment.manifest import FILE_NAME, Manifest, device_uid, file_sha256, read_manifest
from hri_node.segment.runtime import CLASSES, INPUT_SHAPE, TENSORFLOW_FOLDER, VIEWS, load
from models.icnet.calibrate import best_temperature, calibration_error, cool, probabilities, view_logits
from models.icnet.data import HELD_OUT_SEED, Phantoms, cached_phantoms, mixture
from models.icnet.evaluate import Score, evaluate
from models.icnet.fold import served_network
from models.icnet.openvino_ir import FILE_STEM, read_ir, write_ir
from models.icnet.recipe import DEFAULT, Recipe, read_recipe

HERE = Path(__file__).parent

CALIBRATION_SEED, CALIBRATION_VIEWS = 900_000, 256
"""Views that the view head's temperature is taken from."""

HELD_OUT_VIEWS = 64
"""Views of each preset that the manifest's figures come from."""


def export_version(checkpoint: Path, version: str, recipe: Recipe) -> Path:
    """Make the folder of a version from a checkpoint, and measure it on views it never saw.

    Parameters
    ----------
    checkpoint
        What `train` wrote; the phantoms lie in ``cache`` beside it.
    version
        Name of the folder below ``models/icnet``.
    recipe
        What it was trained with.

    Returns
    -------
    Path
        The folder.
    """
    cache = checkpoint.parent / "cache"
    served = served_network(checkpoint, mixture(cache, recipe.views))
    with np.load(checkpoint) as stored:
        training: dict[str, object] = {"steps": int(stored["step"]), "views": sum(recipe.views.values())}
    training |= calibrate(served, cached_phantoms(cache, CALIBRATION_VIEWS, CALIBRATION_SEED))
    return write_version(served, HERE / version, training, cache)


def calibrate(served: keras.Model, views: Phantoms) -> dict[str, float]:
    """Make the view head's probabilities true on views it never saw; what that took, and how true they are then.

    Parameters
    ----------
    served
        The network, changed in place.
    views
        Neither trained on nor evaluated on.
    """
    kinds = views.kinds.astype(int)
    temperature = best_temperature(view_logits(served, views), kinds)
    cool(served, temperature)
    chances = probabilities(view_logits(served, views))
    right = float((chances.argmax(axis=1) == kinds).mean())
    figures = {"view_temperature": temperature, "view_accuracy": right}
    figures["view_calibration_error"] = calibration_error(chances, kinds)
    return {name: round(value, 3) for name, value in figures.items()}


def write_version(served: keras.Model, folder: Path, training: dict[str, object], cache: Path) -> Path:
    """Make the folder of a version from the network that is served, and measure it on views it never saw.

    Parameters
    ----------
    served
        The network.
    folder
        Of the version, and named after it; made if needed.
    training
        Numbers and texts to be kept with the model.
    cache
        Where the phantoms lie.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_ir(served, folder)
    identity = folder.name, file_sha256(folder / f"{FILE_STEM}.bin")
    files = [folder / f"{FILE_STEM}{suffix}" for suffix in (".xml", ".bin")]
    # Written twice: the runtime that gives the figures already wants a manifest.
    write_manifest(folder, "openvino", identity, files, training)
    segmenter, figures = load(folder, Runtime.CPU), dict(training)
    for preset, views in held_out(cache).items():
        figures |= {f"{preset}_{organ}": score for organ, score in evaluate(segmenter, views).items()}
    write_manifest(folder, "openvino", identity, files, figures)
    return folder


def held_out(cache: Path) -> dict[str, Phantoms]:
    """The views of each preset that the manifest's figures come from, rendered into `cache` if need be."""
    return {preset: cached_phantoms(cache, HELD_OUT_VIEWS, HELD_OUT_SEED, preset) for preset in ("training", "paper")}


def write_manifest(
    folder: Path, runtime: str, identity: tuple[str, str], files: list[Path], training: dict[str, object]
) -> None:
    """Write the manifest of a model folder.

    Parameters
    ----------
    folder
        Where it goes.
    runtime
        ``openvino`` or ``tensorflow``.
    identity
        Version, and SHA-256 of the weights.
    files
        Everything in the folder that is served.
    training
        Numbers and scores to be kept with the model.
    """
    version, weights = identity
    lines = [
        "# Written by models.icnet.export; every file is proved against its SHA-256 when the node starts.",
        'name = "icnet"',
        f'version = "{version}"',
        f'runtime = "{runtime}"',
        f'device_uid = "{device_uid(weights)}"',
        f'weights_sha256 = "{weights}"',
        f"input_shape = [{INPUT_SHAPE[0]}, {INPUT_SHAPE[1]}]",
        f"classes = {list(CLASSES)}".replace("'", '"'),
        f"views = {list(VIEWS)}".replace("'", '"'),
        "",
        "[files]",
        *(f'"{path.relative_to(folder).as_posix()}" = "{file_sha256(path)}"' for path in files),
    ]
    if training:
        lines += ["", "[training]", *(f"{key} = {_toml(value)}" for key, value in training.items())]
    (folder / FILE_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    """A number, a text, or a score as an inline table."""
    if isinstance(value, Score):
        pairs = [(name, figure) for name, figure in asdict(value).items() if figure is not None]
        return "{ " + ", ".join(f"{name} = {round(figure, 4)}" for name, figure in pairs) + " }"
    return json.dumps(value) if isinstance(value, str) else str(value)


def export_savedmodel(model_dir: Path, out: Path) -> Manifest:
    """Make the TensorFlow SavedModel that holds exactly the weights of a version.

    Parameters
    ----------
    model_dir
        The version's folder.
    out
        Folder for the SavedModel; what it held is removed.

    Returns
    -------
    Manifest
        Of the SavedModel: the same name, version and Device UID.
    """
    source = read_manifest(model_dir)
    if out.exists():
        shutil.rmtree(out)
    read_ir(model_dir / f"{FILE_STEM}.xml").export(out, verbose=False)
    files = sorted(path for path in out.rglob("*") if path.is_file())
    write_manifest(out, "tensorflow", (source.algorithm.version, source.algorithm.sha256), files, {})
    return read_manifest(out)


def main(
    checkpoint: Annotated[Path | None, typer.Argument(help="Checkpoint of a training.")] = None,
    version: Annotated[str, typer.Option(help="Version to make, or to take the weights from.")] = "1.1.0",
    config: Annotated[Path, typer.Option(help="Recipe of the training.", exists=True, dir_okay=False)] = DEFAULT,
    *,
    savedmodel: Annotated[bool, typer.Option(help="Make the TensorFlow SavedModel of the version.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the SavedModel, by default in the version.")] = None,
) -> None:
    """Export a trained network for the node."""
    if checkpoint is None and not savedmodel:
        sys.stderr.write("name a checkpoint, or ask for --savedmodel\n")
        raise typer.Exit(2)
    if checkpoint is not None:
        sys.stdout.write(f"{export_version(checkpoint, version, read_recipe(config))}\n")
    if savedmodel:
        manifest = export_savedmodel(HERE / version, out or HERE / version / TENSORFLOW_FOLDER)
        sys.stdout.write(f"{manifest.folder}\n")


if __name__ == "__main__":
    typer.run(main)
