"""Tests of `hri_node.setup` and `hri_node.peers`: what people set up holds in running processes; secrets stay out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hri_node.errors import Misconfigured, PeerUnavailable, Unavailable
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import SetupKind
from hri_node.node import assemble, utc_now
from hri_node.peers import Peers
from hri_node.section_reading import read_destination
from hri_node.sections import DestinationSettings, ScannerSettings, TlsSettings
from hri_node.settings import Settings
from hri_node.setup import FRESH_S, LiveSetup, seed, written

PACS = DestinationSettings(name="pacs", host="pacs.example", called="PACS")
ARCHIVE = DestinationSettings(name="archive", host="archive.example", called="ARCHIVE")
BY = ("ada", utc_now())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def put(ledger: Ledger, section: DestinationSettings) -> None:
    """Set a destination up, as a person does."""
    ledger.put_setup(SetupKind.DESTINATION, section.name, written(section), BY)


def test_a_change_holds_within_a_second(ledger: Ledger) -> None:
    """What is set up is seen by a process that runs, but not asked for at each look."""
    now = [0.0]
    live = LiveSetup(ledger, Settings(), lambda: now[0])
    put(ledger, PACS)

    before = live.destinations
    now[0] += FRESH_S

    assert (before, live.destinations) == ((), (PACS,))


def test_a_ledger_that_is_away_changes_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What held goes on holding."""
    now = [0.0]
    put(ledger, PACS)
    live = LiveSetup(ledger, Settings(), lambda: now[0])

    def away() -> int:
        raise Unavailable("the ledger does not answer")

    monkeypatch.setattr(ledger, "setup_revision", away)
    now[0] += FRESH_S

    assert live.destinations == (PACS,)


def test_every_section_survives_the_ledger() -> None:
    """All keys of a destination, lists and encryption among them, come back as they were."""
    full = {
        "name": "pacs",
        "protocol": "dicomweb",
        "url": "https://pacs.example/dicom-web",
        "token_file": "/etc/token",
        "tls": {"authorities": "/etc/ca.pem"},
        "only": {"calling": ["US_*"], "kinds": ["sr"]},
    }
    section = DestinationSettings.model_validate(full)

    assert read_destination(written(section)) == section


def test_a_password_is_not_written_down_and_still_used(ledger: Ledger, tmp_path: Path) -> None:
    """The password of a key comes from the environment; the ledger does not hold it, the process has it."""
    tls = {"certificate": "c.pem", "key": "k.pem", "password": "very secret"}
    settings = Settings(data_dir=tmp_path, scanners=[{"ae_title": "US1", "host": "h", "tls": tls}])

    seed(ledger, settings, utc_now)

    assert "very secret" not in str(ledger.setups(SetupKind.SCANNER))
    assert LiveSetup(ledger, settings).scanners == settings.scanners


def test_a_wrong_key_is_named() -> None:
    """A sentence says which key, and what is wrong with it."""
    with pytest.raises(Misconfigured, match=r"^destination pacs needs host, port and called$"):
        read_destination({"name": "pacs"})


def test_a_destination_that_did_not_change_stays_the_same_object(ledger: Ledger) -> None:
    """Another one is made anew; what a process knows of the first, such as its habits, stays."""
    now = [0.0]
    live, peers = LiveSetup(ledger, Settings(), lambda: now[0]), Peers(Settings())
    put(ledger, PACS)
    put(ledger, ARCHIVE)
    now[0] += FRESH_S
    before = peers.present(live)
    put(ledger, ARCHIVE.model_copy(update={"port": 105}))
    now[0] += FRESH_S

    after = peers.present(live)

    assert after["pacs"] is before["pacs"]
    assert after["archive"] is not before["archive"]


def test_a_destination_whose_certificate_is_gone_says_so(ledger: Ledger) -> None:
    """The others go on; what is owed to it waits."""
    put(ledger, PACS)
    put(ledger, ARCHIVE.model_copy(update={"tls": TlsSettings(authorities=Path("/nowhere/ca.pem"))}))

    present = Peers(Settings()).present(LiveSetup(ledger, Settings()))

    assert set(present) == {"pacs", "archive"}
    with pytest.raises(PeerUnavailable, match="archive cannot be used"):
        present["archive"].echo()


def test_a_certificate_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """At the start it is a fault of ours, said in one sentence."""
    wrong = {"name": "pacs", "host": "h", "called": "PACS", "tls": {"authorities": "/nowhere/ca.pem"}}

    with pytest.raises(Misconfigured, match=r"destinations\.pacs\.tls"):
        assemble(Settings(data_dir=tmp_path, destinations=[wrong]))


def test_a_scanner_that_wants_its_results_is_a_destination(tmp_path: Path) -> None:
    """By the name that its deliveries have in the ledger."""
    scanner = ScannerSettings(ae_title="US1", host="us1.example", return_results=True)

    node = assemble(Settings(data_dir=tmp_path, scanners=(scanner,)))

    assert list(node.destinations) == ["sender:US1"]
