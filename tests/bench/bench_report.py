"""Measured images go in; milliseconds of a processor for a study's report, SEGs and pictures come out.

No other program makes such a report, so the peer of a whole study is the goal: 60 ms for one image of 640 x 480, 300 ms
for ten. Encoding is set beside pydicom's own, of the same objects to the same bytes. It is processor time that counts:
what makes reports uses one core, and a busy machine changes nothing.
"""

import io
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measured import ALGORITHM, CONTEXT, measured_image  # noqa: E402 - after the path is set
from pydicom import Dataset, config, dcmwrite  # noqa: E402

from hri_node.report.build import report_objects  # noqa: E402
from hri_node.report.capture import secondary_capture  # noqa: E402
from hri_node.report.encoding import Encoder  # noqa: E402
from hri_node.report.identity import Maker  # noqa: E402
from hri_node.report.seg import segmentation  # noqa: E402
from hri_node.report.source import read_source  # noqa: E402
from hri_node.report.sr import measurement_report  # noqa: E402
from hri_node.report.warm import warm  # noqa: E402

IMAGES = 10
ROUNDS = 9

GOALS_MS = {"one": 60.0, "ten": 300.0}
"""Report, SEG and picture of one image of 640 x 480, and of a study of ten."""

ROWS = {
    "warm": "report_tables_loaded",
    "first": "report_first_of_process",
    "one": "report_one_image",
    "ten": "report_ten_images",
    "sr": "report_share_sr",
    "seg": "report_share_seg",
    "sc": "report_share_picture",
    "encoded": "report_encoding_ten",
}
"""What the process measures, and its name in the table."""

Figure = dict[str, object]


def bench(rounds: int = ROUNDS) -> dict[str, Figure]:
    """Median milliseconds of each, in a process that has made no report before."""
    command = [sys.executable, __file__, str(rounds)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parents[1]).stdout
    return figures({name: float(value) for name, value in (line.split("=") for line in lines.split())})


def figures(values: dict[str, float]) -> dict[str, Figure]:
    """Lines of the table; a ratio below 1 is faster than the goal, or than the peer.

    Parameters
    ----------
    values
        Milliseconds by the keys of `ROWS`, and of ``pydicom`` for the same encoding by pydicom.
    """
    peers = GOALS_MS | {"encoded": values["pydicom"]}
    return {row: _figure(values[name], peers.get(name)) for name, row in ROWS.items()}


def _figure(value: float, peer: float | None) -> Figure:
    return {"value": value, "unit": "ms", "peer": peer, "ratio": None if peer is None else value / peer}


def timings(folder: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of each key of `ROWS`, and of ``pydicom``.

    Parameters
    ----------
    folder
        An empty folder, for the source images.
    rounds
        How often each is done; the first figure of all is that of a process that has reported nothing yet.
    """
    study = [measured_image(folder, number=number) for number in range(1, IMAGES + 1)]

    def whole(images: int) -> Callable[[], object]:
        return lambda: report_objects(study[:images], ALGORITHM, CONTEXT)

    values = {"warm": median_ms(warm, 1), "first": median_ms(whole(1), 1)}
    values |= {"one": median_ms(whole(1), rounds), "ten": median_ms(whole(IMAGES), rounds)}
    with config.disable_value_validation():
        sources, maker = [read_source(image) for image in study], Maker(ALGORITHM, CONTEXT)
        makers: dict[str, Callable[[], Dataset]] = {
            "sr": lambda: measurement_report(sources[:1], maker),
            "seg": lambda: segmentation(sources[0], maker),
            "sc": lambda: secondary_capture(sources[0], maker),
        }
        for name, make in makers.items():
            values[name] = median_ms(lambda make=make: Encoder().part10(make()), rounds)
        report = measurement_report(sources, maker)
        values["encoded"] = median_ms(lambda: Encoder().part10(report), rounds)
        values["pydicom"] = median_ms(lambda: dcmwrite(io.BytesIO(), report, enforce_file_format=True), rounds)
    return values


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Median processor time of some work, in milliseconds."""
    spent = []
    for _ in range(rounds):
        began = process_time()
        work()
        spent.append(1000 * (process_time() - began))
    return statistics.median(spent)


def main() -> None:
    """Print name=value lines."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value in timings(Path(folder), int(sys.argv[1])).items():
            print(f"{name}={value:.2f}")  # noqa: T201 - the protocol with bench()


if __name__ == "__main__":
    main()
