"""An ASGI `send` comes in; one that adds the header fields that keep browsers from harm goes out."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""CSP Level 3: whatever is not listed, a line of script in a page among it, is not run, loaded or sent."""

FIELDS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under that, browsers say "Origin: null" with our own forms (Fetch 3.1): these would be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}

TRANSPORT_SECURITY: Final = "max-age=31536000"
"""RFC 6797: for a year, browsers use nothing but HTTPS with this name."""

KEPT_NOWHERE: Final = "no-store"


def protected(send: Send, *, is_secure: bool) -> Send:
    """The same, with these fields; an answer that says itself how long it may be kept has its way.

    Parameters
    ----------
    send
        Of the ASGI server.
    is_secure
        Whether browsers come by HTTPS.
    """

    async def send_protected(message: Message) -> None:
        """Send a message."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in FIELDS.items():
                headers[name] = value
            if is_secure:
                headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
            headers.setdefault("Cache-Control", KEPT_NOWHERE)
        await send(message)

    return send_protected
