"""What all tests of the models share: sums and products in float32."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _exact() -> Iterator[None]:
    """A command that prepares for training would let TensorFlow multiply in bfloat16 from then on, in every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", os.environ.get("ONEDNN_DEFAULT_FPMATH_MODE", "STRICT"))
        yield
