"""Studies of the ledger come in; what the API says of them goes out, each field with its unit and meaning."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from hri_node.ledger.search import FoundStudy
from hri_node.ledger.states import InstanceState
from hri_node.ledger.story import DeliveryStory, InstanceStory, ObjectStory
from hri_node.ledger.tables import StudyRow
from hri_node.web.console.words import why_not

Index = Annotated[
    float | None, Field(description="Hepatorenal index: ratio of mean grey levels, liver over cortex (UCUM 1)")
]
Detail = Annotated[str, Field(description="The last error, or what else there is to say, in a sentence")]


class Study(BaseModel):
    """A study."""

    id: int = Field(description="Its number in this node")
    study_instance_uid: str
    patient_id: str
    patient_name: str | None = Field(
        description="As in the first image that came; null where names are not shown to you"
    )
    accession_number: str
    study_date: str = Field(description="As in its images: YYYYMMDD")
    sender: str = Field(description="AE title that sent the first image")
    received_at: datetime = Field(description="When the first image came, UTC")
    last_received_at: datetime = Field(description="When the last image came, UTC")
    state: str = Field(description="open, reported, nothing_to_report, failed or discarded")
    detail: Detail
    revision: int = Field(description="Of its report; 0 before the first")
    hri: Index
    algorithm: str = Field(description="Name and version of the network; empty before the first report")


class ListedStudy(Study):
    """A study that was found."""

    images: dict[str, int] = Field(description="Number of its instances, by their state")
    measured: int = Field(description="Number of its images that have an index")
    deliveries: dict[str, int] = Field(description="Number of deliveries of its current results, by their state")


class StudyPage(BaseModel):
    """A page of studies."""

    studies: list[ListedStudy] = Field(description="The newest first")
    next_before: int | None = Field(description="Ask with `before` set to this for the next page; null: there is none")


class Instance(BaseModel):
    """An image, or whatever else came."""

    id: int = Field(description="Its number in this node")
    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    received_at: datetime = Field(description="UTC")
    sender: str = Field(description="AE title")
    address: str = Field(description="IP address or host it came from")
    service: str = Field(description="c-store, stow-rs, import or pull")
    state: str = Field(description="waiting, measured, not_measurable, skipped, refused, failed or discarded")
    reason: str = Field(description="Code of why it has no index; empty where it has one")
    words: str = Field(description="The same in a sentence")
    detail: Detail
    hri: Index
    frame_number: int | None = Field(description="Of the frame that stands for it, from 1")
    frames_measured: int = Field(description="Number of frames that were looked at")
    attempts: int = Field(description="How often measuring it was begun")
    finished_at: datetime | None = Field(description="UTC")
    size_bytes: int = Field(description="Of its file, bytes")
    conflicts: int = Field(description="How often other content came under its UID")
    removed_at: datetime | None = Field(description="When retention removed its file, UTC")


class InstanceResult(Instance):
    """An image with what was found on each of its frames."""

    frames: list[dict[str, Any]] = Field(
        description="As `hri-node measure --json` prints them; lengths in mm, levels 0 to 255"
    )


class Attempt(BaseModel):
    """A try of a delivery."""

    began_at: datetime = Field(description="UTC")
    ended_at: datetime = Field(description="UTC")
    outcome: str = Field(description="State of the delivery after it")
    detail: Detail


class Delivery(BaseModel):
    """A result on its way to a destination."""

    job_id: str = Field(description="By which it is tried again: deliver-17")
    destination: str
    state: str = Field(description="waiting, committed, verified, delivered, refused, failed or discarded")
    detail: Detail
    owed_at: datetime = Field(description="UTC")
    stored_at: datetime | None = Field(description="Since when the destination says to have it, UTC")
    finished_at: datetime | None = Field(description="UTC")
    attempts: list[Attempt] = Field(description="The first one first")


class Result(BaseModel):
    """A DICOM object that the node made."""

    id: int = Field(description="Its number in this node")
    kind: str = Field(description="sr, seg, sc (picture), pr or pdf")
    sop_instance_uid: str
    sop_class_uid: str
    revision: int = Field(description="Of the report with which it came first")
    size_bytes: int = Field(description="Of its file, bytes")
    made_at: datetime = Field(description="UTC")
    replaced_at: datetime | None = Field(description="Since when a later revision has none like it, UTC")
    removed_at: datetime | None = Field(description="When retention removed its file, UTC")
    deliveries: list[Delivery]


class Done(BaseModel):
    """What was done."""

    said: str = Field(description="In a sentence")


def study_of(row: StudyRow, *, sees_names: bool) -> dict[str, Any]:
    """Fields of `Study`.

    Parameters
    ----------
    row
        Of the ledger.
    sees_names
        Whether the patient is named.
    """
    return {
        "id": row.id,
        "study_instance_uid": row.study_instance_uid,
        "patient_id": row.patient_id,
        "patient_name": row.patient_name if sees_names else None,
        "accession_number": row.accession_number,
        "study_date": row.study_date,
        "sender": row.calling_ae_title,
        "received_at": row.first_received_at,
        "last_received_at": row.last_received_at,
        "state": row.state,
        "detail": row.detail,
        "revision": row.revision,
        "hri": row.hri,
        "algorithm": row.algorithm,
    }


def listed(found: FoundStudy, *, sees_names: bool) -> ListedStudy:
    """A study of a list.

    Parameters
    ----------
    found, sees_names
        As `study_of` has them.
    """
    return ListedStudy(
        **study_of(found.study, sees_names=sees_names),
        images=found.instances,
        measured=found.instances.get(InstanceState.MEASURED, 0),
        deliveries=found.deliveries,
    )


def instance_of(story: InstanceStory) -> dict[str, Any]:
    """Fields of `Instance`.

    Parameters
    ----------
    story
        Of the ledger.
    """
    row = story.row
    named = {name: getattr(row, name) for name in Instance.model_fields if hasattr(row, name)}
    return named | {
        "sender": row.calling_ae_title,
        "words": why_not(row.state, row.reason, row.detail) if row.hri is None else "",
        "frames_measured": story.frames,
        "conflicts": story.conflicts,
    }


def result_of(story: ObjectStory) -> Result:
    """A result with its deliveries.

    Parameters
    ----------
    story
        Of the ledger.
    """
    named = {name: getattr(story.row, name) for name in Result.model_fields if name != "deliveries"}
    return Result(**named, deliveries=[_delivery(one) for one in story.deliveries])


def _delivery(story: DeliveryStory) -> Delivery:
    row = story.row
    own = {"destination", "state", "detail", "owed_at", "stored_at", "finished_at"}
    tries = [Attempt(**{name: getattr(one, name) for name in Attempt.model_fields}) for one in story.attempts]
    return Delivery(job_id=f"deliver-{row.id}", **{name: getattr(row, name) for name in own}, attempts=tries)
