"""A request for an association comes in; it is let through, or rejected with a reason for the peer and one for us."""

from dataclasses import asdict
from typing import Final, cast

import structlog
from pynetdicom.association import Association
from pynetdicom.events import Event

from hri_node.errors import Misconfigured
from hri_node.receive.allowlist import Allowlist
from hri_node.receive.hooks import Hooks, Parties
from hri_node.receive.limits import Crowd
from hri_node.receive.reactor import Reactor
from hri_node.receive.rejections import RejectionLog
from hri_node.records import is_self_test
from hri_node.sections import ListenerSettings

REJECTED_PERMANENT, REJECTED_TRANSIENT = 0x01, 0x02
SERVICE_USER, SERVICE_PROVIDER_PRESENTATION = 0x01, 0x03
CALLING_AE_TITLE_NOT_RECOGNISED: Final = 0x03
CALLED_AE_TITLE_NOT_RECOGNISED: Final = 0x07
LOCAL_LIMIT_EXCEEDED: Final = 0x02
"""PS3.8 Table 9-21: result, source, and diagnostic of each source."""

Rejection = tuple[tuple[int, int, int], str]
"""What the peer is told, and what the log is."""

log = structlog.get_logger()


def parties_of(association: Association) -> Parties:
    """Who called whom, from where."""
    request = association.requestor.primitive
    calling, called = (request.calling_ae_title, request.called_ae_title) if request else ("", "")
    return Parties(str(calling), str(called), str(association.requestor.address))


class Admission:
    """The door: who may have an association.

    Parameters
    ----------
    settings
        Who may call whom, and how often at once.
    hooks
        Further entries of the allowlist, and who hears of a rejection.

    Raises
    ------
    Misconfigured
        When an entry of the allowlist is malformed.
    """

    def __init__(self, settings: ListenerSettings, hooks: Hooks) -> None:
        self._settings = settings
        self._witness = hooks.witness
        self._peers = hooks.peers
        self._guests = hooks.guests
        entries = (*settings.allowed_peers, *self._peers())
        self._allowed = entries, Allowlist(entries)
        self._rejections = RejectionLog()
        self._crowd = Crowd(settings.associations_per_peer_max)

    def admit(self, event: Event) -> None:
        """Answer A-ASSOCIATE-RQ: reject who is not allowed; nothing is said to who is.

        Parameters
        ----------
        event
            pynetdicom's EVT_REQUESTED.
        """
        parties = parties_of(event.assoc)
        try:
            rejection = self._rejection(parties)
        except Exception:  # outer ring: pynetdicom would swallow it and let the peer in
            log.exception("admission_failed", calling=parties.calling, address=parties.address)
            rejection = _permanent(CALLING_AE_TITLE_NOT_RECOGNISED, "its admission could not be checked")
        if rejection is None and not self._crowd.enter(parties):
            most = self._settings.associations_per_peer_max
            words = f"it has listener.associations_per_peer_max, {most}, already"
            rejection = (REJECTED_TRANSIENT, SERVICE_PROVIDER_PRESENTATION, LOCAL_LIMIT_EXCEEDED), words
        if rejection is None:
            cast("Reactor", event.assoc.dul).on_end.append(lambda: self._crowd.leave(parties))
            return
        answer, reason = rejection
        self.note_rejection(parties, reason)
        event.assoc.acse.send_reject(*answer)
        event.assoc.kill()  # waits until the answer has left

    def note_rejection(self, parties: Parties, reason: str) -> None:
        """Say that somebody was rejected, and why."""
        self._rejections.say(reason, **asdict(parties))
        self._witness.rejected(parties, reason)

    def _allowlist(self) -> Allowlist:
        """Who may call now."""
        entries = (*self._settings.allowed_peers, *self._peers())
        if self._allowed[0] != entries:
            try:
                self._allowed = entries, Allowlist(entries)
            except Misconfigured as error:  # whoever could call before still can
                self._allowed = entries, self._allowed[1]
                log.error("allowlist_not_changed", reason=str(error))  # noqa: TRY400 - the sentence says it all
        return self._allowed[1]

    def _objection(self, parties: Parties) -> str | None:
        """Why this AE title may not call; one that is a self-test's is good for that alone, whatever the list says."""
        if not is_self_test(parties.calling):
            return self._allowlist().objection(parties.calling, parties.address)
        return None if self._guests(parties.calling) else f"no self-test {parties.calling} is under way"

    def _rejection(self, parties: Parties) -> Rejection | None:
        """Why this peer has no business here."""
        if objection := self._objection(parties):
            return _permanent(CALLING_AE_TITLE_NOT_RECOGNISED, objection)
        ours = self._settings.ae_title
        if self._settings.require_called_ae_title and parties.called != ours:
            words = f"called AE title {parties.called} is not ours, {ours}"
            return _permanent(CALLED_AE_TITLE_NOT_RECOGNISED, words)
        return None


def _permanent(diagnostic: int, words: str) -> Rejection:
    return (REJECTED_PERMANENT, SERVICE_USER, diagnostic), words
