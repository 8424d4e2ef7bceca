"""A fault and a plan come in; scanners send while it strikes, and a line of the table goes out."""

import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from end_to_end.faults.checks import Archive, Findings, examine
from end_to_end.faults.injectors import Fault, Scene
from end_to_end.faults.scanners import Account, Scanners
from end_to_end.faults.site import Site

PATIENCE_S = 240.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent in one round, how often the fault strikes, and after which pauses.

    `forsaken` is the share of studies that a scanner sends only once, whatever is answered.
    """

    studies: int
    instances: int
    strikes: int
    pause_s: tuple[float, float]
    forsaken: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; times in seconds."""

    fault: str
    strikes: int
    instances: int
    tries: int
    acknowledged: int
    refused: int
    unanswered: int
    lost: int
    doubled: int
    wrong: int
    reports: int
    sending_s: float
    settling_s: float | None

    def to_json(self) -> dict[str, Any]:
        """The line, by the names of its columns."""
        return asdict(self)


def run_round(site: Site, fault: Fault, plan: Plan, archive: Archive) -> tuple[Line, Findings]:
    """One fault, again and again while scanners send; then everything is left to settle, and looked at."""
    account = Account()
    scanners = Scanners(site.corpus, site.node.port, account, fault.senders)
    scene = Scene(site, scanners)
    begun = time.monotonic()
    for _ in range(plan.studies):
        scene.studies.append(site.corpus.study(plan.instances))
        scanners.send(scene.studies[-1], 0.0 if site.random.random() < plan.forsaken else PATIENCE_S)
    for _ in range(plan.strikes):
        threading.Event().wait(site.random.uniform(*plan.pause_s))
        fault.inject(scene)
    scanners.finish()
    sent = time.monotonic()
    settling_s = site.settle()
    findings = examine(site, account, archive)
    if settling_s is None:
        findings.wrong.append(f"{site.open_jobs()} jobs are not done after {site.times.settle_s:.0f} s")
    line = Line(
        fault=fault.name,
        strikes=plan.strikes,
        instances=len(account.samples),
        tries=account.tries,
        acknowledged=len(account.acknowledged),
        refused=account.refused,
        unanswered=account.unanswered,
        lost=len(findings.lost),
        doubled=len(findings.doubled),
        wrong=len(findings.wrong),
        reports=findings.reports,
        sending_s=round(sent - begun, 1),
        settling_s=None if settling_s is None else round(settling_s, 1),
    )
    return line, findings
