"""What every peer is shown, written once for all of them."""

from collections.abc import Callable

import pytest
from studies import STUDIES, WrittenStudy


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], WrittenStudy]:
    """A study of `studies.STUDIES` by its name."""
    written: dict[str, WrittenStudy] = {}

    def by_name(name: str) -> WrittenStudy:
        if name not in written:
            written[name] = STUDIES[name](tmp_path_factory.mktemp(name))
        return written[name]

    return by_name
