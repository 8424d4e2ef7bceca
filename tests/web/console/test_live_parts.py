"""Live parts of pages: all that a page asks for in one answer, and nothing that it has already."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_node import console
from starlette.testclient import TestClient

from hri_node.node import Node
from hri_node.web.console.rendering import AGE

PARTS = "verdict today state"


@pytest.fixture
def visited(tmp_path: Path) -> Iterator[tuple[Node, TestClient]]:
    """An empty node, looked at."""
    with console(tmp_path) as found:
        yield found


def ids(html: str) -> list[str]:
    """Of the parts in an answer."""
    return re.findall(r'<template id="(\w+)">', html)


def test_several_parts_come_in_one_answer(visited: tuple[Node, TestClient]) -> None:
    """Each in a template of its own; one alone comes as it is."""
    _, browser = visited

    answer = browser.get("/", headers={"X-Part": PARTS})
    assert ids(answer.text) == PARTS.split()
    alone = browser.get("/", headers={"X-Part": "verdict"})
    assert f'<template id="verdict">{alone.text}</template>' in answer.text
    assert alone.headers["etag"].strip('"') == answer.headers["etag"].strip('"').split(".")[0]


def test_what_a_page_has_does_not_come_again(visited: tuple[Node, TestClient]) -> None:
    """Nothing where nothing changed; of a page that has one part from before, the others."""
    _, browser = visited
    tag = browser.get("/", headers={"X-Part": PARTS}).headers["etag"]

    again = browser.get("/", headers={"X-Part": PARTS, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    first, _, rest = tag.strip('"').partition(".")
    assert ids(browser.get("/", headers={"X-Part": PARTS, "If-None-Match": f'"{"0" * len(first)}.{rest}"'}).text) == [
        "verdict"
    ]
    assert ids(browser.get("/", headers={"X-Part": PARTS, "If-None-Match": '"other"'}).text) == PARTS.split()


def test_a_part_that_is_not_there(visited: tuple[Node, TestClient]) -> None:
    """None of them is answered."""
    assert visited[1].get("/", headers={"X-Part": "verdict nothing"}).status_code == 404


def test_growing_older_is_no_change() -> None:
    """Browsers count ages by themselves."""
    page = '<time datetime="2026-01-01T00:00:00+00:00" title="t" data-as="ago">{}</time> at 5 s'

    assert AGE.sub("", page.format("5 s ago")) == AGE.sub("", page.format("1 min ago"))
    assert AGE.sub("", page.format("5 s ago")) != AGE.sub("", page.format("5 s ago").replace("01-01", "01-02"))
