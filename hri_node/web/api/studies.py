"""Questions and wishes of programs about studies come in; studies, their images and results go out."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hri_node.ledger.search_query import TEXT_LENGTH_MAX, Delivered, StudyQuery
from hri_node.ledger.states import Role, StudyState
from hri_node.ledger.story import StudyStory
from hri_node.node import Node
from hri_node.web.api.asking import Asker, Noting, StudyName, named_study
from hri_node.web.api.problems import missing
from hri_node.web.api.study_models import (
    Instance,
    InstanceResult,
    Result,
    Study,
    StudyPage,
    instance_of,
    listed,
    result_of,
    study_of,
)
from hri_node.web.console.study import study_transfer
from hri_node.web.console.study_query import ID_MAX
from hri_node.web.guard import needs

LIMIT_MAX: Final = 200

Number = Annotated[int, Field(ge=1, le=ID_MAX)]
Text = Annotated[str, Field(max_length=TEXT_LENGTH_MAX)]


class Asked(BaseModel):
    """What is looked for; what is left out is not asked."""

    q: Text = Field("", description="Words that begin a part of name, Patient ID or accession number; or a UID")
    patient: Text = Field("", description="Words that begin a part of the name, or of the Patient ID")
    accession: Text = Field("", description="Accession number, or its beginning")
    sender: Text = Field("", description="AE title that sent any of it, whole")
    first_date: date | None = Field(None, description="Study date from, included: YYYY-MM-DD")
    last_date: date | None = Field(None, description="Study date to, included: YYYY-MM-DD")
    state: StudyState | None = Field(None, description="Of the study")
    results: Delivered | None = Field(
        None, description="failed: some result was refused or failed; waiting: is on its way"
    )
    measured: bool | None = Field(None, description="Whether it has an index")
    hri_min: float | None = Field(None, ge=0, description="Least index (ratio)")
    hri_max: float | None = Field(None, ge=0, description="Greatest index (ratio)")
    before: Number | None = Field(None, description="`next_before` of the page before")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = Field(50, description="How many at most")

    def query(self, *, by_name: bool) -> StudyQuery:
        """The question for the ledger; words of names are looked for by those alone who may know them."""
        return StudyQuery(
            text=self.q,
            patient=self.patient,
            accession=self.accession,
            sender=self.sender,
            first_date=f"{self.first_date:%Y%m%d}" if self.first_date else "",
            last_date=f"{self.last_date:%Y%m%d}" if self.last_date else "",
            state=self.state,
            delivered=self.results,
            is_measured=self.measured,
            lowest=self.hri_min,
            highest=self.hri_max,
            by_name=by_name,
            before=self.before,
        )


def studies_router(node: Node) -> APIRouter:
    """``/studies``.

    Parameters
    ----------
    node
        Its ledger and settings.
    """
    router = APIRouter(tags=["studies"])

    def told(name: str) -> StudyStory:
        try:
            return node.ledger.story(named_study(node, name))
        except KeyError:
            raise missing("study") from None

    @router.get("/studies")
    @needs(Role.VIEWER)
    def search(asked: Annotated[Asked, Query()], asker: Asker) -> StudyPage:
        """Studies that fit, the newest first."""
        sees_names = asker.sees_names(node.settings.web)
        found = node.ledger.find_studies(asked.query(by_name=sees_names), asked.limit)
        return StudyPage(
            studies=[listed(one, sees_names=sees_names) for one in found.studies], next_before=found.next_before
        )

    @router.get("/studies/{study}")
    @needs(Role.VIEWER)
    def one(study: StudyName, asker: Asker, noting: Noting) -> Study:
        """A study."""
        story = told(study)
        noting.looked(asker, study_transfer(story))
        return Study(**study_of(story.study, sees_names=asker.sees_names(node.settings.web)))

    @router.get("/studies/{study}/instances")
    @needs(Role.VIEWER)
    def instances(study: StudyName) -> list[Instance]:
        """Its images, and whatever else came, in the order of their arrival."""
        return [Instance(**instance_of(each)) for each in told(study).instances]

    @router.get("/studies/{study}/instances/{instance}")
    @needs(Role.VIEWER)
    def instance(study: StudyName, instance: Number, asker: Asker, noting: Noting) -> InstanceResult:
        """An image, with what was found on each of its frames."""
        story = told(study)
        found = next((each for each in story.instances if each.row.id == instance), None)
        if found is None:
            raise missing("image in the study")
        noting.looked(asker, study_transfer(story))
        _, frames = node.ledger.frames_of(story.study.id, instance)
        return InstanceResult(**instance_of(found), frames=[frame.result.to_json() for frame in frames])

    @router.get("/studies/{study}/results")
    @needs(Role.VIEWER)
    def results(study: StudyName) -> list[Result]:
        """What was made of it, where that is, and every try to bring it there."""
        return [result_of(each) for each in told(study).objects]

    return router
