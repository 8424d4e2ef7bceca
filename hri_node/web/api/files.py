"""A request of a program for a result or a picture comes in; the file goes out."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from pydantic import Field

from hri_node.errors import Refused, Unavailable
from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.states import Role
from hri_node.ledger.tables import InstanceRow
from hri_node.node import Node
from hri_node.web.api.asking import Asker, Noting, StudyName, named_study
from hri_node.web.api.problems import missing
from hri_node.web.console.files import DICOM, PNG, download
from hri_node.web.console.picture_room import PictureRoom, status_of
from hri_node.web.console.study_query import ID_MAX
from hri_node.web.guard import needs

Number = Annotated[int, Field(ge=1, le=ID_MAX)]
FrameNumber = Annotated[int | None, Query(ge=1, le=ID_MAX, description="From 1; left out: the one that stands for it")]


def _as(media_type: str) -> dict[str, Any]:
    """What the description says of an answer that is no JSON."""
    return {"response_class": Response, "responses": {200: {"content": {media_type: {}}}}}


AS_PNG: Final = _as(PNG)
AS_DICOM: Final = _as(DICOM)


def files_router(node: Node) -> APIRouter:
    """Files of ``/studies``.

    Parameters
    ----------
    node
        Its ledger, spool and settings.
    """
    router, room, limiter = APIRouter(tags=["files"]), PictureRoom(node), CapacityLimiter(1)

    def found(study: str, instance: int, frame: int | None) -> tuple[InstanceRow, MeasuredFrame | None, int]:
        try:
            row, frames = node.ledger.frames_of(named_study(node, study), instance)
        except KeyError:
            raise missing("image in the study") from None
        number = frame or row.frame_number or 1
        return row, next((one for one in frames if one.result.frame_number == number), None), number

    @router.get("/studies/{study}/results/{result}.dcm", **AS_DICOM)
    @needs(Role.VIEWER)
    def dicom(study: StudyName, result: Number, asker: Asker, noting: Noting) -> Response:
        """A result as DICOM file; refused to those who may not know the patient's name."""
        return download(node, (named_study(node, study), result), asker, noting)

    @router.get("/studies/{study}/instances/{instance}/frame.png", **AS_PNG)
    @needs(Role.VIEWER)
    async def frame_png(study: StudyName, instance: Number, asker: Asker, frame: FrameNumber = None) -> Response:
        """A frame as it was received; where names are hidden, the scanned sector alone."""
        row, _, number = await to_thread.run_sync(found, study, instance, frame)
        hidden = not asker.sees_names(node.settings.web)
        return await _png(limiter, lambda: room.maker.frame(row, number, only_sector=hidden))

    @router.get("/studies/{study}/instances/{instance}/outlines.png", **AS_PNG)
    @needs(Role.VIEWER)
    async def outlines_png(study: StudyName, instance: Number, frame: FrameNumber = None) -> Response:
        """Masks of a frame, a bit each: 1 liver, 2 kidney, 4 region in the liver, 8 region in the cortex."""
        row, seen, _ = await to_thread.run_sync(found, study, instance, frame)
        return await _png(limiter, lambda: room.maker.outlines(row, _looked_at(seen)))

    @router.get("/studies/{study}/instances/{instance}/picture.png", **AS_PNG)
    @needs(Role.VIEWER)
    async def picture_png(study: StudyName, instance: Number, asker: Asker, frame: FrameNumber = None) -> Response:
        """Frame, outlines, regions and values in one picture."""
        row, seen, _ = await to_thread.run_sync(found, study, instance, frame)
        hidden = not asker.sees_names(node.settings.web)
        return await _png(limiter, lambda: room.maker.overlay(row, _looked_at(seen), only_sector=hidden))

    return router


def _looked_at(frame: MeasuredFrame | None) -> MeasuredFrame:
    if frame is None:
        raise Refused("this frame was not looked at")
    return frame


async def _png(limiter: CapacityLimiter, make: Callable[[], bytes]) -> Response:
    """A picture; one at a time is made for programs, so that people and scanners do not wait."""
    try:
        return Response(await to_thread.run_sync(make, limiter=limiter), media_type=PNG)
    except (Refused, Unavailable) as error:
        raise HTTPException(status_of(error), str(error)) from error
