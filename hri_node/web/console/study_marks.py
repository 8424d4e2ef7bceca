"""A live page's question comes in; where nothing happened to its study since, the short answer goes out."""

from collections.abc import Awaitable, Callable
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from hri_node.ledger.marks import Mark
from hri_node.web.console.rendering import NOT_MODIFIED, PART

KEPT: Final = 256
"""Open pages whose last answer is known."""

Key = tuple[str, ...]


class StudyMarks:
    """What open pages were answered last, and what their studies were like then.

    Parameters
    ----------
    mark
        Of a study; asks the ledger.
    """

    def __init__(self, mark: Callable[[int], Mark]) -> None:
        self._mark = mark
        self._answered: dict[Key, tuple[Mark, str]] = {}

    async def answer(self, request: Request, study_id: int, full: Callable[[Mark], Awaitable[Response]]) -> Response:
        """The answer to a question for a page; for parts of it 304, where they would be the last ones again.

        Parameters
        ----------
        request
            Of a browser.
        study_id
            Which study it shows.
        full
            Makes the whole answer, of what the study is at this mark, or later.
        """
        mark = await to_thread.run_sync(self._mark, study_id)
        key = _key(request)
        known, tag = self._answered.get(key, ((), ""))
        is_live = PART in request.headers
        if is_live and mark and mark == known and tag == request.headers.get("if-none-match"):
            return Response(status_code=NOT_MODIFIED, headers={"ETag": tag, "Cache-Control": "no-cache"})
        answer = await full(mark)
        if not is_live:
            return answer
        while len(self._answered) >= KEPT:
            del self._answered[next(iter(self._answered))]
        self._answered.pop(key, None)
        self._answered[key] = (mark, answer.headers.get("ETag", ""))
        return answer


def _key(request: Request) -> Key:
    """Whose page it is, and of what: forms in it are the visitor's own."""
    visitor = request.state.visitor
    return (visitor.who, visitor.csrf_token, visitor.role, request.headers.get(PART, ""), str(request.url))
