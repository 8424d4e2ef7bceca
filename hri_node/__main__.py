"""`python -m hri_node` is `hri-node`."""

from hri_node.cli import run

run()
