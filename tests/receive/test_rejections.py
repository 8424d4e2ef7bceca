"""The log's account of rejected associations: complete, and short."""

import structlog

from hri_node.receive.rejections import REMEMBERED_MAX, SILENT_FOR_S, RejectionLog

WRONG = {"calling": "US_9", "called": "HRI_NODE", "address": "10.0.0.9"}


class Clock:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        """Present time."""
        return self.now


def test_the_same_rejection_is_one_line_a_minute_with_a_count() -> None:
    """A scanner that tries again every second for two minutes makes two lines."""
    clock = Clock()
    rejections = RejectionLog(clock)

    with structlog.testing.capture_logs() as lines:
        for _ in range(int(SILENT_FOR_S) + 1):
            rejections.say("not allowed", **WRONG)
            clock.now += 1

    assert [line.get("repeated") for line in lines] == [None, SILENT_FOR_S - 1]
    assert lines[0]["calling"] == "US_9"


def test_another_reason_or_peer_is_said_at_once() -> None:
    """What is counted is the same thing only."""
    rejections = RejectionLog(Clock())

    with structlog.testing.capture_logs() as lines:
        rejections.say("not allowed", **WRONG)
        rejections.say("not ours", **WRONG)
        rejections.say("not allowed", **WRONG | {"address": "10.0.0.8"})
        rejections.say("no encryption", address="10.0.0.8")

    assert len(lines) == 4
    assert "calling" not in lines[-1]


def test_ever_new_names_fill_no_memory() -> None:
    """Somebody tries names: each is said, and forgotten in time."""
    rejections = RejectionLog(Clock())

    with structlog.testing.capture_logs() as lines:
        for number in range(3 * REMEMBERED_MAX):
            rejections.say("not allowed", calling=str(number))

    assert len(lines) == 3 * REMEMBERED_MAX
    assert len(rejections._silent) <= REMEMBERED_MAX
