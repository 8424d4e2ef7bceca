"""The text of the statement and the code know the same names."""

from importlib.resources import files

from hri_node.conformance.configuration import defaults
from hri_node.conformance.facts import CONSTANTS, WORDS, facts
from hri_node.conformance.statement import CHAPTERS, OVERVIEW, PLACE, SETTINGS, TABLES

CHAPTER_TEXTS = {
    each.name: each.read_text(encoding="utf-8") for each in (files("hri_node.conformance") / "text").iterdir()
}
NAMED = {name for text in CHAPTER_TEXTS.values() for name in PLACE.findall(text)}


def test_every_chapter_is_in_the_statement() -> None:
    """Once."""
    assert sorted(CHAPTER_TEXTS) == sorted((OVERVIEW, *CHAPTERS))


def test_every_name_of_the_text_is_known() -> None:
    """And no number, word or table is made that no text names."""
    known = {*TABLES, *facts(defaults())}

    assert {name for name in NAMED if name.split()[0] != SETTINGS} - known == set()
    assert {*TABLES, *CONSTANTS, *WORDS} - NAMED == set()


def test_no_number_of_the_settings_stands_in_the_text() -> None:
    """Ports are named by their keys: a changed default changes the statement."""
    assert [name for name, text in CHAPTER_TEXTS.items() if "11112" in text or "2762" in text or "8080" in text] == []
