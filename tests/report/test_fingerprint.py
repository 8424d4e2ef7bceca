"""Other content, other UID: two objects that bear one SOP Instance UID are the same bytes, whatever else differs."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measured import ALGORITHM, CONTEXT, measured_image

from hri_node.records import Algorithm, Frame, FrameResult, Masks, MeasuredImage, PriorIndex
from hri_node.report.build import report_objects
from hri_node.report.context import Predecessor, ReportContext, Verifier

PRIOR = PriorIndex("2.25.901", "20230110", "081500", 1.31, "icnet 0.9.0")
BASE = replace(CONTEXT, presentation_state=True, pdf=True, verifier=Verifier("Reader^Anna", "Radiology"))
WINDOW = {"row": 200, "column": 90, "rows": 50, "columns": 50}
REGION: dict[str, Any] = {"mean": 90.0, "sd": 9.0, "pixel_count": 2500, "depth_mm": 60.0, "window": WINDOW}

CONTEXTS: dict[str, Any] = {
    "created": CONTEXT.created + timedelta(seconds=1),
    "revision": 2,
    "manufacturer": "Somebody else",
    "parameters": "method paper; ROI side 15 mm",
    "seg_profile": "strict",
    "supersedes": (Predecessor("2.25.77"),),
    "priors": (PRIOR,),
    "is_final": True,
    "verifier": Verifier("Reader^Anna", "Sonography"),
    "patient_on_picture": True,
    "presentation_state": False,
    "pdf": False,
}
ALGORITHMS = {"name": "icnet2", "version": "1.0.1", "device_uid": "2.25.9", "sha256": "f" * 64}
RESULTS: dict[str, dict[str, Any]] = {
    "source": {"source": "elsewhere.dcm"},
    "sop_instance_uid": {"sop_instance_uid": "2.25.7"},
    "frame_number": {"frame_number": 2},
    "outcome": {"outcome": "not_measurable", "reasons": ("no_kidney",), "hri": None},
    "reasons": {"reasons": ("no_liver",)},
    "warnings": {"warnings": ("roi_shrunk",)},
    "hri": {"hri": 1.234},
    "hri_interval": {"hri_interval": (1.1, 1.9)},
    "liver": {"liver": REGION},
    "renal_cortex": {"renal_cortex": REGION},
    "spacing_mm": {"spacing_mm": (0.2, 0.3)},
    "spacing_source": {"spacing_source": "argument"},
    "view": {"view": {"hepatorenal": 0.5}},
    "segmentation_confidence": {"segmentation_confidence": {"liver": 0.5, "kidney": 0.95}},
    "model": {"model": {"name": "other", "version": "2"}},
    "timing_ms": {"timing_ms": {"total": 41.0}},
    "delta_db": {"delta_db": 3.2},
}
REGIONS = {"mean": 91.0, "sd": 9.5, "pixel_count": 2499, "depth_mm": 61.0, "window": WINDOW | {"columns": 51}}
HEADERS = {
    "PatientName": "Another^Name",
    "PatientBirthDate": "19710101",
    "AccessionNumber": "ACC002",
    "StudyDate": "20250103",
    "InstanceNumber": 7,
    "TimezoneOffsetFromUTC": "+0900",
    "SpecificCharacterSet": "ISO_IR 100",
    "BurnedInAnnotation": "YES",
    "LossyImageCompression": "01",
}


@dataclass(frozen=True)
class Made:
    """What objects are made of."""

    image: MeasuredImage
    algorithm: Algorithm = ALGORITHM
    context: ReportContext = BASE

    def objects(self, *others: MeasuredImage) -> dict[str, tuple[str, bytes]]:
        """Kind and bytes of each object, by its UID."""
        made = report_objects([self.image, *others], self.algorithm, self.context)
        return {found.sop_instance_uid: (found.kind, found.data) for found in made}

    def with_result(self, **changes: Any) -> "Made":  # noqa: ANN401 - fields of FrameResult
        """Return the same with another result."""
        return replace(self, image=replace(self.image, result=replace(self.image.result, **changes)))

    def with_masks(self, field: str) -> "Made":
        """Return the same with one more pixel in a mask."""
        mask = getattr(self.image.masks, field).copy()
        mask[0, 0] = True
        return replace(self, image=replace(self.image, masks=replace(self.image.masks, **{field: mask})))

    def with_frame(self, **changes: Any) -> "Made":  # noqa: ANN401 - fields of Frame
        """Return the same with another frame."""
        return replace(self, image=replace(self.image, frame=replace(self.image.frame, **changes)))


def brighter(made: Made) -> Made:
    """Return the same with one pixel of the image another."""
    pixels = made.image.frame.pixels.copy()
    pixels[240, 320] ^= 1
    return made.with_frame(pixels=pixels)


def other_region(made: Made, field: str, value: object) -> Made:
    """Return the same with another value of the liver ROI."""
    assert made.image.result.liver is not None
    return made.with_result(liver=made.image.result.liver | {field: value})


CHANGES: dict[str, Callable[[Made], Made]] = {
    **{f"context {field}": lambda it, f=field, v=value: replace(it, context=replace(it.context, **{f: v}))
       for field, value in CONTEXTS.items()},
    **{f"algorithm {field}": lambda it, f=field, v=value: replace(it, algorithm=replace(it.algorithm, **{f: v}))
       for field, value in ALGORITHMS.items()},
    **{f"result {field}": lambda it, v=values: it.with_result(**v) for field, values in RESULTS.items()},
    **{f"liver {field}": lambda it, f=field, v=value: other_region(it, f, v) for field, value in REGIONS.items()},
    **{f"mask {field.name}": lambda it, f=field.name: it.with_masks(f) for field in fields(Masks)},
    "pixel": brighter,
    "frame spacing": lambda it: it.with_frame(spacing_mm=(0.25, 0.25)),
    "frame range": lambda it: it.with_frame(dynamic_range_db=60.0),
    "frame colour": lambda it: it.with_frame(coloured=it.image.masks.liver),
    "frame outside": lambda it: it.with_frame(outside=it.image.masks.kidney),
    "measured at": lambda it: replace(it, image=replace(it.image, measured_at=CONTEXT.created + timedelta(hours=1))),
}  # fmt: skip
"""Every way in which what objects are made of can differ."""


def assert_one_content_per_uid(one: dict[str, tuple[str, bytes]], other: dict[str, tuple[str, bytes]]) -> None:
    """Compare what bears the same UID."""
    assert [one[uid][0] for uid in one.keys() & other.keys() if one[uid] != other[uid]] == []


def test_no_field_is_forgotten() -> None:
    """Every field of context, result and algorithm is among the changes."""
    for kind, changes in ((ReportContext, CONTEXTS), (FrameResult, RESULTS), (Algorithm, ALGORITHMS)):
        assert [field.name for field in fields(kind)] == list(changes)


@pytest.mark.parametrize("change", CHANGES)
def test_other_content_has_another_uid(tmp_path: Path, change: str) -> None:
    """One thing differs: what bears the same UID is the same bytes."""
    made = Made(measured_image(tmp_path))

    assert_one_content_per_uid(made.objects(), CHANGES[change](made).objects())


@pytest.mark.parametrize("keyword", HEADERS)
def test_other_header_has_another_uid(tmp_path: Path, keyword: str) -> None:
    """The source instance says something else under the same UID: so do its objects, and under other ones."""
    made = Made(measured_image(tmp_path))
    before = made.objects()

    after = replace(made, image=measured_image(tmp_path, attributes={keyword: HEADERS[keyword]})).objects()

    assert_one_content_per_uid(before, after)
    assert not before.keys() & after.keys()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=st.sets(st.sampled_from(sorted(CHANGES)), max_size=6),
    other=st.sets(st.sampled_from(sorted(CHANGES)), max_size=6),
)
def test_any_two_differences(tmp_path: Path, one: set[str], other: set[str]) -> None:
    """Several things differ, in any combination."""
    image = measured_image(tmp_path)
    made = []
    for names in (one, other):
        changed = Made(image)
        for name in sorted(names):
            changed = CHANGES[name](changed)
        made.append(changed.objects())

    assert_one_content_per_uid(*made)


@pytest.mark.parametrize(
    ("field", "but"),
    [
        ("created", ""),
        ("revision", ""),
        ("supersedes", ""),
        ("priors", "sc"),
        ("is_final", ""),
        ("verifier", ""),
        ("presentation_state", "pr"),
        ("pdf", ""),
        ("seg_profile", "seg"),
        ("patient_on_picture", "sc"),
    ],
)
def test_objects_of_one_image_stay(tmp_path: Path, field: str, but: str) -> None:
    """What does not concern an image changes neither bytes nor UIDs of its objects, `but` the kind that shows it."""
    made = Made(replace(measured_image(tmp_path), measured_at=CONTEXT.created))

    before, after = made.objects(), CHANGES[f"context {field}"](made).objects()

    changed = {kind for uid, (kind, _) in before.items() if uid not in after}
    assert changed - {"sr", "pdf"} == ({but} if but else set())
    assert_one_content_per_uid(before, after)


def test_objects_of_one_image_stay_when_others_join(tmp_path: Path) -> None:
    """Other images of the study, measured or not, other frames of the same instance: nothing changes but the report."""
    image, second, third = (
        replace(measured_image(tmp_path, number=number, frames=4, frame_number=frame), measured_at=CONTEXT.created)
        for number, frame in ((1, 2), (1, 3), (2, 2))
    )
    made = Made(image)

    alone, together = made.objects(), made.objects(second, third)

    shared = alone.keys() & together.keys()
    assert {alone[uid][0] for uid in shared} == {"seg", "sc", "pr"}
    assert_one_content_per_uid(alone, together)


def test_same_values_same_uids(tmp_path: Path) -> None:
    """Equal values in other objects of Python, another folder among them, give the same objects."""
    (tmp_path / "elsewhere").mkdir()
    made = Made(measured_image(tmp_path))
    again = measured_image(tmp_path / "elsewhere")
    pixels = np.asfortranarray(again.frame.pixels)
    result = FrameResult.from_json(again.result.to_json())

    copied = replace(again, result=result, frame=Frame(pixels, 1, (0.3, 0.3)))

    assert replace(made, image=copied).objects() == made.objects()
