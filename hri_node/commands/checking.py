"""Settings come in; whether every part of the node answers goes out."""

from rich.table import Table

from hri_node.commands.screen import DONE, WORK_FAILED, out
from hri_node.node import assemble, complaint
from hri_node.settings import Settings
from workers import broker


def check(settings: Settings) -> int:
    """Exit code: 0 only if every part answers."""
    node = assemble(settings)
    answers = node.pings() | {"broker": complaint(lambda: broker.ping(settings))}
    table = Table("Part", "Answer")
    for name, trouble in answers.items():
        table.add_row(name, trouble or "answers")
    out.print(table)
    if not settings.listener.allowed_peers:
        out.print("listener.allowed_peers is empty: every scanner will be rejected")
    if not settings.destinations:
        out.print("destinations is empty: results stay in the spool")
    return WORK_FAILED if any(answers.values()) else DONE
