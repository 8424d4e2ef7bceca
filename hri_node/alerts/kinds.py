"""A kind of alarm comes in; how it is called, what to do about it and where, goes out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What can be wrong."""

    QUEUE_STUCK = "queue_stuck"
    BROKER_AWAY = "broker_away"
    DESTINATION_AWAY = "destination_away"
    DISK_LOW = "disk_low"
    DISK_FULL = "disk_full"
    FAILURES = "failures"
    SILENT_SCANNER = "silent_scanner"
    DRIFT = "drift"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a kind.

    Attributes
    ----------
    title
        Its name, for people.
    advice
        What to do, in one sentence.
    path
        Page of the console on which it is done.
    is_bad
        Whether something does not work now; else, it may soon.
    """

    title: str
    advice: str
    path: str
    is_bad: bool = True


ABOUT: Final = {
    Kind.QUEUE_STUCK: About(
        "Queue stuck",
        "Look at its oldest jobs; where none is running, see whether a worker of that queue runs.",
        "/queues",
    ),
    Kind.BROKER_AWAY: About(
        "Broker away",
        "See whether Redis runs; the ledger keeps every job until it does.",
        "/queues",
    ),
    Kind.DESTINATION_AWAY: About(
        "Destination away",
        "Ask whoever runs it; what waits for it is sent by itself as soon as it answers.",
        "/destinations",
    ),
    Kind.DISK_LOW: About(
        "Disk fills up",
        "Make room under the spool; until then, delivered studies leave it before their time.",
        "/",
        is_bad=False,
    ),
    Kind.DISK_FULL: About(
        "Disk full",
        "Make room under the spool now: scanners are told to come later.",
        "/",
    ),
    Kind.FAILURES: About(
        "Many failures",
        "Read what the failed jobs say, mend the cause, and do them again.",
        "/queues?state=failed",
    ),
    Kind.SILENT_SCANNER: About(
        "Scanner silent",
        "See whether it still sends to this node; remove it from the scanners where it is retired.",
        "/scanners",
        is_bad=False,
    ),
    Kind.DRIFT: About(
        "Scanner changed",
        "Look at its images: probe, preset, software or who scans may have changed, and indices with them.",
        "/scanners",
        is_bad=False,
    ),
    Kind.CERTIFICATE: About(
        "Certificate expires",
        "Renew it where it is; it is used from the next connection on.",
        "/",
        is_bad=False,
    ),
}
