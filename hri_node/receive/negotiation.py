"""A request for an association comes in; what pynetdicom makes of it goes out, else an abort."""

import structlog
from pynetdicom.acse import ACSE

log = structlog.get_logger()


class Negotiation(ACSE):
    """The negotiation of an association, which ends whatever was proposed.

    pynetdicom raises on some requests that break PS3.8 9.3.2, such as a presentation context without an abstract
    syntax; the thread of the association would die, and its connection stay.
    """

    def negotiate_association(self) -> None:
        """Accept, reject or abort."""
        try:
            super().negotiate_association()
        except Exception as error:  # noqa: BLE001 - outer ring of this thread; pynetdicom's text may quote the request
            log.warning("association_unacceptable", reason=f"its request is malformed: {type(error).__name__}")
            self.assoc.abort()
