"""What the fuzz tests share: their profiles, and one cage."""

from collections.abc import Iterator

import pytest
from cage import Cage
from profiles import register

register()


@pytest.fixture(scope="session")
def cage() -> Iterator[Cage]:
    """A process in which hostile bytes are met."""
    with Cage() as made:
        yield made
