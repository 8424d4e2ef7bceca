"""A program's wish for a self-test comes in; it begins, and how the latest ones stand, step by step, goes out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hri_node.ledger.self_tests import Run, Verdict
from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.self_test.beginning import TIMEOUT_S, Wishes
from hri_node.web.api.asking import OPERATOR, Asker, Noting
from hri_node.web.api.jobs import Said
from hri_node.web.guard import needs
from hri_node.web.self_test_deeds import SelfTestDeeds

TIMEOUT_MAX_S = 3600.0
ACCEPTED = 202


class Step(BaseModel):
    """A step of a self-test."""

    key: str
    title: str
    verdict: Verdict
    seconds: float = Field(description="How long it took")
    words: str = Field(description="What happened, in one sentence")


class SelfTest(BaseModel):
    """A self-test."""

    name: str = Field(description="AE title that it called itself by")
    who: str
    began_at: datetime = Field(description="UTC")
    ended_at: datetime | None = Field(description="UTC; null: it is under way, or its process was killed")
    is_under_way: bool
    verdict: Verdict = Field(description="failed, too, where its process was killed")
    steps: list[Step]
    is_forgotten: bool = Field(description="Nothing of its study is here any more")


class Wanted(BaseModel):
    """What is wanted of a self-test."""

    destinations: list[str] | None = Field(None, description="Names of those to see to; null: all")
    store: bool = Field(False, description="Store at all of them, whatever their settings say")
    timeout_s: Annotated[float, Field(ge=5, le=TIMEOUT_MAX_S)] = Field(TIMEOUT_S, description="Seconds")


def self_tests_router(node: Node) -> APIRouter:
    """``/self-tests``.

    Parameters
    ----------
    node
        Its ledger and settings.
    """
    router = APIRouter(tags=["self-test"])

    @router.get("/self-tests", **OPERATOR)
    @needs(Role.OPERATOR)
    def latest() -> list[SelfTest]:
        """The latest self-tests, the last one first."""
        now = node.clock()
        return [_told(run, is_under_way=run.is_under_way(now)) for run in node.ledger.self_tests()]

    @router.post("/self-tests", status_code=ACCEPTED, **OPERATOR)
    @needs(Role.OPERATOR)
    def begin(wanted: Wanted, asker: Asker, noting: Noting) -> Said:
        """Begin one; it goes on by itself. 409 where one is under way, or a destination is not known."""
        names = None if wanted.destinations is None else tuple(wanted.destinations)
        wishes = Wishes(names, wanted.store, timeout_s=wanted.timeout_s)
        return Said(said=SelfTestDeeds(node, noting).begin(asker, wishes))

    return router


def _told(run: Run, *, is_under_way: bool) -> SelfTest:
    is_broken_off = run.ended_at is None and not is_under_way
    return SelfTest(
        name=run.name,
        who=run.who,
        began_at=run.began_at,
        ended_at=run.ended_at,
        is_under_way=is_under_way,
        verdict=Verdict.FAILED if is_broken_off else run.verdict,
        steps=[Step.model_validate(step, from_attributes=True) for step in run.steps],
        is_forgotten=run.is_forgotten,
    )
