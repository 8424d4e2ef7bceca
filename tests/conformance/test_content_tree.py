"""The tree of the statement says of several reports what each of them has."""

from pydicom import Dataset

from hri_node.conformance.content_tree import content_table
from hri_node.conformance.samples import FAILED, MEASURED, made_objects


def reports(outcome: str) -> list[Dataset]:
    """Return the reports that came out so."""
    return [made.ds for made in made_objects() if made.kind == "sr" and made.outcome == outcome]


def item(kind: str, name: str, *below: Dataset, text: str = "") -> Dataset:
    """Return a content item with a concept name of one word."""
    made, concept = Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = name, "X", name
    made.RelationshipType, made.ValueType, made.ConceptNameCodeSequence = "CONTAINS", kind, [concept]
    made.ContentSequence = list(below)
    if text:
        made.TextValue = text
    return made


def test_what_some_reports_have_is_there_once_or_not_at_all() -> None:
    """And what all have several times, once or more."""
    one = item("CONTAINER", "r", item("TEXT", "a", text="1"), item("TEXT", "b", text="same"))
    two = item("CONTAINER", "r", item("TEXT", "b", text="same"), item("TEXT", "b", text="same"))

    assert content_table([one, two]).splitlines()[3:] == [
        '| > | CONTAINS | TEXT | (a, X, a) | 0-1 | "1" |',
        '| > | CONTAINS | TEXT | (b, X, b) | 1-n | "same" |',
    ]


def test_texts_that_differ_are_not_told() -> None:
    """They are a matter of the patient, or of the day."""
    both = [item("CONTAINER", "r", item("TEXT", "a", text=text)) for text in ("1", "2")]

    assert content_table(both).endswith("| > | CONTAINS | TEXT | (a, X, a) | 1 |  |")


def test_every_concept_of_a_report_is_in_its_tree() -> None:
    """At every depth, whatever came of the study."""
    tree = content_table([*reports(MEASURED), *reports(FAILED)])

    def names(ds: Dataset) -> list[str]:
        own = [each.CodeValue for each in ds.get("ConceptNameCodeSequence", ())]
        return own + [name for below in ds.get("ContentSequence", ()) for name in names(below)]

    found = {name for report in reports(MEASURED) + reports(FAILED) for name in names(report)}

    assert len(found) > 30
    assert [name for name in found if f"({name}, " not in tree] == []


def test_an_index_without_value_is_told_as_such() -> None:
    """With the reason that stands in its place."""
    assert "| no value, qualified (114006, DCM, Measurement failure) |" in content_table(reports(FAILED))
