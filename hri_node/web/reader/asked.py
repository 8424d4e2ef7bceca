"""The body of a reader's request comes in; what they did goes out, checked, or a sentence about what is wrong."""

from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from hri_node.errors import Refused
from hri_node.study.project.marks import DRAWN_MS_MAX
from hri_node.study.project.records import Event, Organ, Shape
from hri_node.study.project.region import POINTS_MAX
from hri_node.web.body import Gone, Silent, pieces

BODY_BYTES_MAX: Final = 2**18
"""Twice what an outline with the most points needs."""

IDLE_S: Final = 20.0

AGO_MS_MAX: Final = 30 * 24 * 3600 * 1000
"""Acts may wait in a browser for so long; older ones are told as that old."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Key = Annotated[str, Field(min_length=1, max_length=64)]


class Act(BaseModel):
    """Something that a reader did on an image; sent again with the same id, it is the same act."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Key
    image: Key
    session: Annotated[int, Field(ge=1, le=99)]
    ago_ms: Annotated[int, Field(ge=0)] = 0


class PlacedMark(Act):
    """An outline was placed."""

    organ: Organ
    shape: Shape
    points: Annotated[tuple[tuple[Number, Number], ...], Field(min_length=3, max_length=POINTS_MAX)]
    drawn_ms: Annotated[int, Field(ge=0, le=DRAWN_MS_MAX)]


class Withdrawal(Act):
    """A mark was taken back."""

    organ: Organ
    mark: Key


class Finish(Act):
    """An image is done."""


class Visit(Act):
    """An image was shown, or hidden, or somebody is there still."""

    event: Event


AnyAct = TypeVar("AnyAct", bound=Act)


class Unread(Exception):  # noqa: N818 - it becomes an answer
    """A body that is too long, or does not come to its end."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


async def body_of(request: Request) -> bytes:
    """The body of a request, read whole.

    Parameters
    ----------
    request
        Of the browser.

    Raises
    ------
    Unread
        When it is too long, or its sender does not go on.
    """
    body = bytearray()
    try:
        async for piece in pieces(request.receive, IDLE_S):
            body += piece
            if len(body) > BODY_BYTES_MAX:
                raise Unread(413, f"at most {BODY_BYTES_MAX} bytes are read")
    except (Gone, Silent) as error:
        raise Unread(408, "it was not sent to its end in time") from error
    return bytes(body)


def act_of(kind: type[AnyAct], body: bytes) -> AnyAct:
    """What a body says that a reader did.

    Parameters
    ----------
    kind
        Of act.
    body
        JSON.

    Raises
    ------
    Refused
        When it does not say so.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        raise Refused(f"{where or 'the request'}: {first['msg'].lower()}") from error
