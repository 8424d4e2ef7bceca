"""A self-test that was begun comes in; a process of its own carries it out, so that whoever began it is not held up."""

import multiprocessing
import threading
from typing import Any, Final

import structlog

from hri_node.errors import HriError
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.self_test.beginning import Begun
from hri_node.settings import Settings

SPAWN: Final = multiprocessing.get_context("spawn")
"""Not forked: whoever asks for it has threads. It loads what makes phantoms and reports, and takes that along."""

log = structlog.get_logger()


def launch(settings: Settings, begun: Begun) -> None:
    """Carry a self-test out in another process, which ends with this one.

    Parameters
    ----------
    settings
        Of the node.
    begun
        From `beginning.begin`.
    """
    process = SPAWN.Process(target=_carry_out, args=(settings.model_dump(), begun), name="self-test", daemon=True)
    process.start()
    threading.Thread(target=process.join, name="self-test", daemon=True).start()


def _carry_out(values: dict[str, Any], begun: Begun) -> None:
    """All of the process."""
    from hri_node.self_test.run import carry_out  # noqa: PLC0415 - only this process shall load what it needs

    settings = Settings(**values)
    set_up(settings.log_level, as_json=settings.log_json)
    try:
        node = assemble(settings)
        run = carry_out(node, begun)
        node.auditor.close()
        log.info("self_test", verdict=run.verdict)
    except HriError as error:  # the ledger is away: its page says that it broke off
        log.error("self_test_broke_off", reason=str(error))  # noqa: TRY400 - the sentence says it all
