"""The Celery instance: late acknowledgements, nobody hoards, and no task is handed out while it still runs."""

from pathlib import Path

import pytest
from kombu.transport.redis import Channel

from hri_node.errors import Unavailable
from hri_node.ledger.states import Queue
from hri_node.node import Node
from hri_node.sections import WorkSettings
from hri_node.settings import Settings
from workers import tasks
from workers.app import configure


def test_a_task_is_killed_before_its_job_is_handed_out_again() -> None:
    """Time limit < lease, and no message comes twice: whoever gets a job next is alone with it."""
    settings = Settings(work=WorkSettings(lease_s=50))

    conf = configure(settings).conf

    assert conf.task_time_limit < settings.work.lease_s
    assert conf.broker_transport_options["ack_emulation"] is False
    assert not Channel.do_restore


def test_tasks_are_acknowledged_when_they_end_and_taken_one_at_a_time() -> None:
    """A worker takes no more messages than it has processes."""
    conf = configure(Settings()).conf

    assert conf.task_acks_late
    assert conf.worker_prefetch_multiplier == 1
    assert {queue.name for queue in conf.task_queues} == set(Queue)


def test_every_queue_has_its_task() -> None:
    """What the sweep sends by name exists."""
    assert {queue.value for queue in Queue} <= set(configure(Settings()).tasks)


def test_worker_processes_get_the_settings_of_their_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that came by --config, which no process but the first one reads."""
    monkeypatch.setattr(tasks, "_nodes", [])
    configure(Settings(data_dir=tmp_path, spool_reserve_mib=1))

    tasks.begin_process()

    assert tasks._nodes[0].settings.data_dir == tmp_path
    tasks._nodes[0].ledger.close()


def test_a_ledger_that_is_away_when_a_process_begins_is_found_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery keeps a process whose start failed; its first task assembles the node."""
    monkeypatch.setattr(tasks, "_nodes", [])
    configure(Settings(data_dir=tmp_path, spool_reserve_mib=1))
    assembled = tasks.assemble

    def away(_settings: Settings) -> Node:
        raise Unavailable("ledger does not answer")

    monkeypatch.setattr(tasks, "assemble", away)
    tasks.begin_process()
    with pytest.raises(Unavailable):
        tasks.the_node()
    monkeypatch.setattr(tasks, "assemble", assembled)

    assert tasks.the_node().settings.data_dir == tmp_path
    tasks.the_node().ledger.close()
