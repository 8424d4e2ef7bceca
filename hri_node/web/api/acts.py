"""A program's question who did what comes in; acts of people go out, the latest first."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.web.api.asking import OPERATOR
from hri_node.web.guard import needs

LIMIT_MAX: Final = 1000
NUMBER_MAX: Final = 2**63 - 1


class Act(BaseModel):
    """Something that a person, or a program with a token, did."""

    id: int
    done_at: datetime = Field(description="UTC")
    who: str
    what: str = Field(description="As the command line calls it, such as `jobs retry`")
    about: str = Field(description="Of what: jobs, destinations, people; cut where it is long")


class Asked(BaseModel):
    """Which acts."""

    who: Annotated[str, Field(max_length=64)] = Field("", description="Only theirs")
    before: Annotated[int, Field(ge=1, le=NUMBER_MAX)] | None = Field(None, description="Only those before this id")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = Field(100, description="How many at most")


def acts_router(node: Node) -> APIRouter:
    """``/acts``.

    Parameters
    ----------
    node
        Its ledger.
    """
    router = APIRouter(tags=["people"])

    @router.get("/acts", **OPERATOR)
    @needs(Role.OPERATOR)
    def acts(asked: Annotated[Asked, Query()]) -> list[Act]:
        """Who did what, the latest first."""
        found = node.ledger.acts(asked.limit, asked.before, asked.who)
        return [Act.model_validate(each, from_attributes=True) for each in found]

    return router
