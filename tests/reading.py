"""A study whose images are marked in tests: synthetic views, a server of it in a thread, and a clock set by hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import requests
from study_made import NOW, a_protocol, add_image

from hri_node.console_sections import WebSettings
from hri_node.phantom.ranges import PAPER
from hri_node.phantom.view import View, make_view
from hri_node.study.project.store import Study, create_study
from hri_node.web.reader.app import reader_path, standalone
from hri_node.web.server import WebServer


class HandClock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Present time."""
        return self.now

    def advance(self, **parts: float) -> None:
        """Set it forward."""
        self.now += timedelta(**parts)


@lru_cache(16)
def synthetic_view(seed: int) -> View:
    """A view of liver and right kidney, clean as those of the paper."""
    return make_view(seed, PAPER)


def study_of_views(folder: Path, images: int, **changes: Any) -> Study:  # noqa: ANN401 - fields of Protocol
    """A study of synthetic views, assigned to readers R1 and R2; `changes` are of the protocol."""
    study = create_study(folder, a_protocol(**changes))
    for number in range(1, images + 1):
        view = synthetic_view(number)
        add_image(study, number, view.pixels, spacing_mm=view.spacing_mm)
    study.assign()
    return study


@dataclass
class Reading:
    """A study that is served, and the way to it."""

    study: Study
    url: str
    port: int
    clock: HandClock

    def link(self, reader: str = "R1") -> str:
        """A new personal link."""
        return self.url + reader_path(self.study.new_link(reader, self.clock()))

    def visitor(self, reader: str = "R1") -> "Visitor":
        """Somebody who opened their link, and reads answers as a program does."""
        visitor = Visitor(self.url)
        visitor.post(self.link(reader).removeprefix(self.url))
        return visitor


class Visitor:
    """A browser without a window, that goes where no page would lead it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.csrf = ""

    def get(self, path: str) -> requests.Response:
        """Answer to a question; redirections are not followed."""
        return self.session.get(self.url + path, allow_redirects=False, timeout=10)

    def post(self, path: str, content: dict[str, Any] | None = None, **headers: str) -> requests.Response:
        """Answer to an act, with the token of the pages."""
        sent = {"X-CSRF-Token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.session.post(self.url + path, json=content, headers=sent, allow_redirects=False, timeout=10)
        if not self.csrf and (page := self.get("/reader/")).ok:
            self.csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        return answer

    def images(self, session: int = 1) -> list[str]:
        """Keys of a session's images, in order."""
        return [each["key"] for each in self.get(f"/reader/api/sessions/{session}").json()["images"]]


@contextmanager
def served(study: Study, **web: Any) -> Iterator[Reading]:  # noqa: ANN401 - fields of WebSettings
    """The marking tool on a port that the system chooses; `web` are settings."""
    clock = HandClock()
    settings = WebSettings(**({"host": "127.0.0.1", "port": 0} | web))
    server = WebServer(standalone(study, settings, clock), settings)
    stop = threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,), daemon=True)
    thread.start()
    scheme = "https" if settings.tls.certificate else "http"
    try:
        yield Reading(study, f"{scheme}://localhost:{server.port}", server.port, clock)
    finally:
        stop.set()
        thread.join(10)
        study.close()
