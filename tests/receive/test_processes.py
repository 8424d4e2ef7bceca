"""Tests of several listening processes that share a port."""

import os
import signal
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from builders import part10, ultrasound_instance
from dimse import (
    ACCEPT,
    answer_of,
    association_request,
    bare_connection,
    data_pdu,
    data_set,
    response_of,
    store_command,
)
from running import descendants, eventually, is_running, running_listener
from sqlalchemy import func, select

from hri_node.ledger.ledger import open_ledger
from hri_node.ledger.tables import InstanceRow


def _stored(port: int, uid: str) -> int:
    """Status of one instance, over an association of its own."""
    encoded = part10(ultrasound_instance(rows=32, columns=48, instance_uid=uid, study_uid="1.2"))
    with bare_connection(port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 3) + data_pdu(data_set(encoded), 2))
        return int(response_of(connection).Status)


def _count(folder: Path) -> int:
    """Number of instances in the ledger of a node."""
    ledger = open_ledger(f"sqlite:///{folder}/ledger.sqlite")
    with ledger.transaction(reading=True) as session:
        found = session.execute(select(func.count()).select_from(InstanceRow)).scalar_one()
    ledger.close()
    return found


def _is_refused(port: int) -> bool:
    """Whether nobody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _all_gone(pids: Sequence[int]) -> bool:
    """Whether none of them runs."""
    return not any(is_running(pid) for pid in pids)


def test_processes_share_port_spool_and_ledger(tmp_path: Path) -> None:
    """Senders at the same time are spread; what each was told is safe is there once."""
    with running_listener(tmp_path, processes=2) as (port, process), ThreadPoolExecutor(8) as senders:
        assert len(descendants(process.pid)) == 2
        statuses = list(senders.map(lambda number: _stored(port, f"1.2.3.{number}"), range(1, 33)))

    assert statuses == [0] * 32
    assert _count(tmp_path) == 32


def test_process_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """The others go on meanwhile."""
    with running_listener(tmp_path, processes=2) as (port, process):
        victim = descendants(process.pid)[0]
        os.kill(victim, signal.SIGKILL)
        assert _stored(port, "1.2.3") == 0

        eventually(lambda: len(set(descendants(process.pid)) - {victim}) == 2, 20, "a new process")
        assert _stored(port, "1.2.4") == 0


def test_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    """However that ends: nobody keeps the port."""
    with running_listener(tmp_path, processes=2) as (port, process):
        members = descendants(process.pid)
        process.kill()

        eventually(lambda: _all_gone(members), 20, "the end of its processes")
        assert _is_refused(port)
