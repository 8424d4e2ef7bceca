"""A wish of a program about a study comes in; what was done goes out, in a sentence, and is written down."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.web.api.asking import OPERATOR, Asker, Noting, StudyName, named_study
from hri_node.web.api.problems import NOT_FOUND
from hri_node.web.api.study_models import Done
from hri_node.web.console.study_desk import StudyDesk
from hri_node.web.console.study_query import ID_MAX
from hri_node.web.guard import needs

Act = Literal["measure", "report", "force", "deliver", "send", "discard", "retry"]


class Wish(BaseModel):
    """What an act needs to know besides."""

    destination: str = Field("", max_length=64, description="For `send`: its name")
    result: Annotated[int, Field(ge=1, le=ID_MAX)] | None = Field(
        None, description="For `send` and `deliver`: only this result"
    )
    job: str = Field("", max_length=40, description="For `retry`: id of a job of this study, such as measure-3")


def study_acts_router(node: Node) -> APIRouter:
    """What is done with ``/studies``.

    Parameters
    ----------
    node
        Its ledger, settings and clock.
    """
    router, desk = APIRouter(tags=["studies"]), StudyDesk(node)

    @router.post("/studies/{study}/{act}", **OPERATOR)
    @needs(Role.OPERATOR)
    def do(study: StudyName, act: Act, wish: Wish, asker: Asker, noting: Noting) -> Done:
        """Measure, report or deliver it again; report it as it is; send it elsewhere; set it aside."""
        fields = {name: str(value) for name, value in wish.model_dump(exclude_none=True).items()}
        try:
            return Done(said=desk.do(named_study(node, study), act, fields, (asker, noting)))
        except KeyError:
            raise HTTPException(NOT_FOUND, "the study, or what is named of it, is not there") from None

    return router
