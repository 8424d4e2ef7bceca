"""A site of two or three pages behind the guard, on a port that the system chooses; browsers that visit it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import requests
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from hri_node.audit.auditor import Auditor
from hri_node.console_sections import WebSettings
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.people import Person
from hri_node.ledger.states import Role, TokenPurpose
from hri_node.ledger.tokens import NewToken
from hri_node.web.console.rendering import STATIC, Pages
from hri_node.web.guard import needs
from hri_node.web.login.access import Access, access_of
from hri_node.web.login.links import api_token
from hri_node.web.login.passwords import Passwords
from hri_node.web.server import WebServer

PASSWORD = "corrals 4 zebras at dusk"  # noqa: S105 - of nobody
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
"""As strong as tests need."""

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Messages:
    """A pump that keeps what it gets."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def put(self, message: str) -> None:
        """Keep a message."""
        self.kept.append(message)

    def close(self) -> None:
        """Nothing waits."""


@dataclass
class Clock:
    """A clock that is set by hand; what asks for seconds gets them, too."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Present time."""
        return self.now

    def seconds(self) -> float:
        """Seconds of a clock that never goes back."""
        return self.now.timestamp()

    def advance(self, **parts: float) -> None:
        """Set it forward."""
        self.now += timedelta(**parts)


@dataclass
class Site:
    """Where it listens, and what is behind it."""

    url: str
    port: int
    ledger: Ledger
    access: Access
    clock: Clock
    messages: list[str]
    changes: list[str] = field(default_factory=list)

    def person(self, name: str = "anna", role: Role = Role.VIEWER, password: str = PASSWORD) -> Person:
        """Somebody who may log in."""
        kept = CHEAP.hashed(password, name) if password else ""
        return self.ledger.add_person(name, role, kept, self.clock())

    def token(self, role: Role = Role.VIEWER, name: str = "monitor", expires_at: datetime | None = None) -> str:
        """A token of the API."""
        new = NewToken(TokenPurpose.API, name, "", role, "anna", expires_at)
        return api_token(self.ledger, new, self.clock())

    def browser(self, name: str = "", password: str = PASSWORD) -> "Browser":
        """A browser; with a name, that person is logged in."""
        made = Browser(self.url)
        if name:
            assert made.log_in(name, password).status_code == 303
        return made


class Browser(requests.Session):
    """Keeps cookies, follows no redirect, and fills in forms as a person does."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests
        """Answer to a request for a path."""
        options = {"timeout": 30} | options | {"allow_redirects": False}
        return super().request(method, self.url + url if url.startswith("/") else url, **options)

    def csrf(self, path: str) -> str:
        """Token in the form of a page."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.get(path).text)
        return found.group(1) if found else ""

    def submit(self, page: str, to: str = "", **fields: str) -> requests.Response:
        """Send the form of a page."""
        return self.post(to or page, data={"csrf": self.csrf(page), **fields})

    def log_in(self, name: str, password: str = PASSWORD, **fields: str) -> requests.Response:
        """Send the login page."""
        return self.submit("/login", name=name, password=password, **fields)

    @property
    def session_cookie(self) -> str:
        """What says who is logged in."""
        return next((each.value or "" for each in self.cookies if each.name.endswith("hri_session")), "")


@contextmanager
def guarded(folder: Path, routes: list[BaseRoute] | None = None, **web: Any) -> Iterator[Site]:  # noqa: ANN401
    """The site, with settings of the section `web`."""
    settings = WebSettings(**{"host": "127.0.0.1", "port": 0} | web)
    clock, messages = Clock(), Messages()
    (folder / "ledger.sqlite").write_bytes(_empty_ledger())
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")
    auditor = Auditor("HRI_NODE", [messages])
    node = SimpleNamespace(settings=SimpleNamespace(web=settings), ledger=ledger, auditor=auditor, clock=clock)
    access = access_of(node, Pages("HRI_NODE"))
    access.desk.passwords = CHEAP
    access.desk.throttle._clock = clock.seconds
    site = Site("", 0, ledger, access, clock, messages.kept)
    all_routes = [*access.routes(), *_pages(site), *(routes or [])]
    app = Starlette(routes=all_routes, exception_handlers=access.exception_handlers())
    server = WebServer(access.guarded(app), settings)
    stop = threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,), daemon=True)
    thread.start()
    site.port = server.port
    site.url = f"{'https' if settings.tls.certificate else 'http'}://localhost:{server.port}"
    try:
        yield site
    finally:
        stop.set()
        thread.join(10)
        ledger.close()


@lru_cache(maxsize=1)
def _empty_ledger() -> bytes:
    """A ledger with its tables, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        open_ledger(f"sqlite:///{path}").close()
        return path.read_bytes()


def _pages(site: Site) -> list[BaseRoute]:
    """A page for each role, one that changes something, and what is free."""

    async def who(request: Request) -> Response:
        return PlainTextResponse(f"{request.state.visitor.name} {request.state.visitor.role}")

    async def change(request: Request) -> Response:
        site.changes.append((await request.form()).get("what", "") or (await request.body()).decode())
        return PlainTextResponse("changed")

    async def free(_request: Request) -> Response:
        return PlainTextResponse("free")

    def plain(request: Request) -> Response:
        return JSONResponse({"name": request.state.visitor.name})

    return [
        Route("/", needs(Role.VIEWER)(who)),
        Route("/studies", needs(Role.VIEWER)(who)),
        Route("/mend", needs(Role.OPERATOR)(who), methods=["GET"]),
        Route("/mend", needs(Role.OPERATOR)(change), methods=["POST", "PUT", "DELETE"]),
        Route("/setup", needs(Role.ADMIN)(who)),
        Route("/forgotten", who),
        Route("/api/me", needs(Role.VIEWER)(plain)),
        Route("/api/mend", needs(Role.OPERATOR)(change), methods=["POST"]),
        Route("/metrics", free),
        Route("/healthz", free),
        Route("/dicom-web/studies", free, methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
