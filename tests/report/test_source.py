"""How a result cites its source."""

import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import measured_image
from pydicom import Dataset, config

from hri_node.errors import Unreadable
from hri_node.records import MeasuredImage
from hri_node.report.source import PROXY_CLASS, cite, cite_frame, read_source


def reference(uid: str) -> Dataset:
    """Return a reference as highdicom writes it from a proxy."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = PROXY_CLASS, uid
    return item


def test_single_frame_has_no_frame_number(tmp_path: Path) -> None:
    """A reference to a single-frame instance carries no frame number."""
    assert read_source(measured_image(tmp_path)).frame_numbers is None


@pytest.mark.parametrize("options", [{"frames": 3, "frame_number": 2}, {"multi_frame": True, "frame_number": 1}])
def test_multi_frame_has_its_frame_number(tmp_path: Path, options: dict[str, int]) -> None:
    """A reference to a multi-frame instance carries it, also where the instance holds one frame only."""
    assert read_source(measured_image(tmp_path, **options)).frame_numbers == [options["frame_number"]]


@pytest.mark.parametrize(
    ("attributes", "options", "number"),
    [
        ({"InstanceNumber": 7}, {}, 7),
        ({"InstanceNumber": None}, {}, 1),
        ({"InstanceNumber": 7}, {"frames": 3, "frame_number": 2}, 7002),
        ({"InstanceNumber": 2**31 - 1}, {"frames": 3, "frame_number": 2}, 2),
    ],
)
def test_instance_number_follows_the_source(
    tmp_path: Path, attributes: dict[str, int], options: dict[str, int], number: int
) -> None:
    """Results are numbered after their source and frame, never beyond what IS can hold."""
    assert read_source(measured_image(tmp_path, attributes=attributes, **options)).instance_number == number


def test_proxy_withholds_names(tmp_path: Path) -> None:
    """What highdicom gets has no name to put into a warning, and the header keeps it."""
    source = read_source(measured_image(tmp_path, frames=2))

    assert source.proxy.PatientName == source.proxy.ReferringPhysicianName == ""
    assert "NumberOfFrames" not in source.proxy
    assert source.header.PatientName == "Prüfung^Bär"


def test_cite_restores_the_class_everywhere(tmp_path: Path) -> None:
    """References to the source at any depth get its true class, others keep theirs."""
    source = read_source(measured_image(tmp_path, frames=2))
    made, nested = Dataset(), Dataset()
    nested.SourceImageSequence = [reference(source.instance_uid), reference("1.2.3")]
    made.DerivationImageSequence = [nested]

    cite(made, {source.instance_uid: source})

    classes = [item.ReferencedSOPClassUID for item in nested.SourceImageSequence]
    assert classes == [source.header.SOPClassUID, PROXY_CLASS]


def test_cite_frame_leaves_the_instance_reference_alone(tmp_path: Path) -> None:
    """The frame number goes to source images, not to the same item in the Common Instance Reference module."""
    source = read_source(measured_image(tmp_path, frames=2, frame_number=2))
    made, series, shared = Dataset(), Dataset(), reference(source.instance_uid)
    series.ReferencedInstanceSequence = [shared]
    made.SourceImageSequence, made.ReferencedSeriesSequence = [shared], [series]

    cite_frame(made, source)

    assert made.SourceImageSequence[0].ReferencedFrameNumber == 2
    assert "ReferencedFrameNumber" not in made.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]


@pytest.fixture(scope="module")
def odd_source(tmp_path_factory: pytest.TempPathFactory) -> MeasuredImage:
    """Return a measured image whose source has sequences, windows and a request: much that can be broken."""
    item, code = Dataset(), Dataset()
    item.PatientID, item.PatientName, item.ReferencedFrameNumber = "A", "X^Y", 7
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "US", "99X", "Sonography"
    item.RequestedProcedureCodeSequence = [code]
    names = ("OtherPatientIDsSequence", "ProcedureCodeSequence", "ReferencedImageSequence", "RequestAttributesSequence")
    attributes = {**{name: [item] for name in names}, "WindowCenter": ["1", "2"], "WindowWidth": ["5", "9"]}
    return measured_image(tmp_path_factory.mktemp("odd"), attributes=attributes, rows=240, columns=320)


@given(st.lists(st.tuples(st.integers(0, 1800), st.integers(0, 255)), min_size=1, max_size=4))
def test_broken_header_is_carried_or_refused(odd_source: MeasuredImage, changes: list[tuple[int, int]]) -> None:
    """Whatever bytes of a header are broken, it is carried over as far as it goes, or refused in a sentence."""
    broken = bytearray(odd_source.path.read_bytes())
    for place, byte in changes:
        broken[332 + place] = byte  # behind the File Meta Information
    path = odd_source.path.with_name("broken.dcm")
    path.write_bytes(broken)

    with warnings.catch_warnings(), config.disable_value_validation(), suppress(Unreadable):
        warnings.simplefilter("ignore")
        assert read_source(replace(odd_source, path=path)).result == odd_source.result
