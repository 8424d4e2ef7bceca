"""Derived UIDs, equipment and dates."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import ALGORITHM, CONTEXT, measured_image
from pydicom.uid import UID

from hri_node.report.capture import secondary_capture
from hri_node.report.identity import Maker, derived_uid
from hri_node.report.source import read_source

MAKER = Maker(ALGORITHM, CONTEXT)


@given(st.text(), st.lists(st.text() | st.integers()))
def test_derived_uid_is_valid(kind: str, parts: list[str | int]) -> None:
    """Whatever a UID is derived from, it is a valid one of at most 64 characters."""
    uid = UID(derived_uid(kind, *parts))

    assert uid.is_valid
    assert len(uid) <= 64


def test_derived_uid_stays() -> None:
    """A UID derived today is the one derived by the first release: this value never changes."""
    assert derived_uid("sr", "1.2.3", 4) == "2.25.167300276552470320981834522275414665981"


def test_parts_do_not_run_together() -> None:
    """Parts that join to the same text give different UIDs."""
    assert derived_uid("a", "b", "cd") != derived_uid("a", "bc", "d")


@pytest.mark.parametrize("change", [{"parameters": "method paper"}, {"manufacturer": "Another"}])
def test_other_context_other_uid(change: dict[str, str]) -> None:
    """Whatever would change the content of an object changes its UID."""
    assert Maker(ALGORITHM, replace(CONTEXT, **change)).uid("seg", "1.2") != MAKER.uid("seg", "1.2")


def test_other_network_other_uid() -> None:
    """Another version of the network has a Device UID of its own, and so have its results."""
    other = Maker(replace(ALGORITHM, device_uid="2.25.99"), CONTEXT)

    assert other.uid("seg", "1.2") != MAKER.uid("seg", "1.2")


def test_dates_are_on_the_clock_of_the_source(tmp_path: Path) -> None:
    """Where the source says its offset, the result is dated by it, so that one offset holds for the whole object."""
    source = read_source(measured_image(tmp_path, attributes={"TimezoneOffsetFromUTC": "+0900"}))

    made = secondary_capture(source, MAKER)

    assert (made.TimezoneOffsetFromUTC, made.ContentDate, made.ContentTime) == ("+0900", "20250102", "213045")
    assert made.ContributingEquipmentSequence[0].ContributionDateTime == "20250102213045+0900"


def test_dates_without_an_offset(tmp_path: Path) -> None:
    """Where the source says none, the caller's own zone counts and no offset is claimed for the study's times."""
    east = timezone(timedelta(hours=1))
    context = replace(CONTEXT, created=datetime(2025, 1, 2, 23, 59, 58, tzinfo=east))

    made = secondary_capture(read_source(measured_image(tmp_path)), Maker(ALGORITHM, context))

    assert "TimezoneOffsetFromUTC" not in made
    assert (made.InstanceCreationDate, made.InstanceCreationTime) == ("20250102", "235958")


def test_equipment_names_program_and_network(tmp_path: Path) -> None:
    """An object names this program as its equipment, and the network with its Device UID as contributing."""
    made = secondary_capture(read_source(measured_image(tmp_path)), MAKER)

    network = made.ContributingEquipmentSequence[0]
    assert (made.ManufacturerModelName, made.DeviceSerialNumber) == ("hri-node", ALGORITHM.sha256[:16])
    assert (network.ManufacturerModelName, network.SoftwareVersions) == (ALGORITHM.name, ALGORITHM.version)
    assert network.DeviceUID == ALGORITHM.device_uid
