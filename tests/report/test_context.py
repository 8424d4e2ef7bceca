"""What a caller decides about a report."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from measured import CONTEXT


@pytest.mark.parametrize(
    "change",
    [
        {"created": datetime(2025, 1, 2)},  # noqa: DTZ001 - naive on purpose
        {"revision": 0},
        {"manufacturer": ""},
        {"manufacturer": "M" * 65},
        {"manufacturer": "Müller"},
        {"parameters": "15 × 15 mm"},
    ],
)
def test_invalid_context_is_refused(change: dict[str, Any]) -> None:
    """A context that could not be written into every object does not come into being."""
    with pytest.raises(AssertionError):
        replace(CONTEXT, **change)
