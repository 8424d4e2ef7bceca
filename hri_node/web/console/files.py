"""A request for a picture or a result comes in; the file goes out, without a patient's name where that is not shown."""

from collections.abc import Callable
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.audit.parties import Transfer
from hri_node.errors import Refused, Unavailable
from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.states import Role
from hri_node.ledger.tables import InstanceRow, ObjectRow, StudyRow
from hri_node.node import Node
from hri_node.web.console.located import NOT_FOUND, located
from hri_node.web.console.picture_room import PictureRoom, Removed, status_of
from hri_node.web.console.study_query import id_of
from hri_node.web.guard import Visitor, needs
from hri_node.web.notebook import Notebook

DECODERS: Final = 2
"""Pictures that are made at once: pages, and whoever stores, shall not wait for more."""

PNG: Final = "image/png"
DICOM: Final = "application/dicom"
FORBIDDEN: Final = 403


class Files:
    """Pictures of images, and results as files.

    Parameters
    ----------
    node
        Its ledger, spool and settings.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._room = PictureRoom(node)
        self._limiter = CapacityLimiter(DECODERS)

    def routes(self) -> list[Route]:
        """Below ``/studies/{number or UID}``."""
        image = "/studies/{study}/images/{image}"
        return [
            Route(f"{image}/frame.png", self.frame),
            Route(f"{image}/outlines.png", self.outlines),
            Route(f"{image}/picture.png", self.picture),
            Route("/studies/{study}/results/{result}.dcm", self.result),
        ]

    @needs(Role.VIEWER)
    async def frame(self, request: Request) -> Response:
        """A frame as it was received, ``?frame=`` its number."""
        row, _, number = await self._found(request)
        hidden = not _sees_names(self._node, request)
        return await self._png(lambda: self._room.maker.frame(row, number, only_sector=hidden))

    @needs(Role.VIEWER)
    async def outlines(self, request: Request) -> Response:
        """Its four masks, a bit each."""
        row, frame, _ = await self._found(request)
        return await self._png(lambda: self._room.maker.outlines(row, _looked_at(frame)))

    @needs(Role.VIEWER)
    async def picture(self, request: Request) -> Response:
        """Frame, outlines, regions and values in one picture, to keep."""
        row, frame, number = await self._found(request)
        hidden = not _sees_names(self._node, request)
        answer = await self._png(lambda: self._room.maker.overlay(row, _looked_at(frame), only_sector=hidden))
        name = f"hri_study-{row.study_id}_image-{row.id}_frame-{number}.png"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @needs(Role.VIEWER)
    async def result(self, request: Request) -> Response:
        """A result, as every destination gets it."""
        study_id = await located(self._node, request)
        object_id = id_of(request.path_params["result"])
        return await to_thread.run_sync(
            download, self._node, (study_id, object_id), request.state.visitor, request.state.notebook
        )

    async def _found(self, request: Request) -> tuple[InstanceRow, MeasuredFrame | None, int]:
        """An instance, what was found on the frame that is asked for, and its number."""
        study_id = await located(self._node, request)
        instance_id = id_of(request.path_params["image"])
        try:
            row, frames = await to_thread.run_sync(self._node.ledger.frames_of, study_id, instance_id or 0)
        except KeyError:
            raise HTTPException(NOT_FOUND, "the study has no such image") from None
        number = id_of(request.query_params.get("frame", "")) or row.frame_number or 1
        frame = next((one for one in frames if one.result.frame_number == number), None)
        return row, frame, number

    async def _png(self, make: Callable[[], bytes]) -> Response:
        try:
            return Response(await to_thread.run_sync(make, limiter=self._limiter), media_type=PNG)
        except (Refused, Unavailable) as error:
            raise HTTPException(status_of(error), str(error)) from error


def download(node: Node, which: tuple[int, int | None], visitor: Visitor, notebook: Notebook) -> Response:
    """A result as a file, which the audit trail knows of; the file names the patient, its name does not.

    Parameters
    ----------
    node
        Its ledger, spool and settings.
    which
        Numbers of a study and of an object of it.
    visitor, notebook
        Who downloads it, and where that is written down.

    Raises
    ------
    HTTPException
        When there is none, it is gone, or whoever asks may not know the patient's name.
    """
    if not visitor.sees_names(node.settings.web):
        raise HTTPException(FORBIDDEN, "this file names the patient, and names are shown to operators only")
    study_id, object_id = which
    try:
        made, study = node.ledger.object_of(study_id, object_id or 0), node.ledger.study(study_id)
    except KeyError:
        raise HTTPException(NOT_FOUND, "the study has no such result") from None
    data = _bytes(node, made)
    notebook.took(visitor, Transfer(study.study_instance_uid, {made.sop_class_uid: 1}, study.patient_id))
    headers = {"Content-Disposition": f'attachment; filename="{file_name(made, study)}"'}
    return Response(data, media_type=DICOM, headers=headers)


def file_name(made: ObjectRow, study: StudyRow) -> str:
    """Name of a downloaded result: nothing of the patient in it.

    Parameters
    ----------
    made, study
        The result, and of what.
    """
    return f"hri_study-{study.id}_{made.kind}-{made.id}.dcm"


def _bytes(node: Node, made: ObjectRow) -> bytes:
    try:
        if made.removed_at:
            raise Removed("retention removed the results of this study; its destinations have them")
        return node.spool.read(made.spool_key)
    except (Refused, Unavailable) as error:
        raise HTTPException(status_of(error), str(error)) from error


def _looked_at(frame: MeasuredFrame | None) -> MeasuredFrame:
    if frame is None:
        raise Refused("this frame was not looked at")
    return frame


def _sees_names(node: Node, request: Request) -> bool:
    visitor: Visitor = request.state.visitor
    return visitor.sees_names(node.settings.web)
