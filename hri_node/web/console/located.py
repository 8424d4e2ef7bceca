"""A path comes in, with a study's number or any UID of it; the number goes out, or a page that says there is none."""

import re
from typing import Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request

from hri_node.node import Node
from hri_node.web.console.study_query import id_of

UID: Final = re.compile(r"[0-9]+(\.[0-9]+)+")
NOT_FOUND: Final = 404


async def located(node: Node, request: Request) -> int:
    """Number of the study that a path names.

    Parameters
    ----------
    node
        Its ledger.
    request
        Whose path has a parameter ``study``.

    Raises
    ------
    HTTPException
        When there is no such study.
    """
    found = await to_thread.run_sync(study_number, node, request.path_params["study"])
    if found is None:
        raise HTTPException(NOT_FOUND, "there is no such study")
    return found


def study_number(node: Node, named: str) -> int | None:
    """Number of a study; None where nothing is called so.

    Parameters
    ----------
    node
        Its ledger.
    named
        A number, or a UID of the study, of one of its images or results.
    """
    if UID.fullmatch(named):
        return node.ledger.study_id(named)
    return id_of(named)
