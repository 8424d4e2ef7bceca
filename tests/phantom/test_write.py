"""The folder that `hri-node phantom` writes."""

import json
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image

from hri_node.phantom.view import make_view
from hri_node.phantom.write import write_views


def test_folder_holds_images_labels_and_truth(tmp_path: Path) -> None:
    """One picture, one label map and one line for each view, in order, as `make_view` gives them."""
    done: list[bool] = []

    truth = write_views(tmp_path, 2, 30, progress=lambda: done.append(True))

    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert [line["seed"] for line in lines] == [30, 31]
    assert len(done) == 2
    for line in lines:
        view = make_view(line["seed"])
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "images" / f"{line['stem']}.png")), view.pixels)
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "labels" / f"{line['stem']}.png")), view.labels)


def test_dicom_makes_one_study(tmp_path: Path) -> None:
    """All instances of one call belong to one study."""
    write_views(tmp_path, 2, 40, dicom=True, preset="paper")

    headers = [pydicom.dcmread(path) for path in sorted((tmp_path / "dicom").iterdir())]
    assert len({ds.StudyInstanceUID for ds in headers}) == 1
    assert len({ds.SOPInstanceUID for ds in headers}) == 2
