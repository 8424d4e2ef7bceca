"""Every benchmark runs; a table goes to the screen and the same figures to build/bench.json."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import bench_console  # noqa: E402 - after the path is set
import bench_measure  # noqa: E402
import bench_pipeline  # noqa: E402
import bench_receive  # noqa: E402
import bench_report  # noqa: E402
import bench_web  # noqa: E402

OUT = HERE.parents[1] / "build" / "bench.json"


def main() -> None:
    """Run, print, write."""
    figures = bench_measure.bench() | bench_report.bench() | bench_receive.bench() | bench_pipeline.bench()
    figures |= bench_web.bench() | bench_console.bench()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    table = Table("Figure", "Value", "Unit", "Peer", "Ratio")
    for name, figure in figures.items():
        ratio = figure["ratio"]
        shown = f"{ratio:.2f}" if isinstance(ratio, float) else "-"
        table.add_row(name, f"{figure['value']:.1f}", str(figure["unit"]), str(figure["peer"] or "-"), shown)
    Console().print(table)


if __name__ == "__main__":
    main()
