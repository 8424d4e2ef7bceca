"""Nothing comes in; every fault that the harness knows goes out, by its name."""

from dataclasses import dataclass

from end_to_end.faults.injectors import (
    Inject,
    bare,
    empty_redis,
    fill_disk,
    flush_redis,
    forget,
    freeze,
    freeze_orthanc,
    half_sent_for_a_second,
    jump,
    kill,
    kill_node,
    kill_orthanc,
    lock_ledger,
    nothing,
    put_line,
    reject,
    send_again,
    send_late,
    send_other_content,
    send_twice,
    stop_orthanc,
)
from end_to_end.faults.wire import Line, aborted, knocked

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault, and how many scanners send meanwhile."""

    name: str
    inject: Inject
    senders: int = 4


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("none", nothing),
        Fault("32 senders at once", nothing, senders=32),
        Fault("listener killed", kill("hri_node listen")),
        Fault("web role killed", kill("hri_node web")),
        Fault("measuring process killed", kill("--queues measure", eldest=False)),
        Fault("measuring worker killed", kill("--queues measure", eldest=True)),
        Fault("delivering process killed", kill("--queues report", eldest=False)),
        Fault("delivering worker killed", kill("--queues report", eldest=True)),
        Fault("sweep killed", kill("hri_node sweep")),
        Fault("whole node killed", kill_node),
        Fault("Redis killed", kill("redis-server")),
        Fault("Redis killed and emptied", empty_redis),
        Fault("Redis flushed", flush_redis),
        Fault("Redis frozen", freeze("redis-server")),
        Fault("ledger locked", lock_ledger),
        Fault("disk full", fill_disk),
        Fault("clock an hour ahead", jump(HOUR_S)),
        Fault("clock an hour back", jump(-HOUR_S)),
        Fault("PACS killed", kill_orthanc),
        Fault("PACS down", stop_orthanc),
        Fault("PACS frozen", freeze_orthanc),
        Fault("PACS loses what it took", forget),
        Fault("PACS refuses connections", put_line(Line.CLOSED)),
        Fault("PACS rejects us", reject),
        Fault("PACS silent", put_line(Line.SILENT)),
        Fault("PACS slow", put_line(Line.SLOW)),
        Fault("PACS answers garbage", put_line(Line.GARBAGE)),
        Fault("line to the PACS cut", put_line(Line.CUT)),
        Fault("half-sent associations", bare(half_sent_for_a_second)),
        Fault("aborted associations", bare(aborted)),
        Fault("half an association request", bare(knocked)),
        Fault("sent again", send_again),
        Fault("late images", send_late),
        Fault("sent by two at once", send_twice),
        Fault("other content under the same UID", send_other_content),
    )
}
