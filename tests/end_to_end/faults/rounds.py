"""A fault and a plan come in; scanners send while it strikes, and a line of the table goes out."""

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from end_to_end.faults.catalogue import Fault
from end_to_end.faults.checks import Archive, Findings, examine
from end_to_end.faults.injectors import Scene, nothing
from end_to_end.faults.scanners import Account, Scanners
from end_to_end.faults.sites import Site

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
    studies: int
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

    @classmethod
    def sum(cls, fault: str, lines: Sequence["Line"]) -> Self:
        """One line for several; of the times, the longest."""
        added = {
            name: sum(getattr(line, name) for line in lines)
            for name in cls.__annotations__
            if name not in {"fault", "sending_s", "settling_s"}
        }
        settled = [line.settling_s for line in lines]
        longest = None if None in settled else max(each for each in settled if each is not None)
        return cls(fault=fault, sending_s=max(line.sending_s for line in lines), settling_s=longest, **added)

    def to_json(self) -> dict[str, Any]:
        """The line, by the names of its columns."""
        return asdict(self)


def run_round(site: Site, fault: Fault, plan: Plan, archive: Archive) -> tuple[Line, Findings]:
    """One fault, again and again while scanners send; then everything is left to settle, and looked at."""
    account = Account()
    begun = time.monotonic()
    _send_and_strike(site, fault, plan, account)
    sending_s = time.monotonic() - begun
    settling_s = site.settle()
    findings = examine(site, account, archive)
    if settling_s is None:
        findings.wrong.append(f"{site.open_jobs()} jobs are not done after {site.times.settle_s:.0f} s")
    line = Line(
        fault=fault.name,
        strikes=0 if fault.inject is nothing else plan.strikes,
        studies=len({sample.study_uid for sample in account.samples.values()}),
        instances=len(account.samples),
        tries=account.tries,
        acknowledged=len(account.acknowledged),
        refused=account.refused,
        unanswered=account.unanswered,
        lost=len(findings.lost),
        doubled=len(findings.doubled),
        wrong=len(findings.wrong),
        reports=findings.reports,
        sending_s=round(sending_s, 1),
        settling_s=None if settling_s is None else round(settling_s, 1),
    )
    return line, findings


def _send_and_strike(site: Site, fault: Fault, plan: Plan, account: Account) -> None:
    """Everything that is sent, every strike, and the wait for the last answer."""
    scanners = Scanners(site.corpus, site.node, account, fault.senders)
    scene = Scene(site, scanners)
    _send(scene, plan, 0)
    for strike in range(1, plan.strikes + 1):
        threading.Event().wait(site.random.uniform(*plan.pause_s))
        _send(scene, plan, strike)
        fault.inject(scene)
    scanners.finish()


def _send(scene: Scene, plan: Plan, portion: int) -> None:
    """Some of the studies at the beginning, and some more with every strike."""
    site = scene.site
    for _ in range(portion, plan.studies, plan.strikes + 1):
        scene.studies.append(site.corpus.study(plan.instances))
        is_forsaken = site.random.random() < plan.forsaken
        delay_s = site.random.uniform(0.0, site.times.hold_s[0]) if portion else 0.0
        scene.scanners.send(scene.studies[-1], 0.0 if is_forsaken else PATIENCE_S, delay_s)
