"""Tests of the table from our errors to C-STORE statuses."""

from collections.abc import Iterator

import pytest
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from hri_node.errors import HriError, Mismatched, SpoolFull, Unavailable, Unreadable
from hri_node.receive.statuses import C_STORE_STATUSES, status_of


def _tree(error: type[HriError]) -> Iterator[type[HriError]]:
    """An error and all that are kinds of it."""
    yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def test_table_is_total_over_the_error_tree() -> None:
    """Every error of the tree has a status, and the table names no other."""
    assert {error for error in _tree(HriError) if error.__module__ == HriError.__module__} == set(C_STORE_STATUSES)


def test_refinement_of_an_error_is_answered_like_it() -> None:
    """A room may have an error of its own; the scanner is told what kind of fault it is."""

    class Broken(Unreadable):
        """An error of some room."""

    assert status_of(Broken("")) == status_of(Unreadable(""))


@pytest.mark.parametrize("status", set(C_STORE_STATUSES.values()))
def test_every_status_is_a_failure_that_the_storage_service_knows(status: int) -> None:
    """No error is ever answered with success or a warning."""
    assert STORAGE_SERVICE_CLASS_STATUS[status][0] == "Failure"


@pytest.mark.parametrize(
    ("error", "status"),
    [(SpoolFull(""), 0xA700), (Unavailable(""), 0xA700), (Mismatched(""), 0xA900), (Unreadable(""), 0xC000)],
)
def test_status_is_the_one_of_the_standard(error: HriError, status: int) -> None:
    """What the scanner should do is said in PS3.4's own codes: try again, or not."""
    assert status_of(error) == status
