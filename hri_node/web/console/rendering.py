"""A template and what stands in it come in; a page goes out, or the one part of it that a live page asks for."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
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
"""Header field by which a live page asks for one of its parts (static/live.js)."""

FLASH: Final = "hri_flash"
"""Cookie that carries one sentence to the page that follows a form."""

FLASH_LENGTH_MAX: Final = 300
NOT_MODIFIED: Final = 304
SEE_OTHER: Final = 303
"""A browser that is told to go on gets the next page with GET, whatever the form was sent with (RFC 9110 15.4.4)."""

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


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
        self._environment.globals |= {"version": __version__, "node_title": title, "asset": asset, "Role": Role}

    def page(self, request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """A page; where the request names a part, that block of the template only, or 304 where it did not change.

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
        """
        found = self._environment.get_template(template)
        part = request.headers.get(PART, "")
        visitor = getattr(request.state, "visitor", None)
        kit = self._environment.get_template("kit.html").make_module({"visitor": visitor})
        values = {"request": request, "visitor": visitor, "kit": kit, "flash": "", **context}
        if part:
            if part not in found.blocks:
                return Response(status_code=404)
            inside = "".join(found.blocks[part](found.new_context(values)))
            return _tagged(request, inside)
        values["flash"] = request.cookies.get(FLASH, "")
        answer = HTMLResponse(found.render(values), status)
        if values["flash"]:
            answer.delete_cookie(FLASH)
        return answer


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


def ago(at: datetime | None, now: datetime) -> Markup:
    """How long ago a time is, in one number; the time itself on hovering."""
    if at is None:
        return Markup("never")
    words = f"{lasting((now - at).total_seconds())} ago"
    return Markup('<time datetime="{}" data-as="title" title="{}">{}</time>').format(
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


def _tagged(request: Request, inside: str) -> Response:
    tag = f'"{hashlib.sha256(inside.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "X-Part"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return HTMLResponse(inside, headers=headers)
