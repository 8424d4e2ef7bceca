"""A table about readers, and the same one with the network, on fewer subjects, come in; one table goes out."""

from dataclasses import replace

from hri_node.study.cells import Table

NAMING = {"intraobserver": 2, "interobserver": 1, "bland_altman": 3, "ratios": 2, "icc_forms": 2}
"""Table to how many of its first cells say what a line is about."""


def joined(of_readers: Table, with_network: Table) -> Table:
    """The readers' numbers of the one, and what only the other has: lines and columns of the network.

    Parameters
    ----------
    of_readers
        On all subjects that the readers read.
    with_network
        On those of them that the network measured; one of `NAMING`.
    """
    naming = NAMING[with_network.key]
    own = {row[:naming]: dict(zip(of_readers.header, row, strict=True)) for row in of_readers.rows}
    rows = []
    for row in with_network.rows:
        cells = own.get(row[:naming], {})
        rows.append(tuple(cells.get(name, cell) for name, cell in zip(with_network.header, row, strict=True)))
    return replace(with_network, rows=tuple(rows))
