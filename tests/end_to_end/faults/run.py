"""Variables of `make faults` come in; a long run of every fault goes out: a table, `build/faults.json` and `.md`.

Every fault gets rounds of its own; what is left of the instances goes through rounds in which any of them may strike.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from end_to_end.faults.catalogue import FAULTS, Fault  # noqa: E402
from end_to_end.faults.checks import Archive, leftovers  # noqa: E402 - after the path is set
from end_to_end.faults.injectors import Scene, nothing  # noqa: E402
from end_to_end.faults.rounds import Line, Plan, run_round  # noqa: E402
from end_to_end.faults.sites import LONG, Site, running_site  # noqa: E402

RESULT = ROOT / "build" / "faults.json"
DISK_MIB = 8192
STUDY = 10
"""Instances of a study: one is measured, one looked at, the others are no ultrasound."""

OWN_SHARE = 0.6
"""Part of the instances that goes through rounds of one fault."""

OWN_STRIKES = 3
MIXED_STUDIES = 40
MIXED_STRIKES = 12
MIXED_SENDERS = 32
PAUSE_S = (0.2, 3.0)
FORSAKEN = 0.05
MIXED = "any of them, 32 senders"
COLUMNS = {
    "fault": "Fault",
    "strikes": "Times",
    "studies": "Studies",
    "instances": "Instances",
    "acknowledged": "Acknowledged",
    "tries": "Tries",
    "refused": "Refused",
    "unanswered": "Unanswered",
    "lost": "Lost",
    "doubled": "Doubled",
    "wrong": "Wrong",
    "reports": "Reports",
    "settling_s": "Settled after, s",
}

screen = Console(width=160)


def main() -> int:
    """Exit code: 1 where anything was lost, doubled or wrong."""
    instances, seed = int(os.environ.get("INSTANCES", "10000")), int(os.environ.get("SEED", "4"))
    seconds = float(os.environ.get("SECONDS_MAX", "7200"))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), seed, LONG, DISK_MIB) as site:
        lines = list(_rounds(site, instances, begun + seconds))
        site.node.kill()
        site.node.restart()
        left = len(leftovers(site))
    lines = _by_fault(lines)
    screen.print(_table(lines))
    screen.print(f"seed {seed}, {time.monotonic() - begun:.0f} s, half-written files left in the spool: {left}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"seed": seed, "lines": [line.to_json() for line in lines]}, indent=1) + "\n")
    RESULT.with_suffix(".md").write_text(_markdown(lines))
    return int(left or any(line.lost or line.doubled or line.wrong for line in lines))


def _rounds(site: Site, instances: int, end: float) -> Iterator[Line]:
    """A round of each fault, then rounds of all of them, until the instances or the time are used up."""
    archive, left = Archive(site.orthanc), instances
    studies = max(2, round(instances * OWN_SHARE / len(FAULTS) / STUDY))
    own = Plan(studies, STUDY, OWN_STRIKES, PAUSE_S, FORSAKEN)
    rounds = [(fault, own) for fault in FAULTS.values()]
    while left > 0 and time.monotonic() < end:
        mixed = Plan(min(MIXED_STUDIES, -(-left // STUDY)), STUDY, MIXED_STRIKES, PAUSE_S, FORSAKEN)
        fault, plan = rounds.pop(0) if rounds else (Fault(MIXED, _any, MIXED_SENDERS), mixed)
        line, findings = run_round(site, fault, plan, archive)
        left -= line.instances
        screen.print(f"{instances - left:6d} {line.fault}: {line.to_json()}", highlight=False)
        for sentence in findings.all:
            screen.print(f"       {sentence}", style="red")
        yield line


def _any(scene: Scene) -> None:
    """Any fault."""
    faults = [fault for fault in FAULTS.values() if fault.inject is not nothing]
    scene.site.random.choice(faults).inject(scene)


def _by_fault(lines: Sequence[Line]) -> list[Line]:
    """One line for each fault, and their sum; what took longest counts."""
    by_fault: dict[str, list[Line]] = {}
    for line in lines:
        by_fault.setdefault(line.fault, []).append(line)
    return [*(Line.sum(fault, some) for fault, some in by_fault.items()), Line.sum("all", lines)]


def _table(lines: Sequence[Line]) -> Table:
    """The lines as Rich shows them."""
    shown = Table(*COLUMNS.values())
    for line in lines:
        shown.add_row(*(str(line.to_json()[name]) for name in COLUMNS))
    return shown


def _markdown(lines: Sequence[Line]) -> str:
    """The lines as the README shows them."""
    names = [name for name in COLUMNS if name not in {"tries", "refused", "unanswered", "wrong"}]
    rows = [[COLUMNS[name] for name in names], ["---", *["---:"] * (len(names) - 1)]]
    rows += [[str(line.to_json()[name]) for name in names] for line in lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
