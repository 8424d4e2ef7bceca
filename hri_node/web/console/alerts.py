"""A request for the alerts comes in; what is wrong, since when, who was told and what to do about it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.alerts.kinds import ABOUT, About, Kind
from hri_node.alerts.rules import patience, rules
from hri_node.alerts.telling import DUTY, Channel, Teller
from hri_node.ledger.alarms import Alarm, Telling
from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.web.console.asked import number, said, visitor_of
from hri_node.web.console.rendering import Pages, go_on
from hri_node.web.console.shared import Renderings, SharedBy
from hri_node.web.guard import Visitor, needs
from hri_node.web.notebook import Notebook

FRESH_S: Final = 2.0
PAGE: Final = 50
"""Alarms of the past on a page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An alarm, what is said of its kind, and what each channel told or owes of it."""

    alarm: Alarm
    about: About
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, worst first; what may soon be; what is over; whether anybody looks."""

    at: datetime
    raised: list[Shown]
    begun: list[Shown]
    past: list[Shown]
    following: int | None
    is_looked_after: bool


class AlertPages:
    """``/alerts``.

    Parameters
    ----------
    pages
        Templates.
    node
        Of this process.
    notebook
        Where it is written down who tested what.
    """

    def __init__(self, pages: Pages, node: Node, notebook: Notebook) -> None:
        self._pages = pages
        self._node = node
        self._notebook = notebook
        self._teller = Teller(node.ledger, node.settings)
        self._found = SharedBy(self._find, FRESH_S)
        self._parts = Renderings()

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [Route("/alerts", self.page), Route("/alerts/test", self.test, methods=["POST"])]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """What is wrong and what was, or one live part of the page."""
        before = number(request, "before")
        found = await self._found.get(before)
        sees_people = visitor_of(request).may(Role.OPERATOR)
        context: dict[str, Any] = {
            "found": found,
            "now": found.at,
            "before": before,
            "channels": [(channel.name, _where(channel, sees_people=sees_people)) for channel in self._teller.channels],
            "rules": rules(self._node.settings),
            "patience": patience(self._node.settings.alerts),
        }
        return self._pages.page(request, "alerts.html", context, kept=self._parts.of(before, found))

    @needs(Role.ADMIN)
    async def test(self, request: Request) -> Response:
        """Tell everybody that this is a test."""
        return go_on(request, "/alerts", await said(self._test, visitor_of(request)))

    def _test(self, visitor: Visitor) -> str:
        verdicts = self._teller.test(self._node.clock())
        self._notebook.note(visitor, "alert test", [verdict.channel for verdict in verdicts])
        if not verdicts:
            return "Nobody was told: neither alerts.mail_to nor alerts.webhook_file is set."
        return " ".join(
            f"{verdict.channel.capitalize()}: {'sent' if verdict.is_good else 'failed'}, {verdict.words}."
            for verdict in verdicts
        )

    def _find(self, before: int | None) -> Found:
        ledger, now = self._node.ledger, self._node.clock()
        known, past = ledger.open_alarms(), ledger.past_alarms(PAGE + 1, before)
        shown = _shown([*known, *past[:PAGE]], ledger.tellings_of([alarm.id for alarm in [*known, *past[:PAGE]]]))
        raised = [each for each in shown if each.alarm.is_raised]
        return Found(
            now,
            sorted(raised, key=lambda each: not each.about.is_bad),
            [each for each in shown if each.alarm.raised_at is None],
            [each for each in shown if each.alarm.cleared_at],
            past[PAGE - 1].id if len(past) > PAGE else None,
            ledger.on_duty(DUTY, now),
        )


def _shown(alarms: Sequence[Alarm], tellings: Sequence[Telling]) -> list[Shown]:
    of_alarm: dict[int, list[Telling]] = {}
    for telling in tellings:
        of_alarm.setdefault(telling.alarm.id, []).append(telling)
    return [Shown(alarm, ABOUT[Kind(alarm.kind)], tuple(of_alarm.get(alarm.id, ()))) for alarm in alarms]


def _where(channel: Channel, *, sees_people: bool) -> str:
    """Where a channel goes; names and addresses are for those who run the node."""
    return channel.words if sees_people else "set up"
