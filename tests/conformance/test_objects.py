"""What the statement says of created objects is read from objects, and is what a reader by hand finds in them."""

import json
import pkgutil
from pathlib import Path

import pytest
from pydicom import Dataset

from hri_node.conformance.attributes import ALWAYS, COPIED, FIXED, MADE, SOMETIMES_ABSENT, Attribute, attributes_of
from hri_node.conformance.modules import NOTES, OTHER, OWN, SHARED, module_of
from hri_node.conformance.samples import KINDS, made_objects
from hri_node.conformance.terms import codes_used
from hri_node.report import codes


def attribute(kind: str, *path: str) -> Attribute:
    """Return one attribute of the objects of a kind."""
    found = attributes_of([made for made in made_objects() if made.kind == kind])
    return next(one for one in found if one.path == path)


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        ("sr", ("PatientName",), (ALWAYS, COPIED, "")),
        ("sr", ("SOPClassUID",), (ALWAYS, FIXED, "`1.2.840.10008.5.1.4.1.1.88.34`")),
        ("sr", ("SOPInstanceUID",), (ALWAYS, MADE, "")),
        ("sr", ("PatientAge",), (SOMETIMES_ABSENT, COPIED, "")),
        ("sr", ("PreliminaryFlag",), (ALWAYS, MADE, "`FINAL`, `PRELIMINARY`")),
        ("sr", ("VerifyingObserverSequence", "VerifyingOrganization"), (ALWAYS, MADE, "")),
        ("seg", ("SegmentSequence",), (ALWAYS, MADE, "4 items")),
        ("seg", ("SharedFunctionalGroupsSequence", "PixelMeasuresSequence"), (SOMETIMES_ABSENT, MADE, "1 item")),
        ("sc", ("PixelData",), (ALWAYS, MADE, "")),
        ("sc", ("ImageType",), (ALWAYS, FIXED, "`DERIVED\\SECONDARY\\HRI`")),
    ],
)
def test_an_attribute_is_told_as_it_is(kind: str, path: tuple[str, ...], said: tuple[str, str, str]) -> None:
    """Presence, source and value of some whose answer is known."""
    found = attribute(kind, *path)

    assert (found.presence, found.source, found.shown) == said


def test_every_attribute_has_its_module() -> None:
    """One of those that PS3.3 puts it into, by the tables that highdicom carries."""
    known = json.loads(pkgutil.get_data("highdicom", "_standard/module_attribute_map.json") or b"{}")
    iods = json.loads(pkgutil.get_data("highdicom", "_standard/iod_module_map.json") or b"{}")
    classes = json.loads(pkgutil.get_data("highdicom", "_standard/sop_class_iod_map.json") or b"{}")

    def allowed(sop_class_uid: str, keyword: str) -> set[str]:
        names = {each["key"] for each in iods[classes[sop_class_uid]]}
        holding = {n for n in names if any(e["keyword"] == keyword and not e["path"] for e in known.get(n, ()))}
        return {name.removeprefix("segmentation-") if "multi-frame" in name else name for name in holding}

    wrong = set()
    for made in made_objects():
        for keyword in made.ds.dir():
            ours = next((m for m in (module_of(keyword, ""), module_of(keyword, made.kind)) if m != OTHER), OTHER)
            if ours.lower().replace(" ", "-") not in allowed(str(made.ds.SOPClassUID), keyword):
                wrong.add((made.kind, keyword, ours))
    assert wrong == set()


def test_no_module_names_what_no_object_has() -> None:
    """Nor does a note."""
    paths = [one.path for kind in KINDS for one in attributes_of([m for m in made_objects() if m.kind == kind])]
    known = {keyword for modules in (SHARED, *OWN.values()) for keywords in modules.values() for keyword in keywords}

    assert {name.rpartition(".")[2] for name in NOTES} <= {path[-1] for path in paths}
    assert known - {path[0] for path in paths} <= OPTIONAL


OPTIONAL = {
    "ContentCreatorName",
    "ColorSpace",
    "ModalityLUTSequence",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
}
"""What a source may bring that the examples have not."""


def test_no_object_has_a_private_attribute() -> None:
    """As the statement says."""

    def private(ds: Dataset) -> list[str]:
        nested = [tag for element in ds if element.VR == "SQ" for item in element.value for tag in private(item)]
        return [str(element.tag) for element in ds if element.tag.is_private] + nested

    assert [tag for made in made_objects() for tag in private(made.ds)] == []


def test_every_public_code_of_ours_is_in_an_object() -> None:
    """And every code in an object is one of ours: the lists cannot drift apart. Self-tests have one more, in a note."""
    note = codes.REJECTED_FOR_SAFETY
    ours = {(code.scheme_designator, code.value) for code in (*codes.public_concepts(), *codes.private_concepts())}

    assert set(codes_used()) == ours - {(note.scheme_designator, note.value)}
    assert f"({note.value}, {note.scheme_designator}" in Path("CONFORMANCE.md").read_text()


def test_samples_are_the_same_each_time() -> None:
    """Whatever is stated of them does not change from run to run."""
    first = [made.ds.SOPInstanceUID for made in made_objects()]
    made_objects.cache_clear()

    assert [made.ds.SOPInstanceUID for made in made_objects()] == first
