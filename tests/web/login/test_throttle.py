"""Attempts: pauses that double up to a limit, are forgotten after an hour, and take no more room than they may."""

from guarded import Clock

from hri_node.web.login import throttle
from hri_node.web.login.throttle import Attempt, Pauses, Throttle


def test_pauses_double_up_to_the_longest() -> None:
    """However often it failed."""
    pauses, waits = Pauses(free=2, first_s=1.0, longest_s=60.0), []
    for _ in range(100):
        pauses.count("anna", 0.0)
        waits.append(pauses.wait_s("anna", 0.0))

    assert waits[:9] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert set(waits[9:]) == {60}
    assert pauses.wait_s("otto", 0.0) == 0


def test_a_pause_runs_out_and_is_forgotten() -> None:
    """After its time the next attempt may go on; after an hour it is the first again."""
    pauses = Pauses(free=1, first_s=10.0, longest_s=60.0)
    pauses.count("anna", 0.0)

    assert [pauses.wait_s("anna", at) for at in (0.0, 4.0, 10.0)] == [10, 6, 0]
    pauses.count("anna", 3601.0)
    pauses.count("anna", 3601.0)
    assert pauses.wait_s("anna", 3601.0) == 20


def test_made_up_names_take_no_room_without_end() -> None:
    """The oldest are forgotten."""
    pauses = Pauses(free=1, first_s=10.0, longest_s=60.0)
    for number in range(throttle.KEYS_MAX + 5):
        pauses.count(number, 0.0)

    assert len(pauses._records) == throttle.KEYS_MAX
    assert pauses.wait_s(4, 0.0) == 0
    assert pauses.wait_s(5, 0.0) == 10


def test_attempts_at_the_same_time_count_before_they_fail() -> None:
    """A hundred at once are three, and ninety-seven that wait."""
    made = Throttle(Clock().seconds)

    waits = [made.begin(Attempt("anna", "10.0.0.1")) for _ in range(100)]

    assert waits.count(0.0) == 3


def test_a_pause_does_not_grow_by_waiting() -> None:
    """Attempts that must wait are none: whoever holds down a key is not locked out."""
    clock = Clock()
    made, attempt = Throttle(clock.seconds), Attempt("anna", "10.0.0.1")
    for _ in range(50):
        made.begin(attempt)

    clock.advance(seconds=1)
    assert made.begin(attempt) == 0


def test_a_name_that_is_tried_from_everywhere_must_wait() -> None:
    """A minute at most: its owner is not locked out, and knows the browser that needs no waiting."""
    clock = Clock()
    made = Throttle(clock.seconds)
    waits = []
    for number in range(200):
        waits.append(made.begin(Attempt("anna", f"10.0.0.{number}")))
        clock.advance(seconds=waits[-1])

    assert waits[:10] == [0] * 10
    assert max(waits) == 60
    assert made.begin(Attempt("anna", "10.1.0.1", "known browser")) == 0
    assert max(made.begin(Attempt("ANNA", f"10.1.0.{number}")) for number in (2, 3)) == 60
