"""A node comes in; what is wrong with it is noticed, written down and told, and what happened is counted."""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from hri_node.alerts.book import revised
from hri_node.alerts.facts import FactFinder
from hri_node.alerts.telling import DUTY, Teller
from hri_node.alerts.watch import conditions
from hri_node.errors import Unavailable
from hri_node.ledger.alarms import Alarm
from hri_node.node import Node

log = structlog.get_logger()

LOOKS_MISSED: Final = 4
DUTY_MIN_S: Final = 120.0
"""Whoever has not looked for so many intervals, and so long, has lost its duty: mail may take a while."""

KEPT: Final = timedelta(days=180)
"""How long alarms are remembered that are over."""

FORGET_INTERVAL: Final = timedelta(hours=1)


class Lookout:
    """Looks after a node. One of several sweeps at a time does; the ledger says which.

    Parameters
    ----------
    node
        Ledger, settings and clock.
    ping_broker
        Raises an error of ours where the broker does not answer.
    teller
        Tells people; left out, by the channels of the settings.
    """

    def __init__(self, node: Node, ping_broker: Callable[[], object], teller: Teller | None = None) -> None:
        self._node = node
        self._facts = FactFinder(node.ledger, node.settings, lambda: node.setup, ping_broker)
        self._teller = teller or Teller(node.ledger, node.settings)
        self._holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self._forgot_at: datetime | None = None

    def look(self) -> bool:
        """Whether it was this one's turn: then everything is noticed, counted and told.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        node, chosen, now = self._node, self._node.settings.alerts, self._node.clock()
        lasting_s = max(DUTY_MIN_S, LOOKS_MISSED * chosen.interval_s)
        if not node.ledger.take_duty(DUTY, self._holder, now, lasting_s):
            return False
        seen = conditions(self._facts.find(now), chosen)
        changes: list[Alarm] = []

        def decide(known: Sequence[Alarm]) -> Sequence[Alarm]:
            found = revised(known, seen, now, chosen.clear_after_s)
            changes[:] = _changes(known, found)
            return found

        node.ledger.revise_alarms(decide, self._teller.names, now)
        for alarm in changes:
            event, level = ("alarm_cleared", log.info) if alarm.cleared_at else ("alarm_raised", log.warning)
            level(event, kind=alarm.kind, subject=alarm.subject, words=alarm.words)
        node.ledger.count_on(now)
        self._teller.tell(now)
        if self._forgot_at is None or not self._forgot_at <= now < self._forgot_at + FORGET_INTERVAL:
            node.ledger.forget_alarms(now - KEPT)
            self._forgot_at = now
        return True

    def leave(self) -> None:
        """Let another one look."""
        self._node.ledger.leave_duty(DUTY, self._holder)


def look_forever(node: Node, ping_broker: Callable[[], object], stop: threading.Event) -> None:
    """Look until told to stop; an outage is logged when it begins."""
    lookout, outage = Lookout(node, ping_broker), ""
    while not stop.wait(node.settings.alerts.interval_s):
        try:
            lookout.look()
        except Unavailable as error:
            if str(error) != outage:
                log.warning("lookout waits", why=str(error))
            outage = str(error)
        except Exception:
            log.exception("lookout failed")
        else:
            outage = ""
    try:
        lookout.leave()
    except Unavailable as error:
        log.info("duty not left", why=str(error))


def _changes(before: Sequence[Alarm], after: Sequence[Alarm]) -> list[Alarm]:
    """What was raised, or is over."""
    raised = {alarm.id for alarm in before if alarm.raised_at}
    return [alarm for alarm in after if alarm.cleared_at or (alarm.raised_at and alarm.id not in raised)]
