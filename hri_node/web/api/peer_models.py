"""What programs are told of scanners and destinations, and how they say what they want: the shapes of the JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from hri_node.web.api.jobs import Said
from hri_node.web.api.queues import Load

DAYS_MAX: Final = 366


class Peer(BaseModel):
    """A scanner or destination as it is set up."""

    name: str = Field(description="Its name, or AE title")
    keys: dict[str, Any] = Field(description="Its keys as the settings file has them, without defaults and secrets")
    changed_at: datetime = Field(description="UTC")
    changed_by: str
    is_of_file: bool = Field(description="Whether the settings file says the same")


class Destination(BaseModel):
    """A destination, and how it stands."""

    name: str
    setup: Peer | None = Field(description="Null for a scanner that gets its results back, or where it was removed")
    paused_at: datetime | None = Field(description="UTC; null: it is not paused")
    paused_by: str
    outages: int = Field(description="In a row; 0: it answers, as far as is known")
    not_before: datetime | None = Field(description="Until then it is left alone, UTC")
    last_answer_at: datetime | None = Field(description="UTC")
    last_error: str = Field(description="The last outage in one sentence, while it lasts")
    load: Load


class Scanner(BaseModel):
    """A scanner that is set up, or that images came from."""

    ae_title: str
    setup: Peer | None = Field(description="Null where it is let in otherwise")
    last_image_at: datetime | None = Field(description="UTC")


class Contact(BaseModel):
    """Whoever called."""

    ae_title: str
    address: str
    last_seen_at: datetime | None = Field(description="Let in last, UTC")
    last_image_at: datetime | None = Field(description="UTC")
    is_rejected: bool = Field(description="Whether it was turned away the last time")
    rejections: int
    rejection: str = Field(description="Why, the last time")


class Day(BaseModel):
    """What became of a scanner's images of one day at the node."""

    day: date
    images: int = Field(description="That the network looked at")
    measured: int
    with_warnings: int = Field(description="Of the measured ones")
    median_hri: float | None = Field(description="Of the measured ones (ratio)")


class Answered(Said):
    """What a peer said."""

    answers: bool
    ms: float = Field(description="How long that took, in milliseconds")


class Keys(BaseModel):
    """How a scanner or destination is to be set up."""

    keys: dict[str, Any] = Field(description="All of its keys, as the settings file has them; no secret")


class Span(BaseModel):
    """Of how many days."""

    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = Field(30, description="Until today")
