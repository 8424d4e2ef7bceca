"""Somebody who was turned away, and the words for it, come in; how that is mended, in words, goes out."""

from dataclasses import dataclass
from enum import StrEnum

from hri_node.ledger.contacts import Contact
from hri_node.sections import ScannerSettings


class Step(StrEnum):
    """What an admin can do about it on the page."""

    ADMIT = "admit"
    MOVE = "move"
    DONE = "done"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Mending:
    """What would let a peer in."""

    words: str
    step: Step = Step.NONE


MOVED = "is allowed from"
UNKNOWN = ("is not in listener.allowed_peers", MOVED)
"""Words of the allowlist."""

BY_STOW = "It stores by STOW-RS: give it a token of web.token_file, or allow its address in web.allowed_addresses."

SENTENCES = (
    ("called AE title", "At the scanner, set the called AE title to that of this node."),
    ("associations_max", "It comes when there are fewer associations; raise the setting if that happens often."),
    ("associations_per_peer_max", "It opens too many associations at once: let it open fewer, or raise the setting."),
    ("no encrypted connection", "It called the encrypted port: look at its certificate and at listener.tls."),
)
"""Of what cannot be mended on the page, by words of the rejection."""


def mending(contact: Contact, known: ScannerSettings | None) -> Mending:
    """How to let somebody in who was turned away.

    Parameters
    ----------
    contact
        Whoever was turned away.
    known
        The scanner of that AE title, where one is set up.
    """
    if known and known.host == contact.address and any(part in contact.rejection for part in UNKNOWN):
        return Mending("It is let in by now: let it send again.", Step.DONE)
    if known and MOVED in contact.rejection:
        return Mending("It calls from another address than it is set up with.", Step.MOVE)
    if any(part in contact.rejection for part in UNKNOWN):
        return Mending("If you know it, admit it: from this address only.", Step.ADMIT)
    for part, words in SENTENCES:
        if part in contact.rejection:
            return Mending(words)
    return Mending("" if contact.ae_title else BY_STOW)


def is_unwelcome(contact: Contact, known: ScannerSettings | None) -> bool:
    """Whether somebody was turned away the last time that they called, and would be again.

    Parameters
    ----------
    contact
        Whoever called.
    known
        The scanner of that AE title, where one is set up.
    """
    return contact.is_rejected and mending(contact, known).step is not Step.DONE
