"""A template and what stands in it come in; a page goes out, or the one part of it that a live page asks for."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hri_node import __version__
from hri_node.ledger.states import Role
from hri_node.web.console.phrases import caution_words, kind_words, reason_words

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"

PART: Final = "x-part"
"""Header field by which a live page asks for some of its parts, with spaces between them (static/live.js)."""

AGE: Final = re.compile(r'(?<=data-as="ago">)[^<]*')
"""What browsers count by themselves (static/times.js): a part in which nothing else differs is the same."""

TAG_LENGTH: Final = 20

FLASH: Final = "hri_flash"
"""Cookie that carries one sentence to the page that follows a form."""

FLASH_LENGTH_MAX: Final = 300
NOT_MODIFIED: Final = 304
SEE_OTHER: Final = 303
"""A browser that is told to go on gets the next page with GET, whatever the form was sent with (RFC 9110 15.4.4)."""

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page, and what its content is known by."""

    inside: str
    tag: str


Kept = dict[tuple[str, Role | None], Part]
"""Parts that were rendered, by their name and the role of the visitor."""


class Pages:
    """The templates of the console.

    Parameters
    ----------
    title
        AE title of the node, shown on every page.
    """

    def __init__(self, title: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"moment": moment, "ago": ago, "lasting": lasting, "grouped": grouped}
        self._environment.filters |= {"reason": reason_words, "caution": caution_words, "kind": kind_words}
        self._environment.globals |= {
            "version": __version__,
            "node_title": title,
            "asset": asset,
            "Role": Role,
            "present": present,
        }

    def page(
        self, request: Request, template: str, context: Mapping[str, Any], status: int = 200, kept: Kept | None = None
    ) -> Response:
        """A page; where the request names parts, those blocks of the template only, or 304 where they did not change.

        Parameters
        ----------
        request
            Of the browser.
        template
            File in ``templates``.
        context
            What the template asks for.
        status
            HTTP status.
        kept
            Parts that were rendered before in the same context, for visitors of the same role; to be left out where
            a part has forms, as each visitor's are different.
        """
        found = self._environment.get_template(template)
        if names := request.headers.get(PART, "").split():
            if any(name not in found.blocks for name in names):
                return Response(status_code=404)
            kept = {} if kept is None else kept
            return _answer(request, {name: self._part(request, found, name, (context, kept)) for name in names})
        values = self._values(request, context) | {"flash": request.cookies.get(FLASH, "")}
        answer = HTMLResponse(found.render(values), status)
        if values["flash"]:
            answer.delete_cookie(FLASH)
        return answer

    def _part(self, request: Request, template: Template, name: str, context: tuple[Mapping[str, Any], Kept]) -> Part:
        values, kept = context
        visitor = getattr(request.state, "visitor", None)
        key = (name, visitor.role if visitor else None)
        if key not in kept:
            inside = "".join(template.blocks[name](template.new_context(self._values(request, values))))
            kept[key] = Part(inside, hashlib.sha256(AGE.sub("", inside).encode()).hexdigest()[:TAG_LENGTH])
        return kept[key]

    def _values(self, request: Request, context: Mapping[str, Any]) -> dict[str, Any]:
        visitor = getattr(request.state, "visitor", None)
        kit = self._environment.get_template("kit.html").make_module({"visitor": visitor})
        return {"request": request, "visitor": visitor, "kit": kit, "flash": "", **context}


def go_on(request: Request, to: str, said: str) -> Response:
    """The answer to a form: the page that follows, which says one sentence.

    Parameters
    ----------
    request
        The form's.
    to
        Path of this server.
    said
        The sentence; no patient attribute.
    """
    assert to.startswith("/"), "a form goes on within the console"
    assert not to.startswith("//"), "that would be another server"
    answer = RedirectResponse(to, SEE_OTHER)
    words = said.encode("ascii", "replace").decode().replace('"', "'").replace(";", ",")[:FLASH_LENGTH_MAX]
    secure = request.url.scheme == "https"
    answer.set_cookie(FLASH, words, max_age=30, httponly=True, samesite="strict", secure=secure)
    return answer


def back_to(request: Request, otherwise: str) -> str:
    """Path of the page that a form stood on, by its field ``back`` or the Referer, as far as that is ours."""
    said = URL(request.headers.get("referer", ""))
    if said.netloc and said.netloc == request.headers.get("host"):
        return said.path + (f"?{said.query}" if said.query else "")
    return otherwise


def asset(name: str) -> str:
    """Address of a static file, which changes with its content: browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def moment(at: datetime | None) -> Markup:
    """A time that the browser shows in its own zone (static/times.js); UTC without it."""
    if at is None:
        return Markup("&ndash;")
    words = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), words, words)


def present() -> str:
    """The time, by which browsers set the clock of what they count."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def ago(at: datetime | None, now: datetime) -> Markup:
    """How long ago a time is, in one number, which the browser counts on; the time itself on hovering."""
    if at is None:
        return Markup("never")
    words = f"{lasting((now - at).total_seconds())} ago"
    return Markup('<time datetime="{}" title="{}" data-as="ago">{}</time>').format(
        at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S} UTC", words
    )


def lasting(seconds: float) -> str:
    """A duration in its largest unit, as people say it."""
    for unit, length in (("d", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= 2 * length or (unit != "d" and seconds >= length):
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"


def grouped(number: float) -> Markup:
    """A count with thin spaces between its thousands."""
    return Markup("&#8239;").join(escape(each) for each in f"{number:,}".split(","))


def _answer(request: Request, parts: Mapping[str, Part]) -> Response:
    """One part as it is; of several, those that the browser does not have, each in an element that holds it inert."""
    tag = f'"{".".join(part.tag for part in parts.values())}"'
    headers = {"ETag": tag, "Cache-Control": "no-store", "Vary": "X-Part"}
    had = request.headers.get("if-none-match", "")
    if had == tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    if len(parts) == 1:
        return HTMLResponse(next(iter(parts.values())).inside, headers=headers)
    before = had.strip('"').split(".")
    if len(before) != len(parts):
        before = [""] * len(parts)
    fresh = [(name, part) for (name, part), old in zip(parts.items(), before, strict=True) if part.tag != old]
    return HTMLResponse(
        "".join(f'<template id="{name}">{part.inside}</template>' for name, part in fresh), headers=headers
    )
