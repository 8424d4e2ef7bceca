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
from end_to_end.faults.wire import Line, aborted, half_sent, knocked
from redis import Redis
from running import eventually

HOUR_S = 3600.0
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


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault, and how many scanners send meanwhile."""

    name: str
    inject: Inject
    senders: int = 4


def _kill(words: str, eldest: bool | None = None) -> Inject:  # noqa: FBT001 - None stands for any
    """SIGKILL to a process of a role: the eldest is the parent of the others."""

    def inject(scene: Scene) -> None:
        pids = eventually(lambda: scene.site.node.processes(words), 60, f"the start of {words}")
        chosen = scene.site.random.choice(pids) if eldest is None else pids[-1 if eldest else 0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(chosen, signal.SIGKILL)

    return inject


def _kill_node(scene: Scene) -> None:
    scene.site.node.kill()
    scene.site.node.restart()


def _empty_redis(scene: Scene) -> None:
    """Killed, and all that it had written is gone."""
    _kill("redis-server")(scene)
    folder = scene.site.node.folder / "redis"
    shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
    (folder / "appendonly.aof").unlink(missing_ok=True)


def _flush_redis(scene: Scene) -> None:
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


def _freeze(words: str) -> Inject:
    def inject(scene: Scene) -> None:
        pids = eventually(lambda: scene.site.node.processes(words), 60, f"the start of {words}")
        with _frozen(pids):
            scene.site.hold()

    return inject


def _freeze_orthanc(scene: Scene) -> None:
    with _frozen([scene.site.orthanc.process.pid]):
        scene.site.hold()


def _lock_ledger(scene: Scene) -> None:
    """Another process has the writer's lock."""
    connection = sqlite3.connect(scene.site.node.folder / "ledger.sqlite", isolation_level=None, timeout=30)
    try:
        connection.execute("BEGIN IMMEDIATE")
        scene.site.hold()
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def _kill_orthanc(scene: Scene) -> None:
    scene.site.orthanc.kill()
    scene.site.orthanc.restart()


def _stop_orthanc(scene: Scene) -> None:
    scene.site.orthanc.stop()
    scene.site.hold()
    scene.site.orthanc.restart()


def _forget(scene: Scene) -> None:
    """Whatever the PACS says to have stored is not there when it is asked."""
    scene.site.orthanc.forgets.touch()
    scene.site.hold()
    scene.site.orthanc.forgets.unlink()
    scene.site.set_clock(scene.site.times.hurry_s)  # the node gives a PACS half a minute to find what it has
    scene.site.hold()
    scene.site.set_clock(0)


def _line(line: Line) -> Inject:
    def inject(scene: Scene) -> None:
        scene.site.wire.put(line)
        scene.site.hold()
        scene.site.wire.put(Line.GOOD)

    return inject


def _reject(scene: Scene) -> None:
    """The PACS does not know us any more, until a person registers us again and has the refused sent once more."""
    _line(Line.REJECTING)(scene)
    scene.site.settle()
    scene.site.node.run("jobs", "retry", "--failed")


def _fill_disk(scene: Scene) -> None:
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
    _kill("hri_node listen")(scene)
    scene.site.hold()
    settings.write_text(before)
    _kill("hri_node listen")(scene)


def _bare(act: Callable[[int], None]) -> Inject:
    """Several associations that end badly, at once."""

    def inject(scene: Scene) -> None:
        port = scene.site.node.port
        threads = [threading.Thread(target=act, args=(port,)) for _ in range(BARE_ASSOCIATIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return inject


def _half_sent(port: int) -> None:
    half_sent(port, threading.Event(), 1.0)


def _send_again(scene: Scene) -> None:
    scene.scanners.send(scene.some_study(), 60)


def _send_twice(scene: Scene) -> None:
    """A new study by two senders at once."""
    study = scene.site.corpus.study(4)
    scene.studies.append(study)
    for _ in range(2):
        scene.scanners.send(study, 60)


def _send_other_content(scene: Scene) -> None:
    changed = [replace(sample, variant=scene.site.random.randint(1, 9)) for sample in scene.some_study()]
    scene.scanners.send(changed, 60)


def _jump(ahead_s: float) -> Inject:
    def inject(scene: Scene) -> None:
        scene.site.set_clock(ahead_s)
        scene.site.hold()
        scene.site.set_clock(0)

    return inject


def _nothing(_scene: Scene) -> None:
    """All is well."""


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("none", _nothing),
        Fault("32 senders at once", _nothing, senders=32),
        Fault("listener killed", _kill("hri_node listen")),
        Fault("web role killed", _kill("hri_node web")),
        Fault("measuring process killed", _kill("--queues measure", eldest=False)),
        Fault("measuring worker killed", _kill("--queues measure", eldest=True)),
        Fault("delivering process killed", _kill("--queues report", eldest=False)),
        Fault("delivering worker killed", _kill("--queues report", eldest=True)),
        Fault("sweep killed", _kill("hri_node sweep")),
        Fault("whole node killed", _kill_node),
        Fault("Redis killed", _kill("redis-server")),
        Fault("Redis killed and emptied", _empty_redis),
        Fault("Redis flushed", _flush_redis),
        Fault("Redis frozen", _freeze("redis-server")),
        Fault("ledger locked", _lock_ledger),
        Fault("disk full", _fill_disk),
        Fault("clock an hour ahead", _jump(HOUR_S)),
        Fault("clock an hour back", _jump(-HOUR_S)),
        Fault("PACS killed", _kill_orthanc),
        Fault("PACS down", _stop_orthanc),
        Fault("PACS frozen", _freeze_orthanc),
        Fault("PACS loses what it took", _forget),
        Fault("PACS refuses connections", _line(Line.CLOSED)),
        Fault("PACS rejects us", _reject),
        Fault("PACS silent", _line(Line.SILENT)),
        Fault("PACS slow", _line(Line.SLOW)),
        Fault("PACS answers garbage", _line(Line.GARBAGE)),
        Fault("line to the PACS cut", _line(Line.CUT)),
        Fault("half-sent associations", _bare(_half_sent)),
        Fault("aborted associations", _bare(aborted)),
        Fault("half an association request", _bare(knocked)),
        Fault("sent again", _send_again),
        Fault("sent by two at once", _send_twice),
        Fault("other content under the same UID", _send_other_content),
    )
}
