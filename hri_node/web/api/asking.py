"""A request of a program comes in; who makes it, and what of the node it may see, goes out."""

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request

from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.web.api.problems import missing
from hri_node.web.console.located import study_number
from hri_node.web.guard import Visitor
from hri_node.web.notebook import Notebook

OPERATOR: Final[dict[str, Any]] = {"openapi_extra": {"x-role": str(Role.OPERATOR)}}
ADMIN: Final[dict[str, Any]] = {"openapi_extra": {"x-role": str(Role.ADMIN)}}
"""Of a route whose endpoint needs more than a viewer: the description says so."""


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def _notebook(request: Request) -> Notebook:
    notebook: Notebook = request.state.notebook
    return notebook


Asker = Annotated[Visitor, Depends(_visitor)]
"""Whoever makes the request."""

Noting = Annotated[Notebook, Depends(_notebook)]
"""Where it is written down."""

StudyName = Annotated[
    str, Path(description="Number of the study, or a UID of it, of one of its images or of its results", max_length=64)
]


def named_study(node: Node, name: str) -> int:
    """Number of a study.

    Parameters
    ----------
    node
        Its ledger.
    name
        As the path has it.

    Raises
    ------
    HTTPException
        When there is none.
    """
    found = study_number(node, name)
    if found is None:
        raise missing("study")
    return found
