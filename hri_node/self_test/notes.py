"""What destinations took of a self-test comes in; the notes that reject it lie in the spool, and their keys go out."""

from collections.abc import Mapping

from hri_node.ledger.self_tests import Run
from hri_node.measuring import MANUFACTURER
from hri_node.node import Node
from hri_node.report.rejection import rejection_note


def write_notes(node: Node, run: Run, stored: Mapping[str, list[str]]) -> dict[str, str]:
    """Spool keys of all rejection notes that are owed, by destination.

    Parameters
    ----------
    node
        Its spool.
    run
        The self-test; the notes that it has written already stay.
    stored
        Spool keys of what each destination has taken, by its name.

    Raises
    ------
    Unavailable
        When the spool cannot be read or written.
    """
    keys = dict(run.owed)
    for name, objects in stored.items():
        if name not in keys:
            paths = [node.spool.file(key) for key in objects]
            note = rejection_note(paths, name, run.began_at, MANUFACTURER)
            keys[name] = node.spool.write("results", note.data, ".dcm").key
    return keys
