"""A request for the search page comes in; the studies that fit go out, the newest first, a page at a time."""

from dataclasses import dataclass
from urllib.parse import urlencode

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.ledger.search import FoundPage, FoundStudy
from hri_node.ledger.states import InstanceState, Role, StudyState
from hri_node.node import Node
from hri_node.web.console.rendering import Pages
from hri_node.web.console.study_query import Asked, asked_of
from hri_node.web.console.words import STUDY_STATES
from hri_node.web.guard import needs

DELIVERY_STEPS = (("failed", "bad"), ("refused", "bad"), ("waiting", "busy"))
"""What is said of several deliveries: the worst of them, by its state."""

WORDS = {"failed": "failed", "refused": "refused", "waiting": "on the way"}


@dataclass(frozen=True, slots=True)
class StudyLine:
    """What the list says of a study; words and look of the badges."""

    found: FoundStudy
    state: tuple[str, str]
    results: tuple[str, str] | None

    @property
    def images(self) -> int:
        """All that came."""
        return sum(self.found.instances.values())

    @property
    def measured(self) -> int:
        """Those that have an index."""
        return self.found.instances.get(InstanceState.MEASURED, 0)

    @property
    def troubled(self) -> int:
        """Those that failed, or could not be read."""
        return sum(self.found.instances.get(state, 0) for state in (InstanceState.FAILED, InstanceState.REFUSED))


def line_of(found: FoundStudy) -> StudyLine:
    """What the list says of a study.

    Parameters
    ----------
    found
        As the ledger has it.
    """
    state = STUDY_STATES[found.study.state]
    if found.study.state == StudyState.OPEN and found.instances.get(InstanceState.WAITING):
        state = ("being measured", "busy")
    return StudyLine(found, state, _results(found.deliveries))


def _results(deliveries: dict[str, int]) -> tuple[str, str] | None:
    for state, kind in DELIVERY_STEPS:
        if deliveries.get(state):
            return f"{deliveries[state]} {WORDS[state]}", kind
    there = sum(count for state, count in deliveries.items() if state != InstanceState.DISCARDED)
    return (f"{there} delivered", "ok") if there else None


class Studies:
    """The search page.

    Parameters
    ----------
    node
        Its ledger and settings.
    pages
        Templates.
    """

    def __init__(self, node: Node, pages: Pages) -> None:
        self._node = node
        self._pages = pages

    def routes(self) -> list[Route]:
        """``/studies``."""
        return [Route("/studies", self.page)]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """What was looked for, and what was found."""
        sees_names = request.state.visitor.sees_names(self._node.settings.web)
        asked = asked_of(request.query_params, by_name=sees_names)
        found, senders = await to_thread.run_sync(self._look, asked)
        context = {
            "asked": asked,
            "lines": [line_of(each) for each in found.studies],
            "sees_names": sees_names,
            "senders": senders,
            "older": _address(asked, found.next_before) if found.next_before else "",
            "newest": _address(asked, None) if asked.query.before else "",
            "states": [("", "any"), *((state.value, STUDY_STATES[state][0]) for state in StudyState)],
        }
        return self._pages.page(request, "studies.html", context)

    def _look(self, asked: Asked) -> tuple[FoundPage, list[str]]:
        ledger = self._node.ledger
        senders = sorted({contact.ae_title for contact in ledger.contacts() if contact.last_instance_at})
        return ledger.find_studies(asked.query), senders


def _address(asked: Asked, before: int | None) -> str:
    """The same search, from another study on."""
    chosen = {name: value for name, value in asked.form.items() if value}
    query = urlencode(chosen | ({"before": before} if before else {}))
    return f"/studies?{query}" if query else "/studies"
