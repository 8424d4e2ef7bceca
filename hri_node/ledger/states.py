"""States and reasons of the ledger's rows."""

from enum import StrEnum


class Addition(StrEnum):
    """What adding an instance found."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


class InstanceState(StrEnum):
    """Where an instance stands."""

    WAITING = "waiting"
    MEASURED = "measured"
    NOT_MEASURABLE = "not_measurable"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    DISCARDED = "discarded"


class StudyState(StrEnum):
    """Where a study stands; a late instance opens it again."""

    OPEN = "open"
    REPORTED = "reported"
    NOTHING_TO_REPORT = "nothing_to_report"
    FAILED = "failed"
    DISCARDED = "discarded"


class DeliveryState(StrEnum):
    """Where a delivery stands; `refused` waits for a person, an outage stays `waiting`.

    `committed`: the destination took the responsibility (storage commitment). `verified`: it was asked and named the
    object. `delivered`: it said to have stored it, and offers no way to prove that.
    """

    WAITING = "waiting"
    COMMITTED = "committed"
    VERIFIED = "verified"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    DISCARDED = "discarded"


class SetupKind(StrEnum):
    """What is set up: in the settings file at first, then by people."""

    SCANNER = "scanner"
    DESTINATION = "destination"


class CommitmentState(StrEnum):
    """Where a scanner's request for storage commitment stands; `refused`: nobody is there who could be answered."""

    WAITING = "waiting"
    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    DISCARDED = "discarded"


class Queue(StrEnum):
    """The four queues, each one kind of job."""

    MEASURE = "measure"
    REPORT = "report"
    DELIVER = "deliver"
    COMMITMENT = "commitment"


class JobState(StrEnum):
    """What a person sees of a job, whatever its kind."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class Role(StrEnum):
    """What a person may do. A viewer looks; an operator also mends and sends; an admin also sets up."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class TokenPurpose(StrEnum):
    """What a token is good for.

    `api` calls the API; `welcome` is a link that sets a person's password once, `first` one that makes the first admin;
    `device` marks a browser in which a person logged in before.
    """

    API = "api"
    WELCOME = "welcome"
    FIRST = "first"
    DEVICE = "device"
