"""A template comes in; a page goes out whose form is tied to one browser, though nobody is logged in there yet."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hri_node.web.login.desk import Desk
from hri_node.web.login.secrets import is_secret, new_secret


async def form_of(request: Request) -> dict[str, str]:
    """Fields of a form; files are none.

    Parameters
    ----------
    request
        That carries it.
    """
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


def page_with_form(
    desk: Desk, request: Request, template: str, context: Mapping[str, Any], status: int = HTTPStatus.OK
) -> Response:
    """A page whose form brings back, as ``csrf``, what the browser has in a cookie.

    Another site can make a browser send a form, with the cookie, but it cannot know what stands in it.

    Parameters
    ----------
    desk
        Of the page.
    request
        Of the browser.
    template, context, status
        As `Pages.page` has them; the template gets ``form_token``.
    """
    cookies = desk.visitors.cookies
    known = request.cookies.get(cookies.form, "")
    token = known if is_secret(known) else new_secret()
    answer = desk.pages.page(request, template, {**context, "form_token": token}, status)
    cookies.put(answer, cookies.form, token)
    return answer
