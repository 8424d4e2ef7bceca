"""Settings come in; whether every part of the node answers goes out."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from rich.table import Table

from hri_node.commands.hooking import hooks_of
from hri_node.commands.roles import sole_owner
from hri_node.commands.screen import DONE, WORK_FAILED, out
from hri_node.errors import Misconfigured
from hri_node.node import assemble, complaint
from hri_node.receive.allowlist import Allowlist
from hri_node.settings import Settings
from hri_node.tls import server_context
from workers.broker import ping, redis_command

START_S = 10.0
LOOK_INTERVAL_S = 0.1


def check(settings: Settings) -> int:
    """Exit code: 0 only if every part answers.

    Raises
    ------
    Misconfigured
        When a role would not start: an entry of the allowlist, a certificate, a key or the audit trail is wrong.
    """
    node = assemble(settings)
    Allowlist((*settings.listener.allowed_peers, *hooks_of(node).peers()))
    web = settings.web
    server_context(web.tls, require_client=web.require_client_certificate, name="web.tls")
    answers = node.pings() | {"broker": complaint(lambda: _ask_broker(settings))}
    table = Table("Part", "Answer")
    for name, trouble in answers.items():
        table.add_row(name, trouble or "answers")
    out.print(table)
    if not (settings.listener.allowed_peers or any(scanner.host for scanner in node.setup.scanners)):
        out.print("listener.allowed_peers and scanners are empty: every scanner will be rejected")
    if not node.setup.destinations:
        out.print("destinations is empty: results stay in the spool")
    return WORK_FAILED if any(answers.values()) else DONE


def _ask_broker(settings: Settings) -> None:
    """Ask the broker; an embedded one that no node has started is started for as long as it takes to answer."""
    command = [] if settings.broker_url else redis_command(settings)
    with ExitStack() as stack:
        if command:
            with suppress(Misconfigured):  # a node runs: its own Redis is asked
                stack.enter_context(sole_owner(settings.data_dir))
                stack.enter_context(_running(command))
        deadline = time.monotonic() + START_S
        while complaint(lambda: ping(settings)) and time.monotonic() < deadline:
            time.sleep(LOOK_INTERVAL_S)
        ping(settings)


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command line
    try:
        yield
    finally:
        process.terminate()
        process.wait()
