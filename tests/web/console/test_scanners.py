"""Tests of the scanners' pages: who sends, who is turned away and what would let them in, how each measures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from console_node import console
from dimse import running_pacs
from imaged import Image, add_image
from starlette.testclient import TestClient

from hri_node.ledger.contacts import Contact, News
from hri_node.node import Node
from hri_node.sections import ScannerSettings
from hri_node.web.console.rejections import Step, mending

SECTIONS = {"scanners": [{"ae_title": "US1", "host": "10.0.0.5", "silent_after_h": 24.0, "study_quiet_s": 60.0}]}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """A node with one scanner that is set up."""
    with console(tmp_path, sections=SECTIONS) as found:
        yield found


def flash(browser: TestClient) -> str:
    """The sentence that the next page says."""
    return browser.cookies.get("hri_flash", "").strip('"')


def turned_away(node: Node, ae_title: str, address: str, words: str) -> None:
    """Somebody called and was not let in."""
    now = node.clock()
    node.ledger.note_contacts([News(ae_title, address, rejected_at=now, rejections=3, rejection=words)], now)


def test_a_scanner_tells_what_it_sent(opened: tuple[Node, TestClient]) -> None:
    """Today and in a week, and how it is set up."""
    node, browser = opened
    now = node.clock()
    for number, back in enumerate((timedelta(0), timedelta(days=2), timedelta(days=30))):
        add_image(node.ledger, Image(number, at=now - back, hri=1.2, study=number))
    node.ledger.note_contacts([News("US1", "10.0.0.5", seen_at=now, instance_at=now)], now)

    page = browser.get("/scanners").text

    assert '1<small class="below">1 study</small>' in page
    assert '2<small class="below">2 studies</small>' in page
    assert "quiet after 60 s" in page
    assert "sends" in page


def test_a_silent_scanner_is_told(opened: tuple[Node, TestClient]) -> None:
    """By its own time."""
    node, browser = opened
    add_image(node.ledger, Image(1, at=node.clock() - timedelta(hours=30)))

    assert "silent" in browser.get("/scanners").text
    assert "Silent for 30 h" in browser.get("/scanners/US1").text


def test_a_stranger_is_admitted_by_one_click(opened: tuple[Node, TestClient]) -> None:
    """The button leads to a form that is filled in: this AE title, from this address."""
    node, browser = opened
    turned_away(node, "US_NEW", "10.0.0.77", "calling AE title US_NEW is not in listener.allowed_peers")

    page = browser.get("/scanners").text
    form = browser.get("/setup/scanner?ae_title=US_NEW&host=10.0.0.77").text

    assert "Turned away 3 times" in page
    assert 'href="/setup/scanner?ae_title=US_NEW&amp;host=10.0.0.77"' in page
    assert ('value="US_NEW"' in form, 'value="10.0.0.77"' in form) == (True, True)


def test_a_scanner_that_moved_gets_another_address(opened: tuple[Node, TestClient]) -> None:
    """In the form of the one that is set up."""
    node, browser = opened
    words = "calling AE title US1 is allowed from 10.0.0.5 only, not from 10.0.0.9"
    turned_away(node, "US1", "10.0.0.9", words)

    assert 'href="/setup/scanner?name=US1&amp;host=10.0.0.9"' in browser.get("/scanners").text
    assert 'value="10.0.0.9"' in browser.get("/setup/scanner?name=US1&host=10.0.0.9").text


@pytest.mark.parametrize(
    ("rejection", "words", "step"),
    [
        ("calling AE title US1 is not in listener.allowed_peers", "admit it", Step.ADMIT),
        ("called AE title X is not ours, HRI_NODE", "set the called AE title", Step.NONE),
        ("listener.associations_max is reached", "fewer associations", Step.NONE),
        ("it has listener.associations_per_peer_max, 40, already", "too many associations", Step.NONE),
        ("no encrypted connection: the peer does not speak TLS", "encrypted port", Step.NONE),
        ("something else", "", Step.NONE),
    ],
)
def test_every_rejection_says_how_it_is_mended(
    opened: tuple[Node, TestClient], rejection: str, words: str, step: Step
) -> None:
    """As far as that is known."""
    now = opened[0].clock()

    found = mending(Contact("US1", "10.0.0.9", now, None, None, now, 1, rejection), None)

    assert words in found.words
    assert found.step == step


def test_whoever_was_admitted_since_only_has_to_send_again(opened: tuple[Node, TestClient]) -> None:
    """It was turned away before."""
    now = opened[0].clock()
    words = "calling AE title US1 is not in listener.allowed_peers"
    stranger = Contact("US1", "10.0.0.5", now, None, None, now, 1, words)

    assert mending(stranger, ScannerSettings(ae_title="US1", host="10.0.0.5")).words.startswith("It is let in by now")


def test_admitting_a_stranger_mends_the_overview(opened: tuple[Node, TestClient]) -> None:
    """Nothing is red any more, though it has not called again yet."""
    node, browser = opened
    turned_away(node, "US_NEW", "10.0.0.77", "calling AE title US_NEW is not in listener.allowed_peers")
    assert "US_NEW at 10.0.0.77 was turned away" in browser.get("/").text

    browser.post("/setup/scanner", data={"ae_title": "US_NEW", "host": "10.0.0.77"})

    assert "was turned away: " not in browser.get("/").text
    assert "let in, to call again" in browser.get("/scanners").text


def test_a_contact_is_forgotten(opened: tuple[Node, TestClient]) -> None:
    """Also one without a name."""
    node, browser = opened
    turned_away(node, "", "10.0.0.44", "no token")
    assert "no AE title" in browser.get("/scanners").text

    browser.post("/scanners/forget", data={"name": "@10.0.0.44"})

    assert node.ledger.contacts() == []
    assert node.ledger.acts()[0].about == "@10.0.0.44"


def test_the_page_of_a_scanner_shows_how_it_measures(opened: tuple[Node, TestClient]) -> None:
    """By day and by week, against the weeks before, with the reasons why images had no index."""
    node, browser = opened
    now = node.clock()
    for number in range(8):
        hri = 1.6 if number < 3 else 1.2
        add_image(node.ledger, Image(number, at=now - timedelta(days=3 * number), hri=hri, warnings=("kidney_dark",)))
    add_image(node.ledger, Image(9, at=now, reason="no_kidney"))

    page, weeks = browser.get("/scanners/US1").text, browser.get("/scanners/US1?by=week").text

    assert "1.20 in the 4 weeks before" in page
    assert "75 %" in page
    assert "Right kidney not identified" in page
    assert page.count('<svg class="chart small"') == 4
    assert "by week" in weeks


def test_an_unknown_scanner_has_no_page(opened: tuple[Node, TestClient]) -> None:
    """A link may be old."""
    assert opened[1].get("/scanners/NOBODY").status_code == 404


def test_an_ae_title_may_hold_anything(opened: tuple[Node, TestClient]) -> None:
    """A slash, a question mark, or the name of a page."""
    node, browser = opened
    add_image(node.ledger, Image(1, ae_title="US/1?x#y"))
    add_image(node.ledger, Image(2, ae_title="test"))

    assert "/scanners/US/1%3Fx%23y" in browser.get("/scanners").text
    assert browser.get("/scanners/US/1%3Fx%23y").status_code == 200
    assert browser.get("/scanners/test").status_code == 200


def test_a_scanner_is_tested(tmp_path: Path) -> None:
    """By C-ECHO to where it listens; the verdict stands beside it."""
    with running_pacs() as us1:
        sections = {"scanners": [{"ae_title": "US1", "host": "127.0.0.1", "port": us1.port}]}
        with console(tmp_path, sections=sections) as (_, browser):
            browser.post("/scanners/test", data={"name": "US1"})

            assert flash(browser).startswith("US1 answers C-ECHO after ")
            assert "by ada: US1 answers" in browser.get("/scanners").text
            browser.post("/scanners/test", data={"name": "US9"})
            assert flash(browser) == "Not done: there is no scanner US9."
