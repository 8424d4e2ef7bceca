"""The search page: what is typed and chosen stands in its address, and finds studies; names only for those who may."""

from dataclasses import replace
from pathlib import Path

import pytest
from console_node import SOMEBODY, console
from study_site import a_reported_study, receive, settings

from hri_node.ledger.states import Role

VIEWER = replace(SOMEBODY, role=Role.VIEWER)


def test_a_study_is_found_in_two_clicks(tmp_path: Path) -> None:
    """The overview leads to the list, the list to the study."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)

        assert 'href="/studies"' in client.get("/").text
        page = client.get("/studies").text
        assert 'href="/studies/1"' in page
        assert client.get("/studies/1").status_code == 200
    assert "Doe, Jane" in page
    assert "1 of 1" in page
    assert "6 delivered" in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=jan", True),
        ("q=a-9", True),
        ("q=nobody", False),
        ("sender=US_1", True),
        ("sender=US", False),
        ("from=2026-01-02&to=2026-01-02", True),
        ("from=2026-01-03", False),
        ("state=reported", True),
        ("state=failed", False),
        ("results=failed", False),
        ("measured=yes", True),
        ("measured=no", False),
        ("lowest=0.1&highest=9", True),
        ("lowest=9", False),
        ("before=1", False),
        ("before=2", True),
    ],
)
def test_the_address_is_the_search(tmp_path: Path, query: str, is_found: bool) -> None:  # noqa: FBT001
    """It can be kept and sent on, and the form says the same."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)

        page = client.get(f"/studies?{query}").text

    assert ('href="/studies/1"' in page) == is_found
    assert ("No study fits" in page) == (not is_found)


@pytest.mark.parametrize(
    "query", ["from=31.1.2026", "lowest=much", "highest=-3", "before=x", "state=odd", "q=" + "x" * 9999]
)
def test_what_makes_no_sense_is_said_or_ignored(tmp_path: Path, query: str) -> None:
    """In a sentence, where somebody typed it."""
    with console(tmp_path) as (_, client):
        answer = client.get(f"/studies?{query}")

    assert answer.status_code == 200
    assert ("Not looked for" in answer.text) == query.startswith(("from", "lowest", "highest"))


def test_names_are_hidden_from_viewers_by_setting(tmp_path: Path) -> None:
    """They see the ID, and cannot find a study by a name."""
    sections = settings(tmp_path, web={"patient_names": "operators"})
    with console(tmp_path, VIEWER, sections) as (node, client):
        a_reported_study(node)

        everything = client.get("/studies").text
        by_name = client.get("/studies?q=doe").text

    assert "P-77" in everything
    assert "Jane" not in everything
    assert 'href="/studies/1"' not in by_name


def test_pages_lead_on_and_back(tmp_path: Path) -> None:
    """With what was looked for."""
    with console(tmp_path) as (node, client):
        for number in range(1, 53):
            receive(node, study_uid=f"2.25.9{number}", rows=16, columns=16)

        first = client.get("/studies?q=doe").text
        second = client.get("/studies?q=doe&before=3").text

    assert 'href="/studies?q=doe&amp;before=3"' in first
    assert 'href="/studies/3"' in first
    assert 'href="/studies/2"' in second
    assert 'href="/studies?q=doe"' in second


def test_the_list_is_live(tmp_path: Path) -> None:
    """Its part alone is given out, and 304 where nothing changed."""
    with console(tmp_path, sections=settings(tmp_path)) as (node, client):
        a_reported_study(node)
        part = client.get("/studies", headers={"X-Part": "found"})
        again = client.get("/studies", headers={"X-Part": "found", "If-None-Match": part.headers["ETag"]})

    assert part.text.lstrip().startswith("<table")
    assert again.status_code == 304
