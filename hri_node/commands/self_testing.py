"""A wish comes in; a self-test runs, each step is told as it ends, and the exit code says whether all is well."""

import getpass
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from hri_node.commands.auditing import note
from hri_node.commands.screen import DONE, WORK_FAILED, out
from hri_node.ledger.self_tests import Run, Step, Verdict
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.self_test.beginning import Wishes
from hri_node.self_test.run import run_self_test
from hri_node.settings import Settings

SIGNS: Final = {Verdict.PASSED: "[green]✓[/]", Verdict.FAILED: "[red]✗[/]", Verdict.SKIPPED: "–"}
TITLE_WIDTH: Final = 22

TOLD: Final = ("name", "who", "study_instance_uid", "began_at", "ended_at", "steps", "is_kept", "is_forgotten")
"""What JSON tells of a self-test."""


def self_test(settings: Settings, wishes: Wishes, *, as_json: bool) -> int:
    """Exit code: 0 only if no step failed."""
    set_up("error", as_json=settings.log_json)  # the steps say what went wrong
    node = assemble(settings)
    who = getpass.getuser()
    try:
        run = run_self_test(node, wishes, who, (lambda _step: None) if as_json else _show)
    finally:
        node.auditor.close()
    node.ledger.note_act(who, "self-test", run.verdict, node.clock())
    note(settings, "self-test", list(run.stores) or [settings.listener.ae_title])
    if as_json:
        out.print_json(json.dumps(told(run)))
    else:
        took = (run.ended_at - run.began_at).total_seconds() if run.ended_at else 0.0
        words = "All is well" if run.verdict is Verdict.PASSED else "Something is wrong"
        out.print(f"{words}: {_count(run, Verdict.PASSED)} passed, {_count(run, Verdict.FAILED)} failed, "
                  f"{_count(run, Verdict.SKIPPED)} skipped, in {took:.1f} s.", highlight=False)  # fmt: skip
    return DONE if run.verdict is Verdict.PASSED else WORK_FAILED


def told(run: Run) -> dict[str, Any]:
    """A self-test as JSON has it."""
    values = {name: value for name, value in asdict(run).items() if name in TOLD}
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    return {**plain, "verdict": str(run.verdict)}


def _show(step: Step) -> None:
    if step.verdict is not Verdict.RUNNING:
        took = f"{step.seconds:6.1f} s" if step.seconds else " " * 8
        out.print(f"{SIGNS[step.verdict]} {step.title:<{TITLE_WIDTH}} {took}  ", end="", highlight=False)
        out.print(step.words, markup=False, highlight=False)


def _count(run: Run, verdict: Verdict) -> int:
    return sum(step.verdict is verdict for step in run.steps)
