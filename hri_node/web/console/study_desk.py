"""A form on a study's page comes in; what it asks for is done and written down, and the page says so in a sentence."""

from collections.abc import Callable, Mapping
from typing import Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.errors import HriError, Refused
from hri_node.ledger.overview import parse_job_id
from hri_node.ledger.states import Queue, Role
from hri_node.node import Node
from hri_node.routing import destination_names
from hri_node.web.console.located import NOT_FOUND, located
from hri_node.web.console.rendering import go_on
from hri_node.web.console.study_query import id_of
from hri_node.web.guard import Visitor, needs
from hri_node.web.notebook import Notebook

SENTENCES: Final = {
    "measure": "{} measured again; the report follows.",
    "report": "The report is made again.",
    "force": "The study is reported as it is.",
    "deliver": "{} delivered again.",
    "send": "{} on the way to {}.",
    "discard": "Discarded: nobody works on it any more. A late image opens it again.",
    "retry": "{} done again.",
}
"""What is said when it is done."""

NAMES: Final = {
    "measure": "jobs retry",
    "report": "jobs retry",
    "deliver": "jobs retry",
    "retry": "jobs retry",
    "force": "jobs complete",
    "send": "study send",
    "discard": "jobs discard",
}
"""What the acts are called where they are written down."""


class StudyDesk:
    """What an operator does with a study. Every method waits for the ledger: call it in a thread.

    Parameters
    ----------
    node
        Its ledger, settings and clock.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def do(self, study_id: int, act: str, fields: Mapping[str, str], by: tuple[Visitor, Notebook]) -> str:
        """Do it, and write it down.

        Parameters
        ----------
        study_id
            Which study.
        act
            One of `SENTENCES`.
        fields
            Of the form: `destination`, `result`, `job`.
        by
            Who, and where it is written down.

        Returns
        -------
        str
            A sentence that says what was done.

        Raises
        ------
        Refused
            When it cannot be done, in a sentence that says why.
        KeyError
            When the study, or what the form names of it, is not there.
        """
        self._node.ledger.story(study_id)  # raises where there is none
        acts: dict[str, Callable[[], list[str]]] = {
            "measure": lambda: self._node.ledger.measure_study(study_id, self._node.clock()),
            "report": lambda: self._again([f"{Queue.REPORT}-{study_id}"]),
            "force": lambda: self._force(study_id),
            "deliver": lambda: self._node.ledger.deliver_study(
                study_id, self._node.clock(), id_of(fields.get("result", ""))
            ),
            "send": lambda: self._send(study_id, fields),
            "discard": lambda: self._node.ledger.discard_study(study_id, self._node.clock()),
            "retry": lambda: self._again([self._own(study_id, fields.get("job", ""))]),
        }
        jobs = acts[act]()
        destination = fields.get("destination", "")
        names = [*([destination] if act == "send" else []), *jobs]
        visitor, notebook = by
        notebook.note(visitor, NAMES[act], names)
        count = f"{len(jobs)} job is" if len(jobs) == 1 else f"{len(jobs)} jobs are"
        return SENTENCES[act].format(count, destination)

    def _again(self, jobs: list[str]) -> list[str]:
        self._node.ledger.retry(jobs, self._node.clock())
        return jobs

    def _force(self, study_id: int) -> list[str]:
        if not self._node.ledger.force(study_id, self._node.clock()):
            raise Refused("the study is not open any more: it is reported, or set aside")
        return [f"{Queue.REPORT}-{study_id}"]

    def _send(self, study_id: int, fields: Mapping[str, str]) -> list[str]:
        wanted, setup = fields.get("destination", ""), self._node.setup
        if wanted not in destination_names(setup.destinations, setup.scanners):
            raise Refused("there is no such destination")
        return self._node.ledger.send_study(study_id, wanted, self._node.clock(), id_of(fields.get("result", "")))

    def _own(self, study_id: int, job_id: str) -> str:
        """A job that is the study's; another study's is not reached through this one's address."""
        queue, number = parse_job_id(job_id)
        story = self._node.ledger.story(study_id)
        own = {
            Queue.MEASURE: {one.row.id for one in story.instances},
            Queue.DELIVER: {one.row.id for made in story.objects for one in made.deliveries},
            Queue.REPORT: {study_id},
        }
        if number not in own.get(queue, set()):
            raise KeyError(job_id)
        return job_id


class StudyForms:
    """The forms of the page.

    Parameters
    ----------
    node
        Its ledger, settings and clock.
    changed
        Called when something was done.
    """

    def __init__(self, node: Node, changed: Callable[[], None]) -> None:
        self._node = node
        self._desk = StudyDesk(node)
        self._changed = changed

    def routes(self) -> list[Route]:
        """``POST /studies/{number or UID}/{act}``."""
        return [Route("/studies/{study}/{act}", self.act, methods=["POST"])]

    @needs(Role.OPERATOR)
    async def act(self, request: Request) -> Response:
        """Do what a form asks for."""
        act = request.path_params["act"]
        if act not in SENTENCES:
            raise HTTPException(NOT_FOUND, "nothing of that name can be done with a study")
        study_id = await located(self._node, request)
        fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        by = (request.state.visitor, request.state.notebook)
        try:
            said = await to_thread.run_sync(self._desk.do, study_id, act, fields, by)
        except KeyError:
            raise HTTPException(NOT_FOUND, "the study, or what is named of it, is not there") from None
        except HriError as error:
            said = f"Not done: {error}."
        self._changed()
        return go_on(request, _back(request, study_id), said)


def _back(request: Request, study_id: int) -> str:
    """The page of the study, with the image that was looked at."""
    query = request.query_params.get("image", "")
    return f"/studies/{study_id}?image={id_of(query)}" if id_of(query) else f"/studies/{study_id}"
