"""What the tests of who may do what stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import Site, guarded


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Pages behind the guard."""
    with guarded(tmp_path) as made:
        yield made
