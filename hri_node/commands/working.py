"""Settings and queues come in; a worker does their jobs until told to stop."""

import warnings
from collections.abc import Sequence

from celery.platforms import SecurityWarning

from hri_node.ledger.states import Queue
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.report.warm import warm
from hri_node.segment import runtime
from hri_node.settings import Settings
from workers.app import configure


def run_worker(settings: Settings, queues: Sequence[Queue]) -> None:
    """Work on these queues until told to stop."""
    set_up(settings.log_level, as_json=settings.log_json)
    if Queue.MEASURE in queues:
        runtime.verify(settings.model_dir)  # a wrong model stops the start, not the first study
    if Queue.REPORT in queues:
        warm()  # highdicom's tables, once for all processes that are forked
    assemble(settings).ledger.close()  # a process that is forked has no way to say that a setting is wrong
    queues = [*queues, Queue.COMMITMENT] if Queue.DELIVER in queues else queues  # whoever delivers also tells scanners
    work = settings.work
    processes = work.measure_processes if Queue.MEASURE in queues else work.delivery_processes
    names = ",".join(queue.value for queue in queues)
    # As root, Celery warns of pickled messages; ours are JSON, and nothing else is accepted.
    warnings.simplefilter("ignore", SecurityWarning)
    configure(settings).worker_main([
        "--quiet",
        "worker",
        f"--queues={names}",
        f"--concurrency={processes}",
        f"--hostname={names}@%h",
        "--pool=prefork",
        "--without-gossip",
        "--without-mingle",
        "--loglevel=WARNING",
    ])
