"""A ledger that does not answer: pages and programs are told so in a sentence, and to come again."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from hri_node.errors import Unavailable
from hri_node.web.console.rendering import Pages
from hri_node.web.login.answers import Answers


async def away(_request: Request) -> Response:
    """An endpoint whose ledger is away."""
    raise Unavailable("the ledger is locked by 10.1.2.3")


@pytest.mark.parametrize(("path", "kind"), [("/queues", "text/html"), ("/api/queues", "application/problem+json")])
def test_an_outage_is_said_in_a_sentence(path: str, kind: str) -> None:
    """503, a time to come again, and nothing of what the log knows."""
    answers = Answers(Pages("HRI_NODE"))
    app = Starlette(routes=[Route(path, away)], exception_handlers={Unavailable: answers.on_unavailable})

    answer = TestClient(app, raise_server_exceptions=False).get(path)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"].startswith(kind)
    assert "try again" in answer.text
    assert "10.1.2.3" not in answer.text
