"""A running site comes in; something of it breaks, stays broken for a while, and is whole again."""

import contextlib
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from end_to_end.faults.corpus import Sample
from end_to_end.faults.scanners import Scanners
from end_to_end.faults.sites import Site
from end_to_end.faults.wire import Line, half_sent
from redis import Redis
from running import eventually

BARE_ASSOCIATIONS = 6
ROOM_BYTES = (0, 20_000, 400_000)
"""What is left of the disk when it is full: nothing, or room for something small."""


@dataclass
class Scene:
    """A round in progress: the site, who sends to it, and what they send."""

    site: Site
    scanners: Scanners
    studies: list[list[Sample]] = field(default_factory=list)

    def some_study(self) -> list[Sample]:
        """One of the studies of the round."""
        return self.site.random.choice(self.studies)


Inject = Callable[[Scene], None]


def kill(words: str, eldest: bool | None = None) -> Inject:  # noqa: FBT001 - None stands for any
    """SIGKILL to a process of a role: the eldest is the parent of the others."""

    def inject(scene: Scene) -> None:
        pids = eventually(lambda: scene.site.node.processes(words), 60, f"the start of {words}")
        chosen = scene.site.random.choice(pids) if eldest is None else pids[-1 if eldest else 0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(chosen, signal.SIGKILL)

    return inject


def kill_node(scene: Scene) -> None:
    """SIGKILL to `up`, and a new start."""
    scene.site.node.kill()
    scene.site.node.restart()


def empty_redis(scene: Scene) -> None:
    """Killed, and all that it had written is gone."""
    kill("redis-server")(scene)
    folder = scene.site.node.folder / "redis"
    shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
    (folder / "appendonly.aof").unlink(missing_ok=True)


def flush_redis(scene: Scene) -> None:
    """FLUSHALL: every message is gone."""
    with Redis(unix_socket_path=str(scene.site.node.folder / "redis" / "redis.sock"), socket_timeout=10) as redis:
        redis.flushall()


@contextmanager
def _frozen(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def freeze(words: str) -> Inject:
    """SIGSTOP to the processes of a role, and SIGCONT."""

    def inject(scene: Scene) -> None:
        pids = eventually(lambda: scene.site.node.processes(words), 60, f"the start of {words}")
        with _frozen(pids):
            scene.site.hold()

    return inject


def freeze_orthanc(scene: Scene) -> None:
    """SIGSTOP to the PACS, and SIGCONT."""
    with _frozen([scene.site.orthanc.process.pid]):
        scene.site.hold()


def lock_ledger(scene: Scene) -> None:
    """Another process has the writer's lock."""
    connection = sqlite3.connect(scene.site.node.folder / "ledger.sqlite", isolation_level=None, timeout=30)
    try:
        connection.execute("BEGIN IMMEDIATE")
        scene.site.hold()
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def kill_orthanc(scene: Scene) -> None:
    """SIGKILL to the PACS, and a new start."""
    scene.site.orthanc.kill()
    scene.site.orthanc.restart()


def stop_orthanc(scene: Scene) -> None:
    """The PACS is stopped for a while."""
    scene.site.orthanc.stop()
    scene.site.hold()
    scene.site.orthanc.restart()


def forget(scene: Scene) -> None:
    """Whatever the PACS says to have stored is not there when it is asked."""
    scene.site.orthanc.forgets.touch()
    scene.site.hold()
    scene.site.orthanc.forgets.unlink()
    if scene.site.times.hurry_s:  # the node gives a PACS half a minute to find what it has
        scene.site.set_clock(scene.site.times.hurry_s)
        scene.site.settle()
        scene.site.set_clock(0)


def put_line(line: Line) -> Inject:
    """The line to the PACS is bad for a while."""

    def inject(scene: Scene) -> None:
        scene.site.wire.put(line)
        scene.site.hold()
        scene.site.wire.put(Line.GOOD)

    return inject


def reject(scene: Scene) -> None:
    """The PACS does not know us any more, until a person registers us again and has the refused sent once more."""
    put_line(Line.REJECTING)(scene)
    scene.site.settle()
    scene.site.node.run("jobs", "retry", "--failed")


def fill_disk(scene: Scene) -> None:
    """No room, or next to none, on the disk that holds spool, ledger, Redis and log."""
    site = scene.site
    if not site.has_own_disk:
        return _forbid_disk(scene)
    ballast = site.disk / "ballast"
    try:
        for room in site.random.sample(ROOM_BYTES, 2):
            with contextlib.suppress(OSError), ballast.open("ab") as file:
                free = shutil.disk_usage(site.disk).free
                os.posix_fallocate(file.fileno(), 0, max(1, file.tell() + free - room))
            site.hold(3.0)
    finally:
        ballast.unlink()
    return None


def _forbid_disk(scene: Scene) -> None:
    """Without a disk of its own: a listener that must keep more room free than there is."""
    settings = scene.site.node.config
    before = settings.read_text()
    settings.write_text(before.replace("spool_reserve_mib = 1\n", "spool_reserve_mib = 1000000000\n"))
    kill("hri_node listen")(scene)
    scene.site.hold()
    settings.write_text(before)
    kill("hri_node listen")(scene)


def bare(act: Callable[[int], None]) -> Inject:
    """Several associations that end badly, at once."""

    def inject(scene: Scene) -> None:
        port = scene.site.node.port
        threads = [threading.Thread(target=act, args=(port,)) for _ in range(BARE_ASSOCIATIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return inject


def half_sent_for_a_second(port: int) -> None:
    """A sender that falls silent in the middle, and is gone."""
    half_sent(port, threading.Event(), 1.0)


def send_again(scene: Scene) -> None:
    """A study of the round once more."""
    scene.scanners.send(scene.some_study(), 60)


def send_late(scene: Scene) -> None:
    """One more view for each study of the round, before its report or after."""
    for study in scene.studies:
        delay_s = scene.site.random.uniform(0.0, 4 * scene.site.times.quiet_s)
        scene.scanners.send([scene.site.corpus.late(study[0].study_uid)], 60, delay_s)


def send_twice(scene: Scene) -> None:
    """A new study by two senders at once."""
    study = scene.site.corpus.study(4)
    scene.studies.append(study)
    for _ in range(2):
        scene.scanners.send(study, 60)


def send_other_content(scene: Scene) -> None:
    """A study of the round once more, its instances changed and their UIDs not."""
    changed = [replace(sample, variant=scene.site.random.randint(1, 9)) for sample in scene.some_study()]
    scene.scanners.send(changed, 60)


def jump(ahead_s: float) -> Inject:
    """The node's clock is wrong for a while."""

    def inject(scene: Scene) -> None:
        scene.site.set_clock(ahead_s)
        scene.site.hold()
        scene.site.set_clock(0)

    return inject


def nothing(_scene: Scene) -> None:
    """All is well."""
