"""What all tests of the models share: sums and products in float32, and two studies."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from outlined import picture_study

from hri_node.study.project.records import Shape


@pytest.fixture(autouse=True, scope="session")
def _exact() -> Iterator[None]:
    """A command that prepares for training would let TensorFlow multiply in bfloat16 from then on, in every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", os.environ.get("ONEDNN_DEFAULT_FPMATH_MODE", "STRICT"))
        yield


@pytest.fixture(scope="session")
def outlined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose readers went round whole organs."""
    folder = tmp_path_factory.mktemp("outlined") / "it"
    picture_study(folder, Shape.FREEHAND).close()
    return folder


@pytest.fixture(scope="session")
def squared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose readers placed squares."""
    folder = tmp_path_factory.mktemp("squared") / "it"
    picture_study(folder, Shape.SQUARE).close()
    return folder
