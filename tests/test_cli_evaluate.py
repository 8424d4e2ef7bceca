"""`hri-node evaluate`: pairs, figures, pictures, exit codes."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import instance_file, simple_picture
from networks import halves, knows
from PIL import Image

from hri_node.cli import run
from hri_node.commands.pairing import pair_up
from hri_node.commands.scores import Score, class_summary, image_table, summary, summary_table
from hri_node.measure.overlap import Overlap
from hri_node.records import Algorithm
from hri_node.segment.runtime import Segmenter


@pytest.fixture(autouse=True)
def twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is not the network."""
    segmenter = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "twin", halves)
    monkeypatch.setattr("hri_node.segment.runtime.load", lambda *_: segmenter)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures, a label map of the first, and an empty map of the second."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    for name, seed in (("one", 0), ("two", 1)):
        made = simple_picture(seed=seed)
        Image.fromarray(made.pixels).save(tmp_path / "images" / f"{name}.png")
        labels = 1 * made.masks["liver"] + 4 * made.masks["kidney"] if name == "one" else 0 * made.pixels
        Image.fromarray(labels.astype(np.uint8)).save(tmp_path / "labels" / f"{name}.png")
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def touch(*paths: Path) -> None:
    """Empty files, with the folders they need."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def a_score(name: str, **classes: Overlap) -> Score:
    """An image that was not measured."""
    return Score(name, f"{name}.png", f"{name}.png", 1, "not_measurable", ("no_liver",), None, classes)


def test_each_image_is_a_line_and_the_summary_the_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keys that programs rely on; a class that is not in the truth is in no mean."""
    assert call(monkeypatch, "evaluate", "images", "labels", "--json", "--map", "liver=1,kidney=4") == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(line["image"]).name for line in lines[:2]] == ["one.png", "two.png"]
    keys = {"truth_pixels", "found_pixels", "jaccard", "dice", "boundary_px", "boundary_mm"}
    assert set(lines[0]["classes"]["kidney"]) == keys
    assert lines[0]["outcome"] in {"measured", "not_measurable"}
    assert lines[1]["classes"]["liver"]["jaccard"] is None
    totals = lines[2]["summary"]
    assert (totals["images"], totals["classes"]["liver"]["images"]) == (2, 1)
    assert totals["classes"]["liver"]["absent_images"] == 1


def test_a_perfect_network_agrees_with_the_truth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both organs are found to a pixel or two, and the image is measured."""
    perfect = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "twin", knows(simple_picture(seed=0)))
    monkeypatch.setattr("hri_node.segment.runtime.load", lambda *_: perfect)

    options = ("--json", "--map", "liver=1,kidney=4", "--mm-per-px", "0.3")
    assert call(monkeypatch, "evaluate", "images/one.png", "labels/one.png", *options) == 0

    found = json.loads(capsys.readouterr().out.splitlines()[0])
    assert found["outcome"] == "measured"
    assert min(each["jaccard"] for each in found["classes"].values()) > 0.95
    assert max(each["boundary_mm"] for each in found["classes"].values()) < 0.6


def test_its_own_label_maps_agree_wholly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What `measure --labels-dir` wrote has index 1."""
    call(monkeypatch, "measure", "images", "--labels-dir", "own")
    capsys.readouterr()

    assert call(monkeypatch, "evaluate", "images", "own", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()[:-1]]
    classes = [each for line in lines for each in line["classes"].values()]
    assert [each["jaccard"] for each in classes] == [1.0] * 4
    assert all(each["found_pixels"] == each["truth_pixels"] > 0 for each in classes)


def test_pictures_are_named_worst_first(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Their order by name is their order by index."""
    call(monkeypatch, "evaluate", "images", "labels", "--map", "liver=1,kidney=4", "--pictures", "seen")

    names = sorted(path.name for path in (folder / "seen").iterdir())
    assert [name[:5] for name in names] == ["0001_", "0002_"]
    assert names == sorted(names, key=lambda name: float(name.split("_")[1]))


def test_frames_of_an_instance_have_their_own_maps(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The label map of frame 2 is compared with frame 2, a map of a frame that is not there is code 4."""
    instance_file(folder, frames=2)
    for number in (2, 3):
        Image.new("L", (640, 480)).save(folder / "labels" / f"instance_{number}.png")

    assert call(monkeypatch, "evaluate", "instance.dcm", "labels", "--json") == 4
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[0])["frame_number"] == 2
    assert "instance_3.png is for frame 3, 2 are there" in captured.err


