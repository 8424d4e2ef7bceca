"""What the tests of workers stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_rows import NOW, an_instance

from hri_node.ledger.ledger import open_ledger
from hri_node.node import Node
from hri_node.settings import Settings
from hri_node.spool import Spool


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with one unmeasured instance and a clock that stands still."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    ledger.add_instance(an_instance(), None, 30.0)
    yield Node(Settings(data_dir=tmp_path), ledger, Spool(tmp_path), {}, clock=lambda: NOW)
    ledger.close()
