"""Synthetic patients as files: one view each, its truth beside it, and a stopped run that goes on."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from hri_node.phantom.cohort import write_cohort

COUNT = 3


def test_each_view_is_a_patient_with_its_truth_and_a_run_goes_on(tmp_path: Path) -> None:
    """The same seed gives the same bytes; what is there stays; what was not written to its end is written again."""
    steps: list[int] = []
    patients = write_cohort(tmp_path, COUNT, 50, lambda: steps.append(1))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / f"{patients[1].patient_id}.json").unlink()
    patients[1].instance.write_bytes(b"half")
    kept = patients[0].instance.stat().st_mtime_ns

    again = write_cohort(tmp_path, COUNT, 50, lambda: steps.append(1))

    assert again == patients
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert patients[0].instance.stat().st_mtime_ns == kept
    assert len(steps) >= 2 * COUNT
    for patient in patients:
        header = dcmread(patient.instance)
        with Image.open(patient.labels) as labels:
            assert np.asarray(labels).shape == header.pixel_array.shape
        liver, cortex = patient.truth["levels"]
        assert header.PatientID == patient.patient_id
        assert liver / cortex == pytest.approx(patient.truth["ratio"])
    assert len({dcmread(patient.instance).StudyInstanceUID for patient in patients}) == COUNT
