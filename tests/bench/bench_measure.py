"""Synthetic views come in as DICOM; times from file to index, and the memory of a measuring process, go out."""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from hri_node.measure.types import Options
from hri_node.measuring import Means, Source, measure_source
from hri_node.phantom.write import write_study
from hri_node.segment import runtime
from hri_node.settings import load

VIEWS = 12
ROUNDS = 6
"""The first is not counted: it fills caches."""

THREADS = 2
"""The node's targets are those of two cores, whatever the machine has."""

PAPER_MS = 80.0
"""From image to index, on a graphics card (Cha 2021)."""

ROWS = {
    "network_fp32": "image_network_fp32",
    "segment": "image_network",
    "measure": "image_rest",
    "read": "image_read",
    "total": "image_total",
    "total_p95": "image_total_p95",
    "memory": "worker_memory",
}
"""What the process measures, and its name in the table; total is all but reading the file, as in the paper."""

Figure = dict[str, object]


def bench() -> dict[str, Figure]:
    """Median milliseconds of each step on two cores, beside the paper's, and mebibytes."""
    command = [sys.executable, __file__]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    return figures({name: float(value) for name, value in (line.split("=") for line in lines.split())})


def figures(values: dict[str, float]) -> dict[str, Figure]:
    """Lines of the table; a ratio below 1 is faster than the peer.

    Parameters
    ----------
    values
        Milliseconds, and mebibytes of ``memory``, by the keys of `ROWS`.
    """
    peers = {"segment": values["network_fp32"], "total": PAPER_MS, "total_p95": PAPER_MS}
    table: dict[str, Figure] = {"image_paper": _figure(PAPER_MS, "ms")}
    for name, row in ROWS.items():
        table[row] = _figure(values[name], "MiB" if name == "memory" else "ms", peers.get(name))
    return table


def _figure(value: float, unit: str, peer: float | None = None) -> Figure:
    return {"value": value, "unit": unit, "peer": peer, "ratio": None if peer is None else value / peer}


def main() -> None:
    """Print name=value lines; in a process of its own, so that its memory is the worker's alone."""
    settings = load(is_node=False)
    model_dir = Path(settings.model_dir)
    segmenter = runtime.load(model_dir, settings.measure.runtime, THREADS)
    timings = image_timings((segmenter, Options()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    values = {name: statistics.median(found) for name, found in timings.items()}
    values["total_p95"] = float(np.percentile(timings["total"], 95))
    values["memory"] = memory
    values["network_fp32"] = literal_ms()
    for name, value in values.items():
        print(f"{name}={value:.2f}")  # noqa: T201 - the protocol with bench()


def image_timings(means: Means) -> dict[str, list[float]]:
    """Milliseconds of each step for each view and round but the first."""
    timings: dict[str, list[float]] = {name: [] for name in ("read", "segment", "measure", "total")}
    with tempfile.TemporaryDirectory() as folder:
        files = write_study(Path(folder), VIEWS, seed=21)
        for number in range(ROUNDS):
            for file in files:
                for looked in measure_source(Source(file.name, None, file), [1], means):
                    spent = looked.result.timing_ms
                    steps = spent | {"total": spent["segment"] + spent["measure"]}
                    for name, values in timings.items():
                        values.extend([steps[name]] if number else [])
    return timings


def literal_ms() -> float:
    """Median milliseconds of ICNet as the paper has it: the whole screen, 480 x 640, in float32."""
    import openvino as ov

    from models.icnet.architecture import LITERAL, build_icnet

    with tempfile.TemporaryDirectory() as saved:
        build_icnet(LITERAL, training=False).export(saved, verbose=False)
        shape = [1, *LITERAL.shape, LITERAL.channels]
        converted = ov.convert_model(saved, input=shape)
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": THREADS}
        request = ov.Core().compile_model(converted, "CPU", options).create_infer_request()
    picture = np.random.default_rng(0).standard_normal(shape, np.float32)
    spent = []
    for _ in range(VIEWS * ROUNDS):
        began = perf_counter()
        request.infer([picture])
        spent.append(1000 * (perf_counter() - began))
    return statistics.median(spent[VIEWS:])


if __name__ == "__main__":
    main()