def test_a_map_of_another_size_is_code_4(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sizes are told, and the other image is evaluated."""
    Image.new("L", (20, 10)).save(folder / "labels" / "one.png")

    assert call(monkeypatch, "evaluate", "images", "labels", "--json") == 4
    captured = capsys.readouterr()
    assert "one.png has 10 x 20 pixels, its image 480 x 640" in captured.err
    assert json.loads(captured.out.splitlines()[-1])["summary"]["unreadable"] == 1


@pytest.mark.parametrize(
    "options",
    [["--map", "spleen=1"], ["--map", "liver=x"], ["--map", "liver=0"], ["--map", "liver=1,kidney=1"], ["--map", ""]],
)
def test_wrong_label_values_are_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """The option is named."""
    assert call(monkeypatch, "evaluate", "images", "labels", *options) == 2
    assert "--map" in capsys.readouterr().err


def test_nothing_to_pair_is_code_2(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Folders whose names do not meet are a mistake of the caller."""
    touch(folder / "empty" / "other.png")

    assert call(monkeypatch, "evaluate", "images", "empty") == 2


def test_files_are_paired_by_stem_and_the_rest_is_told(tmp_path: Path) -> None:
    """Subfolders tell equal stems apart; a JPEG is no label map."""
    images, labels = tmp_path / "here", tmp_path / "there"
    touch(images / "x.jpg", images / "a" / "y.png", images / "b" / "y.png", images / "lone.png")
    touch(labels / "deep" / "x.png", labels / "a" / "y.png", labels / "b" / "y.png", labels / "lone.jpg")

    found = pair_up(images, labels)

    pairs = [(str(pair.image.relative_to(images)), str(pair.labels.relative_to(labels))) for pair in found.pairs]
    assert sorted(pairs) == [("a/y.png", "a/y.png"), ("b/y.png", "b/y.png"), ("x.jpg", "deep/x.png")]
    assert [path.name for path in found.unpaired] == ["lone.png"]
    assert len({pair.name for pair in found.pairs}) == 3


def test_images_and_maps_may_share_a_folder(tmp_path: Path) -> None:
    """A label map is not an image of itself."""
    both = tmp_path / "both"
    touch(both / "x.jpg", both / "x.png")

    found = pair_up(both, both)

    assert [(pair.image.name, pair.labels.name) for pair in found.pairs] == [("x.jpg", "x.png")]
    assert found.unpaired == []


def test_totals_of_a_class() -> None:
    """Means over the images that show it, false area over those that do not."""
    overlaps = [Overlap(100, 90, 0.8, 0.9, 1.0), Overlap(100, 0, 0.0, 0.0), Overlap(0, 50), Overlap(0, 0)]

    found = class_summary(overlaps)

    assert (found["images"], found["jaccard_mean"], found["jaccard_below_0.7"]) == (2, 0.4, 0.5)
    assert (found["boundary_px_mean"], found["boundary_mm_mean"]) == (1.0, None)
    assert (found["absent_images"], found["false_images"], found["false_pixels_mean"]) == (2, 1, 25)


def test_false_area_ranks_with_the_worst() -> None:
    """An organ found where none is counts as 0, a miss of a half as what it is, silence rightly kept as 1."""
    ranks = [a_score("x", liver=each).worst for each in (Overlap(0, 9), Overlap(9, 9, 0.5, 0.6), Overlap(0, 0))]

    assert ranks == [0, 0.5, 1]


def test_tables_have_a_line_per_image_and_per_class() -> None:
    """A class that no image shows is no reason to fail."""
    scores = [a_score("x", liver=Overlap(9, 9, 1.0, 1.0, 0.0, 0.0), kidney=Overlap(0, 4)) for _ in range(3)]

    assert image_table(scores).row_count == 3
    assert summary_table(summary(scores, 1, 0)).row_count == 2
