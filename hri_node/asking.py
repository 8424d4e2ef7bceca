"""A scanner or destination as it is set up comes in; whether it answers, in words, and how fast, goes out."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hri_node.errors import HriError, Refused
from hri_node.peers import Section, make_destination
from hri_node.sections import ScannerSettings
from hri_node.settings import Settings

ASKED_FOR_S: Final = 10.0
"""A person who waits for an answer does not wait for longer, whatever deliveries do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What asking came to: `words` are a sentence; `ms` is how long it took; `by` who asked."""

    answers: bool
    words: str
    ms: float
    at: datetime
    by: str = ""


def ask(section: Section, settings: Settings, now: datetime, by: str = "") -> Verdict:
    """Ask a peer whether it is there: by C-ECHO, or over DICOMweb by a query that finds nothing.

    Parameters
    ----------
    section
        As it is set up.
    settings
        Of this process.
    now
        Present time.
    by
        Who asks.

    Raises
    ------
    Refused
        When it is a scanner of which no address is known.
    Misconfigured
        When a certificate cannot be used.
    """
    name = section.ae_title if isinstance(section, ScannerSettings) else section.name
    if isinstance(section, ScannerSettings) and not section.host:
        raise Refused(f"{name} has no host: where it listens is not known")
    peer = make_destination(section, _hurried(settings))
    how = "C-ECHO" if isinstance(section, ScannerSettings) or section.protocol == "dicom" else "a query (QIDO-RS)"
    began = time.perf_counter()
    try:
        peer.echo()
    except HriError as error:
        ms = _since(began)
        words = f"{str(error).removeprefix(f'{peer.name}: ')} (asked by {how}, {ms:,.0f} ms)"
        return Verdict(answers=False, words=words, ms=ms, at=now, by=by)
    ms = _since(began)
    return Verdict(answers=True, words=f"{name} answers {how} after {ms:,.0f} ms", ms=ms, at=now, by=by)


def _hurried(settings: Settings) -> Settings:
    """The same settings with less patience."""
    timeout_s = min(settings.delivery.timeout_s, ASKED_FOR_S)
    return settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"timeout_s": timeout_s})})


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
