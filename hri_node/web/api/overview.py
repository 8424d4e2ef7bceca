"""A program's question how the node is comes in; the facts of the overview go out."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hri_node.ledger.states import Role
from hri_node.web.console.facts import Facts
from hri_node.web.console.shared import Shared
from hri_node.web.guard import needs


class Counts(BaseModel):
    """What happened in a span of time."""

    received: int = Field(description="Instances that came")
    measured: int = Field(description="Instances that got an index")
    not_measurable: int = Field(description="Instances that were looked at and got none")
    skipped: int = Field(description="Instances that are not for us")
    reported: int = Field(description="Studies")
    proven: int = Field(description="Deliveries that the destination committed to, or was asked about and named")
    delivered: int = Field(description="Deliveries without proof")
    failed: int = Field(description="Instances and deliveries that failed or were refused")


class Hour(Counts):
    """An hour in which something happened."""

    begins_at: datetime = Field(description="UTC")


class Trouble(BaseModel):
    """Something that is wrong."""

    words: str = Field(description="In a sentence")
    is_bad: bool = Field(description="Now; else soon")


class Overview(BaseModel):
    """How the node is."""

    at: datetime = Field(description="When this was so, UTC; at most a few seconds ago")
    is_well: bool = Field(description="Whether nothing is wrong now")
    troubles: list[Trouble] = Field(description="What is, the worst first")
    today: Counts = Field(description="Since midnight at the node")
    hours: list[Hour] = Field(description="Of the last day, those in which something happened")
    disk_free_mib: int = Field(description="Under the spool, MiB")
    model: str = Field(description="Name and version of the network")


def overview_router(facts: Shared[Facts]) -> APIRouter:
    """``/overview``.

    Parameters
    ----------
    facts
        Shared with the page.
    """
    router = APIRouter(tags=["node"])

    @router.get("/overview")
    @needs(Role.VIEWER)
    async def overview() -> Overview:
        """How the node is, and what is wrong."""
        found = await facts.get()
        return Overview(
            at=found.at,
            is_well=not any(trouble.is_bad for trouble in found.troubles),
            troubles=[Trouble(words=trouble.words, is_bad=trouble.is_bad) for trouble in found.troubles],
            today=Counts.model_validate(found.today, from_attributes=True),
            hours=[
                Hour(begins_at=hour, **Counts.model_validate(counts, from_attributes=True).model_dump())
                for hour, counts in found.hours.items()
            ],
            disk_free_mib=found.disk.free_mib,
            model=found.model,
        )

    return router
