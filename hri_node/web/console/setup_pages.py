"""What an admin wants of a scanner or destination comes in; it is set up, or the form comes back and says why not."""

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.changes import NAME_KEY, Unknown
from hri_node.errors import HriError
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import Role, SetupKind
from hri_node.section_reading import WrongKey
from hri_node.web.console.asked import fields_of, in_thread, said, visitor_of
from hri_node.web.console.peer_fields import GROUPS, section_of, typed_of
from hri_node.web.console.rendering import Pages, go_on
from hri_node.web.guard import needs
from hri_node.web.peer_deeds import PeerDeeds

PAGE_OF: Final = {SetupKind.SCANNER: "/scanners", SetupKind.DESTINATION: "/destinations"}
UNPROCESSABLE: Final = 422
NEW: Final[dict[SetupKind, dict[str, Any]]] = {
    SetupKind.SCANNER: {"port": 104},
    SetupKind.DESTINATION: {"port": 104, "concurrency": 2},
}
"""What stands in the form of a new one."""


class SetupPages:
    """``/setup/scanner`` and ``/setup/destination``.

    Parameters
    ----------
    pages
        Templates.
    deeds
        What people may do.
    changed
        Told that something was, so that the page that follows shows it.
    """

    def __init__(self, pages: Pages, deeds: PeerDeeds, changed: Callable[[], None]) -> None:
        self._pages = pages
        self._deeds = deeds
        self._changed = changed

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [
            route
            for kind in SetupKind
            for route in (
                Route(f"/setup/{kind}", self.form, methods=["GET"]),
                Route(f"/setup/{kind}", self.save, methods=["POST"]),
                Route(f"/setup/{kind}/remove", self.remove, methods=["POST"]),
            )
        ]

    @needs(Role.ADMIN)
    async def form(self, request: Request) -> Response:
        """A form: of a new one, filled in from the query as far as that says something, or of one that is there."""
        kind, query = _kind(request), request.query_params
        if name := query.get("name"):
            try:
                setup = await in_thread(self._deeds.desk.find, kind, name)
            except HriError as error:
                return go_on(request, PAGE_OF[kind], f"Not done: {error}.")
            shown = typed_of(kind, NEW[kind] | setup.chosen)
            return self._page(request, kind, shown | _given(kind, query) | {"name": name}, setup=setup)
        return self._page(request, kind, typed_of(kind, NEW[kind]) | _given(kind, query))

    @needs(Role.ADMIN)
    async def save(self, request: Request) -> Response:
        """Set one up, or change it."""
        kind, form = _kind(request), await fields_of(request)
        try:
            words = await in_thread(self._save, request, kind, form)
        except WrongKey as error:
            setup = await in_thread(self._found, kind, form.get("changes", ""))
            return self._page(request, kind, form, error, setup=setup)
        except HriError as error:
            words = f"Not done: {error}."
        self._changed()
        return go_on(request, PAGE_OF[kind], words)

    @needs(Role.ADMIN)
    async def remove(self, request: Request) -> Response:
        """Take one away."""
        kind, name = _kind(request), (await fields_of(request)).get("name", "")
        words = await said(self._deeds.remove, visitor_of(request), kind, name)
        self._changed()
        return go_on(request, PAGE_OF[kind], words)

    def _save(self, request: Request, kind: SetupKind, form: dict[str, str]) -> str:
        visitor, chosen, name = visitor_of(request), section_of(kind, form), form.get("changes", "")
        if not name:
            name = self._deeds.add(visitor, kind, chosen)
            return f"{name} is set up."
        setup = self._deeds.desk.find(kind, name)
        if setup.changed_at.isoformat() != form.get("seen"):
            raise WrongKey("", f"{setup.changed_by} changed {name} meanwhile: open it again to see how it is now")
        self._deeds.change(visitor, kind, name, chosen)
        return f"{name} is changed."

    def _found(self, kind: SetupKind, name: str) -> Setup | None:
        try:
            return self._deeds.desk.find(kind, name)
        except Unknown:
            return None

    def _page(
        self, request: Request, kind: SetupKind, shown: dict[str, str], wrong: WrongKey | None = None, *,
        setup: Setup | None = None,
    ) -> Response:  # fmt: skip
        keys = {field.key for group in GROUPS[kind] for field in group.fields}
        wrong_key = wrong.key if wrong and wrong.key in keys else ""
        context = {
            "kind": kind, "groups": GROUPS[kind], "shown": shown, "setup": setup, "name_key": NAME_KEY[kind],
            "wrong": str(wrong) if wrong else "", "wrong_key": wrong_key, "page": PAGE_OF[kind],
            "wrong_here_words": str(wrong).removeprefix(f"{wrong_key}: ") if wrong else "",
            "seen": shown.get("seen") or (setup.changed_at.isoformat() if setup else ""),
        }  # fmt: skip
        return self._pages.page(request, "setup.html", context, UNPROCESSABLE if wrong else 200)


def _kind(request: Request) -> SetupKind:
    return SetupKind(request.url.path.split("/")[2])


def _given(kind: SetupKind, query: Any) -> dict[str, str]:  # noqa: ANN401 - starlette's
    """What a link says of the fields, such as the address of a scanner that is to be admitted."""
    keys = {field.key for group in GROUPS[kind] for field in group.fields}
    return {key: value for key, value in query.items() if key in keys and value}
