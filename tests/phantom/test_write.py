"""The folder that `hri-node phantom` writes."""

import json
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image

from hri_node.phantom.view import make_view
from hri_node.phantom.write import write_study, write_views


def test_folder_holds_images_labels_and_truth(tmp_path: Path) -> None:
    """One picture, one label map and one line for each view, in order, as `make_view` gives them."""
    done: list[bool] = []

    truth = write_views(tmp_path, 2, 30, progress=lambda: done.append(True))

    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert [line["seed"] for line in lines] == [30, 31]
    assert len(done) == 2
    for line in lines:
        view = make_view(line["seed"])
        picture = view.pixels if view.colour is None else view.colour
        for folder, values in (("images", picture), ("labels", view.labels)):
            written = np.asarray(Image.open(tmp_path / folder / f"{line['stem']}.png"))
            np.testing.assert_array_equal(written, values)
        truth_of = json.loads(json.dumps(view.truth()))
        assert {name: line[name] for name in truth_of} == truth_of


def test_dicom_makes_one_study(tmp_path: Path) -> None:
    """All instances of one call belong to one study."""
    write_views(tmp_path, 2, 40, dicom=True, preset="paper")

    headers = [pydicom.dcmread(path) for path in sorted((tmp_path / "dicom").iterdir())]
    assert len({ds.StudyInstanceUID for ds in headers}) == 1
    assert len({ds.SOPInstanceUID for ds in headers}) == 2


def test_study_is_what_a_scanner_sends(tmp_path: Path) -> None:
    """Clean views, numbered from 1, of one study that two calls give alike."""
    first, again = (write_study(tmp_path / name, 2, 50) for name in ("a", "b"))

    headers = [pydicom.dcmread(path) for path in first]
    assert [ds.InstanceNumber for ds in headers] == [1, 2]
    assert len({ds.StudyInstanceUID for ds in headers}) == 1
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
