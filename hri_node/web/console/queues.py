"""A request for the queues comes in; how full each is, and the jobs of each, go out; people mend what failed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.ledger.joblist import AGAIN, ASIDE, JobFilter, ListedJob
from hri_node.ledger.states import JobState, Queue, Role
from hri_node.node import Node
from hri_node.web.console.asked import fields_of, number, said, visitor_of, whole, word
from hri_node.web.console.facts import Facts
from hri_node.web.console.phrases import QUEUES
from hri_node.web.console.rendering import Pages, back_to, go_on
from hri_node.web.console.shared import Renderings, Shared, SharedBy
from hri_node.web.guard import Visitor, needs
from hri_node.web.job_deeds import JobDeeds

FRESH_S: Final = 2.0
PAGE: Final = 50
"""Jobs on a page."""

PREVIEW: Final = 15
"""Jobs of each queue, where all are shown."""

COUNTED: Final = AGAIN | ASIDE
"""States of which it is told how many jobs are in them: few, or found fast."""


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at: jobs of one queue or of all; a page of them begins before the number `before`."""

    queue: Queue | None
    state: JobState | None
    destination: str = ""
    before: int | None = None

    @classmethod
    def of(cls, request: Request) -> "Look":
        """What the query says; nothing at all means what failed, wherever it did."""
        queue, state = word(request, "queue", Queue), word(request, "state", JobState)
        destination = request.query_params.get("destination", "")
        if destination:
            queue = Queue.DELIVER
        if queue is None and state is None and not request.query_params.get("state"):
            state = JobState.FAILED
        return cls(queue, state, destination, number(request, "before") if queue else None)

    @property
    def filter(self) -> JobFilter | None:
        """The same for the ledger; None for all queues."""
        return JobFilter(self.queue, self.state, self.destination) if self.queue else None

    def address(self, **changes: object) -> str:
        """Path of the page that shows this, or something a little different."""
        parts = {"queue": self.queue, "state": self.state or "any", "destination": self.destination} | changes
        if parts["queue"] != Queue.DELIVER:
            parts["destination"] = ""
        return "/queues?" + urlencode({name: str(value) for name, value in parts.items() if value})


@dataclass(frozen=True, slots=True)
class Found:
    """Jobs that match; `count`: how many in all, where that is told; `following`: the number before which more come."""

    jobs: list[ListedJob]
    count: int | None = None
    following: int | None = None


class QueuePages:
    """``/queues``.

    Parameters
    ----------
    pages
        Templates.
    node
        Of this process.
    facts
        What the overview shows.
    deeds
        What people may do.
    """

    def __init__(self, pages: Pages, node: Node, facts: Shared[Facts], deeds: JobDeeds) -> None:
        self._pages = pages
        self._node = node
        self._facts = facts
        self._deeds = deeds
        self._found = SharedBy(self._find, FRESH_S)
        self._parts = Renderings()

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [
            Route("/queues", self.page),
            Route("/queues/pause", self.pause, methods=["POST"]),
            Route("/queues/resume", self.resume, methods=["POST"]),
            Route("/queues/jobs", self.mend, methods=["POST"]),
        ]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """Queues and jobs, or one live part of the page."""
        look = Look.of(request)
        found, facts = await self._found.get(look), await self._facts.get()
        context: dict[str, Any] = {
            "facts": facts, "names": QUEUES, "look": look, "found": found, "states": list(JobState),
            "destinations": sorted({*facts.destinations, look.destination} - {""}),
            "may_retry": look.filter is not None and look.state in AGAIN,
            "may_discard": look.filter is not None and look.state in ASIDE,
        }  # fmt: skip
        return self._pages.page(request, "queues.html", context, kept=self._parts.of(look, found, facts))

    @needs(Role.OPERATOR)
    async def pause(self, request: Request) -> Response:
        """Begin no job of a queue any more."""
        return await self._on_queue(request, self._deeds.pause_queue)

    @needs(Role.OPERATOR)
    async def resume(self, request: Request) -> Response:
        """Let a queue go on."""
        return await self._on_queue(request, self._deeds.resume_queue)

    @needs(Role.OPERATOR)
    async def mend(self, request: Request) -> Response:
        """Do jobs again, set them aside, or complete a study: one, those that were chosen, or all that match."""
        form = await request.form()
        visitor, fields = visitor_of(request), await fields_of(request)
        chosen = [each for each in form.getlist("job") if isinstance(each, str)]
        deeds = self._deeds
        if study := fields.get("complete", ""):
            words = await said(deeds.complete, visitor, whole(study) or 0)
        elif job_id := fields.get("retry"):
            words = await said(deeds.retry, visitor, [job_id])
        elif job_id := fields.get("discard"):
            words = await said(deeds.discard, visitor, [job_id])
        elif fields.get("do") in {"retry", "discard"}:
            words = await said(deeds.retry if fields["do"] == "retry" else deeds.discard, visitor, chosen)
        else:
            words = await self._mend_all(request, fields)
        return self._back(request, words)

    async def _on_queue(self, request: Request, deed: Callable[[Visitor, Queue], str]) -> Response:
        name = (await fields_of(request)).get("name", "")
        if name not in set(Queue):
            return self._back(request, "Not done: there is no such queue.")
        return self._back(request, await said(deed, visitor_of(request), Queue(name)))

    async def _mend_all(self, request: Request, fields: dict[str, str]) -> str:
        """All that match what the page showed."""
        queue, state = fields.get("queue"), fields.get("state")
        deed = {"retry": self._deeds.retry_matching, "discard": self._deeds.discard_matching}.get(fields.get("all", ""))
        if deed is None or queue not in set(Queue) or state not in set(JobState):
            return "Not done: it was not said which jobs."
        chosen = JobFilter(Queue(queue), JobState(state), fields.get("destination", ""))
        return await said(deed, visitor_of(request), chosen)

    def _back(self, request: Request, words: str) -> Response:
        self._found.forget()
        self._facts.forget()
        return go_on(request, back_to(request, "/queues"), words)

    def _find(self, look: Look) -> Found:
        """Jobs that match; a few of every queue, the latest first, where no queue was chosen."""
        ledger = self._node.ledger
        if look.filter is None:
            each = [ledger.job_page(JobFilter(queue, look.state), PREVIEW) for queue in Queue]
            return Found(sorted((one for some in each for one in some), key=lambda one: one.job.since, reverse=True))
        jobs = ledger.job_page(look.filter, PAGE + 1, look.before)
        count = ledger.count_jobs(look.filter) if look.state in COUNTED else None
        return Found(jobs[:PAGE], count, jobs[PAGE - 1].number if len(jobs) > PAGE else None)
