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
    """Where a delivery stands; `refused` waits for a person, an outage stays `waiting`."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    DISCARDED = "discarded"


class Queue(StrEnum):
    """The three queues, each one kind of job."""

    MEASURE = "measure"
    REPORT = "report"
    DELIVER = "deliver"


class JobState(StrEnum):
    """What a person sees of a job, whatever its kind."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"
