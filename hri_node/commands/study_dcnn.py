"""A study comes in; what the node measures on each of its images, and how long that takes, is in it afterwards."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Final

from hri_node import __version__
from hri_node.commands.measuring import load_means
from hri_node.commands.screen import DONE, NOT_MEASURABLE, WORK_FAILED, fail, out, progress
from hri_node.masks import to_png
from hri_node.measure.types import Options
from hri_node.measuring import Looked, Means, Source, in_words, look_at
from hri_node.read.picture import read_picture
from hri_node.records import Frame
from hri_node.settings import Settings
from hri_node.study.project.files import write_file
from hri_node.study.project.lock import alone
from hri_node.study.project.records import DcnnResult, ImageInfo
from hri_node.study.project.store import Study, open_study

MASKS: Final = "dcnn"
"""Folder of the masks: bits of liver, kidney and both regions, as `hri_node.masks` packs them."""

CPU_INFO: Final = Path("/proc/cpuinfo")


def measure_study(folder: Path, method: str, settings: Settings, *, again: bool) -> int:
    """Exit code after every image was measured; 3, where some have no index.

    Parameters
    ----------
    folder
        Of the study.
    method
        How regions are placed: ``joint`` or ``paper``.
    settings
        Name the network.
    again
        Also those that this version has measured in this way before.
    """
    study = open_study(folder)
    chosen = settings.measure
    means = load_means(settings, Options(method, chosen.any_view, strict_spacing=False))
    images = study.images()
    if not images:
        fail("there is no image to measure: import some first", WORK_FAILED)
    with alone(folder):
        (folder / MASKS).mkdir(exist_ok=True)
        waiting = images if again else _waiting(study, images, means)
        if waiting:
            _look(waiting[0], means)  # the first one pays for what is loaded late: it is measured twice
        with progress("measuring", len(waiting)) as advance:
            for image in waiting:
                _measure(study, image, means)
                advance()
        study.put_facts(_facts(means))
    return _told(study)


def _waiting(study: Study, images: Sequence[ImageInfo], means: Means) -> list[ImageInfo]:
    """Images that this version has not measured in this way."""
    segmenter, options = means
    alike = segmenter.algorithm.device_uid, in_words(options)
    done = {each.subject for each in study.dcnn(alike)}
    return [image for image in images if image.subject not in done]


def _look(image: ImageInfo, means: Means) -> Looked:
    """The stored pixels, measured by the stored size of pixels, as the readers have both."""
    began = perf_counter()
    read = read_picture(image.path)
    frame = Frame(read.pixels, 1, image.spacing_mm, image.spacing_source)
    source = Source(image.subject, None, image.path)
    return look_at(frame, source, means, 1000 * (perf_counter() - began))


def _measure(study: Study, image: ImageInfo, means: Means) -> None:
    """Measure an image; its masks are on the disk before its row."""
    looked = _look(image, means)
    write_file(study.folder / MASKS / f"{image.subject}.png", to_png(looked.masks))
    segmenter, options = means
    algorithm = {key: str(value) for key, value in asdict(segmenter.algorithm).items()}
    result = looked.result.to_json()
    study.put_dcnn(DcnnResult(image.subject, algorithm, in_words(options), result, datetime.now(UTC)))


def _facts(means: Means) -> dict[str, str]:
    """With what it was measured."""
    return {
        "version hri-node": __version__,
        "version Python": platform.python_version(),
        f"version {means[0].runtime}": version(means[0].runtime),
        "dcnn processor": f"{_processor()}, {os.cpu_count()} cores",
    }


def _processor() -> str:
    """What the processor calls itself."""
    lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines() if CPU_INFO.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _told(study: Study) -> int:
    """Tell how many have an index, and why others have none."""
    results = study.dcnn()
    without = [each for each in results if each.result["hri"] is None]
    times = sorted(each.result["timing_ms"]["total"] for each in results)
    mean = sum(times) / len(times)
    out.print(f"{len(results) - len(without)} of {len(results)} images measured; {mean:.0f} ms each ", end="")
    out.print(f"({times[0]:.0f} to {times[-1]:.0f})", highlight=False)
    for each in without:
        out.print(f"{each.subject}: {', '.join(each.result['reasons'])}", markup=False)
    return NOT_MEASURABLE if without else DONE
