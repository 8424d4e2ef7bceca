"""A synthetic view comes in as DICOM; times from image to index, and the memory of a measuring process, go out."""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from hri_node.measure.types import Options
from hri_node.measuring import Source, measure_source
from hri_node.phantom.write import write_study
from hri_node.segment import runtime
from hri_node.settings import load

VIEWS = 6
ROUNDS = 5


def bench() -> dict[str, dict[str, object]]:
    """Median milliseconds of each step, on all cores, and mebibytes."""
    command = [sys.executable, __file__]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    values = dict(line.split("=") for line in lines.split())
    units = {"worker_memory": "MiB"}
    return {
        f"image_{name}" if name not in units else name: {
            "value": float(value),
            "unit": units.get(name, "ms"),
            "peer": None,
            "ratio": None,
        }
        for name, value in values.items()
    }


def main() -> None:
    """Print name=value lines; in a process of its own, so that its memory is the worker's alone."""
    settings = load(is_node=False)
    segmenter = runtime.load(settings.model_dir, settings.measure.runtime, settings.measure.threads)
    timings: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = write_study(Path(folder), VIEWS, seed=21)
        for _ in range(ROUNDS):
            for file in files:
                for looked in measure_source(Source(file.name, None, file), [1], (segmenter, Options())):
                    for name, value in looked.result.timing_ms.items():
                        timings.setdefault(name, []).append(value)
    for name, values in timings.items():
        print(f"{name}={statistics.median(values[VIEWS:]):.1f}")  # noqa: T201 - the protocol with bench()
    print(f"worker_memory={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
