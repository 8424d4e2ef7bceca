"""A request for a study's page comes in; its way, its images, its values and what can be done go out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.audit.parties import Transfer
from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.marks import Mark
from hri_node.ledger.states import InstanceState, Role, StudyState
from hri_node.ledger.story import InstanceStory, StudyStory
from hri_node.node import Node
from hri_node.records import FrameResult
from hri_node.routing import destination_names
from hri_node.web.console.located import located
from hri_node.web.console.rendering import PART, Pages
from hri_node.web.console.shared import SharedBy
from hri_node.web.console.study_marks import StudyMarks
from hri_node.web.console.study_query import id_of
from hri_node.web.console.trend import TrendPoint, trend_chart, trend_points
from hri_node.web.console.way import next_words, way_of
from hri_node.web.console.words import (
    CAUTIONS,
    DELIVERY_STATES,
    INSTANCE_STATES,
    KINDS,
    PROOFS,
    REASONS,
    SPACINGS,
    STUDY_STATES,
    why_not,
)
from hri_node.web.guard import needs

FRESH_S: Final = 1.0
"""The parts of a page, and whoever looks at the same study, share an answer."""

BUSY_MS: Final = 2000
QUIET_MS: Final = 20_000
"""How often a page looks again: while a study is worked on, and afterwards, when a late image may still come."""

NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Shown:
    """An image that is looked at: its row, the frames that were looked at, and which of them is shown.

    `frame` is None where nothing was looked at; `number` names the frame in any case.
    """

    story: InstanceStory
    frames: list[MeasuredFrame]
    frame: MeasuredFrame | None
    number: int

    @property
    def result(self) -> FrameResult | None:
        """What is known of the frame."""
        return self.frame.result if self.frame else None

    @property
    def has_outlines(self) -> bool:
        """Whether its masks are kept: of a cine, those of one frame."""
        return bool(self.frame and self.frame.masks_key and not self.story.row.removed_at)

    @property
    def why(self) -> str:
        """Why it has no index, in a sentence; empty where it has one."""
        row = self.story.row
        if self.result is not None:
            return " ".join(REASONS.get(reason, reason) for reason in self.result.reasons)
        return why_not(row.state, row.reason, row.detail)


class StudyPage:
    """The page of one study.

    Parameters
    ----------
    node
        Its ledger, spool and settings.
    pages
        Templates.
    """

    def __init__(self, node: Node, pages: Pages) -> None:
        self._node = node
        self._pages = pages
        self._marks = StudyMarks(lambda study_id: node.ledger.study_mark(study_id, node.clock()))
        self._stories: SharedBy[tuple[int, Mark], tuple[StudyStory, list[TrendPoint]]] = SharedBy(self._tell, FRESH_S)

    def routes(self) -> list[Route]:
        """``/studies/{number or UID}``."""
        return [Route("/studies/{study}", self.page)]

    def forget(self) -> None:
        """Somebody changed something: the next page has it."""
        self._stories.forget()

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """The page, or one live part of it."""
        study_id = await located(self._node, request)
        return await self._marks.answer(request, study_id, lambda mark: self._whole(request, (study_id, mark)))

    async def _whole(self, request: Request, which: tuple[int, Mark]) -> Response:
        """What is asked for, from the ledger."""
        try:
            story, trend = await self._stories.get(which)
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no such study") from None
        wanted = (id_of(request.query_params.get("image", "")), id_of(request.query_params.get("frame", "")))
        shown = await to_thread.run_sync(self._shown, story, *wanted)
        if PART not in request.headers and request.state.notebook:
            request.state.notebook.looked(request.state.visitor, study_transfer(story))
        return self._pages.page(request, "study.html", self._context(request, (story, trend), shown))

    def _tell(self, which: tuple[int, Mark]) -> tuple[StudyStory, list[TrendPoint]]:
        study_id, _ = which  # the mark says of which moment, at least
        story = self._node.ledger.story(study_id)
        return story, trend_points(self._node.ledger.priors(study_id), story.study)

    def _shown(self, story: StudyStory, image: int | None, number: int | None) -> Shown | None:
        """The image that was chosen, else the one with the study's index, else any that was looked at, else any."""
        if not story.instances:
            return None
        chosen = next((one for one in story.instances if one.row.id == image), None) or _best(story)
        _, frames = self._node.ledger.frames_of(story.study.id, chosen.row.id)
        numbers = [number, chosen.row.frame_number]
        picked = (one for wanted in numbers for one in frames if one.result.frame_number == wanted)
        frame = next(picked, frames[0] if frames else None)
        return Shown(chosen, frames, frame, frame.result.frame_number if frame else 1)

    def _context(
        self, request: Request, told: tuple[StudyStory, list[TrendPoint]], shown: Shown | None
    ) -> dict[str, Any]:
        (story, trend), node = told, self._node
        now = node.clock()
        coming = next_words(story, now)
        return {
            "story": story,
            "study": story.study,
            "shown": shown,
            "base": f"/studies/{story.study.id}",
            "sees_names": request.state.visitor.sees_names(node.settings.web),
            "way_steps": way_of(story),
            "coming": coming,
            "measured_images": sum(one.row.hri is not None for one in story.instances),
            "pause_ms": BUSY_MS if coming else QUIET_MS,
            "is_removed": bool(story.instances) and all(one.row.removed_at for one in story.instances),
            "trend": trend,
            "trend_chart": trend_chart(trend),
            "destinations": destination_names(node.setup.destinations, node.setup.scanners),
            "acts": _acts(story),
            "why_not": why_not,
            "study_state": STUDY_STATES[story.study.state],
            "instance_states": INSTANCE_STATES,
            "delivery_states": DELIVERY_STATES,
            "proofs": PROOFS,
            "kinds": KINDS,
            "cautions": CAUTIONS,
            "spacings": SPACINGS,
        }


def study_transfer(story: StudyStory) -> Transfer:
    """What the audit trail says of a study that somebody was shown.

    Parameters
    ----------
    story
        As the ledger has it.
    """
    classes: dict[str, int] = {}
    for one in story.instances:
        classes[one.row.sop_class_uid] = classes.get(one.row.sop_class_uid, 0) + 1
    return Transfer(story.study.study_instance_uid, classes, story.study.patient_id)


def _best(story: StudyStory) -> InstanceStory:
    """The image whose index is nearest to the study's; else the one that was looked at first."""
    measured = [one for one in story.instances if one.row.hri is not None]
    hri = story.study.hri
    if measured and hri is not None:
        return min(measured, key=lambda one: abs((one.row.hri or 0.0) - hri))
    looked = [one for one in story.instances if one.row.state in {InstanceState.MEASURED, InstanceState.NOT_MEASURABLE}]
    return (measured or looked or story.instances)[0]


def _acts(story: StudyStory) -> dict[str, bool]:
    """What can be done with a study as it stands."""
    images = [one.row for one in story.instances if not one.row.removed_at]
    kept = [made for made in story.objects if not made.row.replaced_at and not made.row.removed_at]
    conditions: dict[str, Callable[[], bool]] = {
        "measure": lambda: any(row.state != InstanceState.SKIPPED for row in images),
        "report": lambda: bool(images) and story.study.state != StudyState.OPEN,
        "force": lambda: story.study.state == StudyState.OPEN and not story.study.forced_at,
        "deliver": lambda: any(made.deliveries for made in kept),
        "send": lambda: bool(kept),
        "discard": lambda: story.study.state != StudyState.DISCARDED,
    }
    return {name: condition() for name, condition in conditions.items()}
