"""Questions and wishes of programs about the queues come in; how full each is goes out, and it is paused or goes on."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hri_node.ledger.states import Queue, Role
from hri_node.node import Node
from hri_node.web.api.asking import OPERATOR, Asker, Noting
from hri_node.web.api.jobs import Said
from hri_node.web.console.facts import Facts
from hri_node.web.console.shared import Shared
from hri_node.web.guard import needs
from hri_node.web.job_deeds import JobDeeds


class Load(BaseModel):
    """How much there is to do."""

    waiting: int = Field(description="Jobs")
    running: int = Field(description="Jobs")
    failed: int = Field(description="Jobs that wait for a person")
    oldest_s: float = Field(description="Age of what waits longest, in seconds")
    done_per_hour: int = Field(description="Jobs that ended in the last hour")


class OneQueue(Load):
    """A queue."""

    name: Queue
    paused_at: datetime | None = Field(description="Since when a person lets it wait, UTC; null: nobody does")
    paused_by: str = Field(description="Who; empty where it is not paused")


def queues_router(node: Node, facts: Shared[Facts]) -> APIRouter:
    """``/queues``.

    Parameters
    ----------
    node
        Its ledger.
    facts
        Shared with the overview's page.
    """
    router = APIRouter(tags=["jobs"])

    @router.get("/queues")
    @needs(Role.VIEWER)
    async def queues() -> list[OneQueue]:
        """The four queues, as they were at most a few seconds ago."""
        found = await facts.get()
        return [
            OneQueue(
                name=Queue(name),
                paused_at=found.paused[name].at if name in found.paused else None,
                paused_by=found.paused[name].by if name in found.paused else "",
                **Load.model_validate(load, from_attributes=True).model_dump(),
            )
            for name, load in found.queues.items()
        ]

    @router.post("/queues/{queue}/{act}", **OPERATOR)
    @needs(Role.OPERATOR)
    def hold(queue: Queue, act: Literal["pause", "resume"], asker: Asker, noting: Noting) -> Said:
        """Begin no job of it any more, or go on."""
        deeds = JobDeeds(node, noting)
        said = (deeds.pause_queue if act == "pause" else deeds.resume_queue)(asker, queue)
        facts.forget()
        return Said(said=said)

    return router
