"""A ledger comes in; alarms of every sort are in it afterwards: for tests and pictures of what people see."""

from datetime import datetime, timedelta

from hri_node.alerts.telling import DUTY
from hri_node.ledger.alarms import Alarm
from hri_node.ledger.ledger import Ledger

CHANNELS = ("mail", "webhook")


def alarm_all(ledger: Ledger, now: datetime) -> None:
    """One alarm that is over, three that are raised, one of them told and one not; one that is only seen."""
    minutes = [now - timedelta(minutes=number) for number in range(60)]
    over = Alarm("disk_low", "spool", "The disk under the spool fills up: 4,000 MiB free.", minutes[55], minutes[54])
    ledger.revise_alarms(lambda _: [over], CHANNELS, minutes[54])
    ledger.note_told([each.id for each in ledger.untold("mail") + ledger.untold("webhook")], minutes[53])
    (known,) = ledger.open_alarms()
    ended = Alarm(known.kind, known.subject, known.words, minutes[55], minutes[54], minutes[40], minutes[35], known.id)
    away = Alarm("destination_away", "pacs", "Destination pacs is away: connection refused.", minutes[20], minutes[10])
    silent = Alarm("silent_scanner", "US_ROOM_2", "US_ROOM_2 has sent nothing for 4 days.", minutes[9], minutes[8])
    failing = Alarm("failures", "measure", "Measuring: 12 of the last hour's 40 jobs failed.", minutes[5], minutes[4])
    seen = Alarm("queue_stuck", "report", "Reporting: the oldest job has waited for 31 min.", minutes[0])
    ledger.revise_alarms(lambda _: [ended, away, silent, failing, seen], CHANNELS, minutes[4])
    ledger.note_told([each.id for each in ledger.untold("mail") if each.alarm.kind != "failures"], minutes[3])
    failed = [each.id for each in ledger.untold("webhook")]
    ledger.note_untold(failed, "the webhook answered 503", now + timedelta(minutes=1))
    assert ledger.take_duty(DUTY, "another process", now, 600.0)
