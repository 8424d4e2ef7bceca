"""What channels owe people comes in; they are told, once, in one message for each kind of alarm and minute.

A channel is told first and the ledger afterwards: whoever is killed in between tells it once more, with the same
identification (Message-ID, ``id``), by which a receiver may notice. The other order could lose an alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from hri_node.alerts.mail import Mail
from hri_node.alerts.message import Message, message_of, trial_message
from hri_node.alerts.webhook import Webhook
from hri_node.console_sections import AlertSettings
from hri_node.delivering import backoff
from hri_node.errors import HriError
from hri_node.ledger.alarms import Alarms, Telling
from hri_node.ledger.jobs import CLOCK_SLACK
from hri_node.settings import Settings

GATHER: Final = timedelta(seconds=60)
"""After a message about a kind of alarm, further ones of that kind wait so long and go together."""

PAUSE_FIRST_S: Final = 30.0
PAUSE_MAX_S: Final = 1200.0
"""After a failure; less than CLOCK_SLACK, from where on a time is taken for a clock's fault."""

PAGE: Final = "/alerts"

DUTY: Final = "lookout"
"""In the ledger, of whoever looks for what is wrong and tells it."""

log = structlog.get_logger()


class Channel(Protocol):
    """A way to people."""

    name: str

    @property
    def words(self) -> str:
        """Where it goes, in words; no secret."""

    def send(self, message: Message) -> str:
        """Tell, and say in words what became of it; an error of ours where it failed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message: whether a channel took it, and its words."""

    channel: str
    is_good: bool
    words: str


def channels_of(settings: AlertSettings) -> tuple[Channel, ...]:
    """The channels that are set up.

    Parameters
    ----------
    settings
        Section ``alerts``.
    """
    mail = (Mail(settings),) if settings.mail_to else ()
    webhook = (Webhook(settings.webhook_file, settings.authorities),) if settings.webhook_file else ()
    return (*mail, *webhook)


class Teller:
    """Tells people what has to be told.

    Parameters
    ----------
    ledger
        Has it.
    settings
        Whom to tell, and who we are.
    channels
        Left out: those of the settings.
    """

    def __init__(self, ledger: Alarms, settings: Settings, channels: Sequence[Channel] | None = None) -> None:
        self._ledger = ledger
        self._node = settings.listener.ae_title
        self._url = settings.web.public_url and settings.web.public_url + PAGE
        self.channels = channels_of(settings.alerts) if channels is None else tuple(channels)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the channels."""
        return tuple(channel.name for channel in self.channels)

    def tell(self, now: datetime) -> None:
        """Tell what is due. A channel that fails is left alone until the next look.

        Parameters
        ----------
        now
            Present time.
        """
        self._ledger.forget_tellings(self.names)
        for channel in self.channels:
            owed = self._ledger.untold(channel.name)
            last = self._ledger.last_told(channel.name) if owed else {}
            for kind in dict.fromkeys(telling.alarm.kind for telling in owed):
                group = [telling for telling in owed if telling.alarm.kind == kind]
                if _is_due(group, last.get(kind), now) and not self._told(channel, group, now):
                    break

    def test(self, now: datetime) -> list[Verdict]:
        """What becomes of a message that says that it is a test, by channel.

        Parameters
        ----------
        now
            Present time.
        """
        message = trial_message(self._node, now, self._url)
        return [_verdict(channel, message) for channel in self.channels]

    def _told(self, channel: Channel, group: Sequence[Telling], now: datetime) -> bool:
        """Whether a channel took it."""
        numbers = [telling.id for telling in group]
        verdict = _verdict(channel, message_of(self._node, group, now, self._url))
        if verdict.is_good:
            self._ledger.note_told(numbers, now)
            log.info("alert_told", channel=channel.name, kind=group[0].alarm.kind, alarms=len(group))
        else:
            attempts = 1 + max(telling.attempts for telling in group)
            again_at = now + backoff(attempts, PAUSE_FIRST_S, PAUSE_MAX_S)
            self._ledger.note_untold(numbers, verdict.words, again_at)
            log.warning("alert_not_told", channel=channel.name, kind=group[0].alarm.kind, reason=verdict.words)
        return verdict.is_good


def _verdict(channel: Channel, message: Message) -> Verdict:
    try:
        return Verdict(channel.name, is_good=True, words=channel.send(message))
    except HriError as error:
        return Verdict(channel.name, is_good=False, words=str(error))


def _is_due(group: Sequence[Telling], last: datetime | None, now: datetime) -> bool:
    """Whether something is due, and the last message of this kind is a while ago."""
    is_gathering = last is not None and now - GATHER < last <= now
    return not is_gathering and any(telling.due_at <= now or telling.due_at > now + CLOCK_SLACK for telling in group)
