"""Tests of the forms that set up scanners and destinations: every key, and nothing saved that cannot work."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_node import console
from starlette.testclient import TestClient

from hri_node.keys import keys_of
from hri_node.ledger.states import Role, SetupKind
from hri_node.node import Node
from hri_node.web.console.peer_fields import GROUPS, section_of, typed_of
from hri_node.web.guard import Visitor

DESTINATION, SCANNER = SetupKind.DESTINATION, SetupKind.SCANNER
PACS = {"name": "pacs", "protocol": "dicom", "host": "pacs.example", "port": "104", "called": "PACS"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """A node on which nothing is set up."""
    with console(tmp_path) as found:
        yield found


def flash(browser: TestClient) -> str:
    """The sentence that the next page says."""
    return browser.cookies.get("hri_flash", "").strip('"')


def seen(page: str) -> str:
    """When what a form shows was changed last, as it sends that back."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found.group(1)


@pytest.mark.parametrize("kind", list(SetupKind))
def test_a_form_has_every_key(opened: tuple[Node, TestClient], kind: SetupKind) -> None:
    """All that the settings file may hold, but no secret."""
    page = opened[1].get(f"/setup/{kind}").text

    assert [field.key for group in GROUPS[kind] for field in group.fields if field.key not in keys_of(kind)] == []
    for key in keys_of(kind):
        assert f'name="{key}"' in page, key


def test_a_form_that_is_not_touched_changes_nothing() -> None:
    """What it shows is what it makes."""
    chosen = {
        "name": "pacs", "host": "h", "called": "P", "tls": {"authorities": "/ca.pem"}, "only": {"kinds": ["sr", "seg"]},
    }  # fmt: skip

    assert section_of(DESTINATION, typed_of(DESTINATION, chosen)) == chosen


def test_a_destination_is_set_up(opened: tuple[Node, TestClient]) -> None:
    """It holds at once in this process; the log says who did it."""
    node, browser = opened
    assert "None: results stay in the spool" in browser.get("/destinations").text

    answer = browser.post("/setup/destination", data=PACS | {"only.calling": "US_*, CT"})

    assert (answer.headers["location"], flash(browser)) == ("/destinations", "pacs is set up.")
    assert list(node.destinations) == ["pacs"]
    assert "C-STORE to PACS at pacs.example:104" in browser.get("/destinations").text
    assert node.setup.destinations[0].only.calling == ("US_*", "CT")
    assert [(act.who, act.what, act.about) for act in node.ledger.acts()] == [("ada", "destination add", "pacs")]


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"name": "a:b"}, "name", "it holds a colon"),
        ({"host": ""}, "host", "needs host, port and called"),
        ({"host": "10.0.0.300"}, "host", "neither an IP address"),
        ({"port": "x"}, "port", "it is no whole number"),
        ({"called": "A" * 17}, "called", "17 characters"),
        ({"tls": "true", "tls.authorities": "/no/ca.pem"}, "tls.authorities", "cannot be read"),
        ({"only.kinds": "sr, zz"}, "only.kinds", "it must be"),
        ({"protocol": "dicomweb", "url": "ftp://x"}, "url", "begins with http"),
        ({"protocol": "dicomweb", "url": "http://u:p@x"}, "url", "a password does not belong here"),
        ({"concurrency": "0"}, "concurrency", "greater than 0"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    opened: tuple[Node, TestClient], changes: dict[str, str], key: str, words: str
) -> None:
    """What was typed is still there, and nothing is saved."""
    node, browser = opened

    answer = browser.post("/setup/destination", data=PACS | changes)

    assert answer.status_code == 422
    assert re.search(rf'id="{re.escape(key)}-wrong">[^<]*{re.escape(words)}', answer.text)
    assert f'href="#{key}"' in answer.text
    assert 'value="PACS"' in answer.text or "called" in changes
    assert (node.ledger.setups(DESTINATION), node.ledger.acts()) == ([], [])


def test_a_secret_that_is_sent_all_the_same_is_not_kept(opened: tuple[Node, TestClient]) -> None:
    """No field is for it."""
    node, browser = opened

    browser.post("/setup/destination", data=PACS | {"tls": "true", "tls.password": "very secret"})

    assert "very secret" not in str(node.ledger.setups(DESTINATION))


def test_a_destination_is_changed(opened: tuple[Node, TestClient]) -> None:
    """Its name stays; fields that were emptied have their defaults again."""
    node, browser = opened
    browser.post("/setup/destination", data=PACS | {"calling": "OURS"})
    page = browser.get("/setup/destination?name=pacs").text
    assert 'value="OURS"' in page

    form = {"changes": "pacs", "seen": seen(page), "name": "other", "port": "11112"}
    browser.post("/setup/destination", data=PACS | form)

    assert flash(browser) == "pacs is changed."
    assert [one.chosen for one in node.ledger.setups(DESTINATION)] == [
        {"name": "pacs", "host": "pacs.example", "called": "PACS", "port": 11112}
    ]


def test_two_who_change_the_same_are_told(opened: tuple[Node, TestClient]) -> None:
    """The second one does not undo what the first one did."""
    node, browser = opened
    browser.post("/setup/destination", data=PACS)
    form = PACS | {"changes": "pacs", "seen": seen(browser.get("/setup/destination?name=pacs").text)}

    browser.post("/setup/destination", data=form | {"port": "105"})
    answer = browser.post("/setup/destination", data=form | {"port": "106"})

    assert answer.status_code == 422
    assert "ada changed pacs meanwhile" in answer.text
    assert node.ledger.setups(DESTINATION)[0].chosen["port"] == 105


def test_what_is_not_there_is_not_changed(opened: tuple[Node, TestClient]) -> None:
    """Somebody removed it meanwhile."""
    _, browser = opened

    assert browser.get("/setup/scanner?name=US9").headers["location"] == "/scanners"
    browser.post("/setup/scanner", data={"changes": "US9", "ae_title": "US9"})
    assert flash(browser) == "Not done: there is no scanner US9."


def test_a_scanner_is_set_up_and_removed(opened: tuple[Node, TestClient]) -> None:
    """With boxes as they are ticked."""
    node, browser = opened

    browser.post("/setup/scanner", data={"ae_title": "US1", "host": "10.0.0.5", "return_results": "true"})
    assert node.ledger.setups(SCANNER)[0].chosen == {"ae_title": "US1", "host": "10.0.0.5", "return_results": True}
    assert list(node.destinations) == ["sender:US1"]
    browser.post("/setup/scanner/remove", data={"name": "US1"})

    assert node.ledger.setups(SCANNER) == []
    assert [act.what for act in node.ledger.acts()] == ["scanner rm", "scanner add"]


def test_only_admins_set_up(tmp_path: Path) -> None:
    """An operator mends what is there."""
    with console(tmp_path, Visitor("olga", Role.OPERATOR, "t", "127.0.0.1", 2)) as (node, browser):
        assert browser.get("/setup/scanner").status_code == 403
        assert browser.post("/setup/scanner", data={"ae_title": "US1"}).status_code == 403
        assert node.ledger.setups(SCANNER) == []
