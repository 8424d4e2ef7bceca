"""Tests of who is told when: once, together, again where it failed, and never twice after a restart."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from told import AWAY, FULL, NOW, mailbox, service

from hri_node.alerts.message import Message
from hri_node.alerts.telling import GATHER, Teller, Verdict
from hri_node.console_sections import AlertSettings
from hri_node.errors import PeerUnavailable
from hri_node.ledger.alarms import Alarm
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.settings import Settings


@dataclass
class Twin:
    """A channel that keeps what it is given, unless it is told to fail or to die."""

    name: str = "mail"
    words: str = "to nobody"
    messages: list[Message] = field(default_factory=list)
    fault: BaseException | None = None
    dies_after: bool = False

    def send(self, message: Message) -> str:
        """Keep a message."""
        if self.fault:
            raise self.fault
        self.messages.append(message)
        if self.dies_after:
            raise SystemExit
        return "taken"

    @property
    def headings(self) -> list[str]:
        """Of what it was given."""
        return [message.heading for message in self.messages]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def teller(ledger: Ledger, *channels: Twin) -> Teller:
    """Tells by these channels."""
    return Teller(ledger, Settings(), channels)


def raise_alarms(ledger: Ledger, *alarms: Alarm, now: datetime = NOW, channels: tuple[str, ...] = ("mail",)) -> None:
    """Alarms are wrong from now on, beside those that are."""
    ledger.revise_alarms(lambda known: [*known, *alarms], channels, now)


def clear_all(ledger: Ledger, now: datetime) -> None:
    """All is well again."""
    ledger.revise_alarms(
        lambda known: [replace(each, fine_since=now, cleared_at=now) for each in known], ("mail",), now
    )


def test_each_end_is_told_once(ledger: Ledger) -> None:
    """However often somebody looks, and whoever does: another process finds nothing to tell."""
    twin = Twin()
    raise_alarms(ledger, FULL)
    for seconds in range(0, 600, 15):
        teller(ledger, twin).tell(NOW + timedelta(seconds=seconds))
    clear_all(ledger, NOW + timedelta(hours=1))
    for seconds in range(3600, 4200, 15):
        teller(ledger, twin).tell(NOW + timedelta(seconds=seconds))

    assert twin.headings == ["Disk full: spool", "Over: Disk full: spool"]


def test_a_flood_is_one_message_of_each_kind(ledger: Ledger) -> None:
    """What comes within the minute after waits for the next one."""
    twin = Twin()
    raise_alarms(ledger, FULL, *(replace(AWAY, subject=f"pacs{number}") for number in range(30)))
    teller(ledger, twin).tell(NOW)
    for number in range(30, 60):
        at = NOW + timedelta(seconds=number - 29)
        raise_alarms(ledger, replace(AWAY, subject=f"pacs{number}"), now=at)
        teller(ledger, twin).tell(at)
    teller(ledger, twin).tell(NOW + GATHER)

    assert [len(message.entries) for message in twin.messages] == [1, 30, 30]


def test_what_failed_is_told_later_and_less_often(ledger: Ledger) -> None:
    """The pauses double up to twenty minutes; when it is told, it is told once."""
    twin = Twin(fault=PeerUnavailable("mail server x does not answer"))
    raise_alarms(ledger, FULL)
    tries = []
    for seconds in range(0, 7200, 15):
        before = ledger.untold("mail")[0].attempts
        teller(ledger, twin).tell(NOW + timedelta(seconds=seconds))
        if ledger.untold("mail")[0].attempts > before:
            tries.append(seconds)
    twin.fault = None
    for hours in (3, 4):
        teller(ledger, twin).tell(NOW + timedelta(hours=hours))

    assert tries == [0, 30, 90, 210, 450, 930, 1890, 3090, 4290, 5490, 6690]
    assert twin.headings == ["Disk full: spool"]


def test_the_reason_of_a_failure_stands_in_the_ledger(ledger: Ledger) -> None:
    """For the console."""
    raise_alarms(ledger, FULL)
    teller(ledger, Twin(fault=PeerUnavailable("mail server x does not answer"))).tell(NOW)

    (owed,) = ledger.untold("mail")

    assert (owed.detail, owed.due_at) == ("mail server x does not answer", NOW + timedelta(seconds=30))


def test_one_channel_does_not_wait_for_the_other(ledger: Ledger) -> None:
    """Nor is it told again when the other one succeeds."""
    mail, webhook = Twin(fault=PeerUnavailable("away")), Twin("webhook")
    raise_alarms(ledger, FULL, AWAY, channels=("mail", "webhook"))
    teller(ledger, mail, webhook).tell(NOW)
    assert (len(webhook.messages), mail.messages) == (2, [])

    mail.fault = None
    teller(ledger, mail, webhook).tell(NOW + timedelta(minutes=1))

    assert (len(webhook.messages), len(mail.messages)) == (2, 2)


def test_a_channel_that_fails_is_tried_once_a_look(ledger: Ledger) -> None:
    """Nine kinds of alarm would be nine time-outs."""
    raise_alarms(ledger, FULL, AWAY)
    teller(ledger, Twin(fault=PeerUnavailable("away"))).tell(NOW)

    assert sorted(owed.attempts for owed in ledger.untold("mail")) == [0, 1]


def test_whoever_is_killed_between_telling_and_writing_tells_once_more(ledger: Ledger) -> None:
    """At most one message twice, and the same name on both."""
    raise_alarms(ledger, FULL)
    first, second = Twin(dies_after=True), Twin()
    with pytest.raises(SystemExit):
        teller(ledger, first).tell(NOW)
    for seconds in (15, 90, 600):
        teller(ledger, second).tell(NOW + timedelta(seconds=seconds))

    assert len(second.messages) == 1
    assert first.messages[0].id == second.messages[0].id


def test_what_is_over_before_it_could_be_told_is_told_as_such(ledger: Ledger) -> None:
    """In one message."""
    twin = Twin(fault=PeerUnavailable("away"))
    raise_alarms(ledger, FULL)
    teller(ledger, twin).tell(NOW)
    clear_all(ledger, NOW + timedelta(hours=1))
    twin.fault = None
    teller(ledger, twin).tell(NOW + timedelta(hours=1))

    assert twin.headings == ["Over: Disk full: spool"]
    assert ledger.untold("mail") == []


def test_a_clock_that_was_set_back_keeps_nobody_waiting(ledger: Ledger) -> None:
    """What is due tomorrow by the wrong clock is due now."""
    twin = Twin()
    raise_alarms(ledger, FULL, now=NOW + timedelta(days=1))
    teller(ledger, twin).tell(NOW)

    assert twin.headings == ["Disk full: spool"]


def test_without_channels_nothing_is_owed(ledger: Ledger) -> None:
    """The console tells whoever looks; who is added later is not told of what was."""
    raise_alarms(ledger, FULL, channels=())
    teller(ledger).tell(NOW)

    assert ledger.tellings_of([1]) == []


def test_a_test_by_every_channel_of_the_settings(ledger: Ledger, tmp_path: Path) -> None:
    """With the verdict of each, and a link where browsers can follow one."""
    with mailbox() as box, service() as there:
        (tmp_path / "url").write_text(there.url)
        there.status = 404
        mail = {"mail_to": ("a@b.example",), "mail_from": "c@d.example", "smtp_host": "127.0.0.1"}
        own = AlertSettings(**mail, smtp_port=box.port, smtp_security="none", webhook_file=tmp_path / "url")
        settings = Settings(alerts=own, web={"public_url": "https://node.example"})
        verdicts = Teller(ledger, settings).test(NOW)

    assert verdicts == [
        Verdict("mail", is_good=True, words="the mail server took it for 1 person"),
        Verdict("webhook", is_good=False, words="the webhook answered 404"),
    ]
    assert box.letters[0]["Subject"] == "[HRI_NODE] Test of alerts"
    assert there.bodies[0]["url"] == "https://node.example/alerts"
