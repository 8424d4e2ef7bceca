"""Questions and wishes of programs about jobs come in; jobs go out, and are done again or set aside."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from hri_node.ledger.joblist import JobFilter, ListedJob
from hri_node.ledger.states import JobState, Queue, Role
from hri_node.node import Node
from hri_node.web.api.asking import OPERATOR, Asker, Noting
from hri_node.web.api.problems import BAD_REQUEST, missing
from hri_node.web.guard import needs
from hri_node.web.job_deeds import JobDeeds

LIMIT_MAX: Final = 500
IDS_MAX: Final = 1000
NUMBER_MAX: Final = 2**63 - 1

JobId = Annotated[str, Field(max_length=40)]


class Job(BaseModel):
    """A job: one row of the ledger."""

    id: str = Field(description="Such as `deliver-17`")
    queue: Queue
    state: JobState
    outcome: str = Field(description="The row's own state, such as `committed` or `not_measurable`")
    subject: str = Field(description="What it is about: a UID, of an image, a study or a result")
    study: int | None = Field(description="Number of its study; null where it belongs to none")
    destination: str = Field(description="Of a delivery")
    attempts: int = Field(description="How often it was begun since it was made, or done again")
    since: datetime = Field(description="UTC")
    again_at: datetime | None = Field(description="When a waiting delivery is tried next, UTC")
    last_word: str = Field(description="The last error, or the reason of its end, in a sentence or a code")


class JobPage(BaseModel):
    """Some jobs, the newest first."""

    jobs: list[Job]
    next_before: int | None = Field(description="`before` of the next page; null: there is none")


class Try(BaseModel):
    """One try of a delivery."""

    began_at: datetime = Field(description="UTC")
    outcome: str = Field(description="State of the delivery afterwards")
    detail: str = Field(description="Words of the peer, or of the network")


class OneJob(BaseModel):
    """A job, and its tries."""

    id: str
    state: JobState
    outcome: str
    subject: str
    attempts: int
    since: datetime = Field(description="UTC")
    last_word: str
    tries: list[Try] = Field(description="Of a delivery, the first one first")


class Chosen(BaseModel):
    """Which jobs: those that are named, or all of a queue that are in a state."""

    jobs: Annotated[list[JobId], Field(max_length=IDS_MAX)] = Field([], description="Ids, at most 1000")
    queue: Queue | None = Field(None, description="All of this queue; `state` is needed as well")
    state: Literal["failed", "discarded", "waiting"] | None = Field(None, description="In this state")
    destination: Annotated[str, Field(max_length=80)] = Field("", description="Only deliveries to this destination")


class Said(BaseModel):
    """What was done."""

    said: str = Field(description="In a sentence")


class Looks(BaseModel):
    """Which page of which jobs."""

    queue: Queue = Field(description="Of this queue")
    state: JobState | None = Field(None, description="In this state; left out: in any")
    destination: Annotated[str, Field(max_length=80)] = Field("", description="Only deliveries to this destination")
    before: Annotated[int, Field(ge=1, le=NUMBER_MAX)] | None = Field(
        None, description="`next_before` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = Field(50, description="How many at most")


def jobs_router(node: Node) -> APIRouter:
    """``/jobs``.

    Parameters
    ----------
    node
        Its ledger.
    """
    router = APIRouter(tags=["jobs"])

    @router.get("/jobs")
    @needs(Role.VIEWER)
    def jobs(asked: Annotated[Looks, Query()]) -> JobPage:
        """Jobs of a queue."""
        chosen = JobFilter(asked.queue, asked.state, asked.destination)
        found = node.ledger.job_page(chosen, asked.limit + 1, asked.before)
        page = found[: asked.limit]
        return JobPage(
            jobs=[_job(asked.queue, each) for each in page],
            next_before=page[-1].number if len(found) > asked.limit else None,
        )

    @router.get("/jobs/{job}")
    @needs(Role.VIEWER)
    def one(job: str) -> OneJob:
        """A job, with every try of a delivery."""
        try:
            found, tries = node.ledger.job(job)
        except KeyError:
            raise missing("job") from None
        return OneJob(
            id=found.job_id,
            state=found.state,
            outcome=found.outcome,
            subject=found.subject,
            attempts=found.attempts,
            since=found.since,
            last_word=found.detail,
            tries=[Try.model_validate(each) for each in tries],
        )

    @router.post("/jobs/{act}", **OPERATOR)
    @needs(Role.OPERATOR)
    def mend(act: Literal["retry", "discard"], chosen: Chosen, asker: Asker, noting: Noting) -> Said:
        """Do jobs again, or set them aside."""
        deeds = JobDeeds(node, noting)
        if bool(chosen.jobs) == bool(chosen.queue and chosen.state):
            raise HTTPException(BAD_REQUEST, "name the jobs, or queue and state of all that are meant")
        if chosen.jobs:
            return Said(said=(deeds.retry if act == "retry" else deeds.discard)(asker, chosen.jobs))
        assert chosen.queue, "it was asked for"
        assert chosen.state, "it was asked for"
        all_of = JobFilter(chosen.queue, JobState(chosen.state), chosen.destination)
        return Said(said=(deeds.retry_matching if act == "retry" else deeds.discard_matching)(asker, all_of))

    return router


def _job(queue: Queue, listed: ListedJob) -> Job:
    job = listed.job
    return Job(
        id=job.job_id,
        queue=queue,
        state=job.state,
        outcome=job.outcome,
        subject=job.subject,
        study=listed.study_id,
        destination=listed.destination,
        attempts=job.attempts,
        since=job.since,
        again_at=listed.again_at,
        last_word=job.detail,
    )
