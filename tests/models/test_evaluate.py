"""The evaluation of a version: figures from made-up results, real frames from a made-up folder, the card's text."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from builders import simple_picture
from networks import halves
from PIL import Image

pytest.importorskip("matplotlib")

from hri_node.measure.overlap import Overlap
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view
from hri_node.records import Algorithm
from hri_node.report.compare import FOUND_COLOURS, TRUTH_COLOURS
from hri_node.segment.runtime import Segmenter
from models.icnet import evaluate
from models.icnet.card import CARD, FIGURES, Evidence, card_of
from models.icnet.evaluate import jaccard, write_card
from models.icnet.markdown import count_of, percent, table
from models.icnet.plots import TILE, Prediction, draw_curves, draw_predictions, draw_sheet_of
from models.icnet.real import NEGATIVE, NO_KIDNEY, OUTLINED, RealFrame, jobs_of, measured_of, run_frames, sure_indices
from models.icnet.tables import ablations_table, real_tables, targets_table
from models.icnet.targets import Target, phantom_targets, real_targets
from models.icnet.totals import (
    by_screen,
    index_figures,
    organ_figures,
    reasons_of,
    worst_of,
)
from models.icnet.trial import Trial, measure_given, trial_of, truth_of
from models.icnet.viewcheck import calibration_error, view_figures

MANIFEST = """\
version = "9.9.9"
device_uid = "2.25.7"
input_shape = [256, 320]
classes = ["liver", "kidney"]

[training]
steps = 7
"""

FOUND = Overlap(100, 100, 0.9, 0.95, 1.0, 0.5)

TRIAL = Trial(
    seed=1,
    preset="paper",
    kind="hepatorenal",
    screen="A",
    truth=1.5,
    organs={"liver": FOUND, "kidney": FOUND},
    visible={"liver": FOUND, "kidney": FOUND},
    outcome="measured",
    reasons=(),
    hri=1.5,
    interval=(1.4, 1.6),
    views={"hepatorenal": 0.9, "other": 0.1},
    score=0.8,
    given_hri=1.4,
    given_interval=(1.3, 1.45),
    given_reasons=(),
)

MISSED = replace(TRIAL, outcome="not_measurable", reasons=("no_kidney",), hri=None, interval=None)


def overlap(index: float) -> Overlap:
    """An organ found with this index."""
    return Overlap(100, 90, index, 2 * index / (1 + index), 2.0, 1.0)


def a_frame(group: str, outcome: str, *, kidney: float = 0.5, confidence: str = "medium") -> RealFrame:
    """A real frame's result."""
    organs = {"liver": overlap(0.8), "kidney": overlap(kidney)}
    return RealFrame("f1", group, {"liver": "high", "kidney": confidence}, organs, outcome, (), 0.5)


TWIN = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "twin", halves)


@pytest.fixture
def version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A version's folder; what is tested is not its network."""
    monkeypatch.setattr("models.icnet.evaluate.segmenter_of", lambda _folder: TWIN)
    folder = tmp_path / "version"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST)
    return folder


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """Three real frames as they are laid out: one outlined, one of another view, one with a label map of a spleen."""
    folder = tmp_path / "frames"
    for name in ("images", "hepatorenal", "masks"):
        (folder / name).mkdir(parents=True)
    made = simple_picture()
    for name in ("c1", "c2", "a1"):
        Image.fromarray(made.pixels).save(folder / "images" / f"{name}.jpg")
    labels = (1 * made.masks["liver"] + 2 * made.masks["kidney"]).astype(np.uint8)
    Image.fromarray(labels).save(folder / "hepatorenal" / "c1.png")
    others = (1 * made.masks["liver"] + 7 * made.masks["kidney"]).astype(np.uint8)
    Image.fromarray(others).save(folder / "masks" / "a1.png")
    sure, unsure = {"liver": "high", "kidney": "low"}, {"liver": None, "kidney": None}
    outlines = {
        "c1.jpg": {"hepatorenal": True, "confidence": sure},
        "c2.jpg": {"hepatorenal": False, "confidence": unsure},
    }
    (folder / "hepatorenal" / "outlines.json").write_text(json.dumps(outlines))
    return folder


def test_jaccard_of_two_masks() -> None:
    """One of three pixels is shared; two empty masks agree."""
    one, other = np.array([True, True, False]), np.array([False, True, True])

    assert jaccard(one, other) == pytest.approx(1 / 3)
    assert jaccard(one & False, other & False) == 1


def test_an_organ_that_is_absent_is_in_no_mean() -> None:
    """Two views with a liver, one without in which some was found, one in which it is a sliver."""
    trials = [replace(TRIAL, organs={"liver": each}) for each in (overlap(0.9), overlap(0.5), Overlap(0, 7))]

    found = organ_figures([*trials, replace(TRIAL, organs={})], "liver")

    assert (found.views, found.absent, found.false) == (2, 1, 1)
    assert (found.mean, found.below, found.boundary_mm) == pytest.approx((0.7, 0.5, 1.0))


def test_index_figures_are_those_of_the_textbook() -> None:
    """Differences .1, -.1 and .3: bias .1, SD .2, limits by 1.96 of it; one of four views was not measured."""
    pairs = ((1.0, 1.1), (1.5, 1.4), (2.0, 2.3))
    trials = [replace(TRIAL, truth=truth, hri=hri, interval=(hri - 0.2, hri + 0.2)) for truth, hri in pairs]

    found = index_figures([*trials, MISSED])

    assert (found.views, found.usable) == (4, 0.75)
    assert (found.bias, found.sd, found.covered) == pytest.approx((0.1, 0.2, 2 / 3))
    assert found.limits == pytest.approx((0.1 - 1.96 * 0.2, 0.1 + 1.96 * 0.2))
    assert found.r == pytest.approx(np.corrcoef(*np.transpose(pairs))[0, 1])
    assert found.mape == pytest.approx((0.1 / 1 + 0.1 / 1.5 + 0.3 / 2) / 3)


def test_the_index_of_true_masks_is_told_apart() -> None:
    """With the true masks 1.4 was measured, .1 too low, and its interval does not hold 1.5."""
    found = index_figures([TRIAL] * 3, given=True)

    assert (found.bias, found.covered) == pytest.approx((-0.1, 0.0))


def test_other_views_are_no_part_of_the_index() -> None:
    """A left kidney has no true index, whatever was measured."""
    assert index_figures([replace(TRIAL, kind="left_kidney")]).views == 0


def test_the_view_check_is_told_by_kind() -> None:
    """Names, mean probability and share measured for each kind of view."""
    other = replace(MISSED, kind="other", views={"hepatorenal": 0.3, "other": 0.7})

    first, second = view_figures([TRIAL, TRIAL, other])

    assert (first.kind, first.views, first.measured, first.named) == ("hepatorenal", 2, 1.0, {"hepatorenal": 1.0})
    assert first.score == pytest.approx(0.8)
    assert (second.probability, second.measured, second.named) == (0.3, 0.0, {"other": 1.0})


def test_a_calibrated_probability_has_no_error() -> None:
    """.9 that is right nine times in ten has none; .9 that is never right is .9 off."""
    wrong = replace(TRIAL, kind="other")

    assert calibration_error([TRIAL] * 9 + [wrong]) == pytest.approx(0)
    assert calibration_error([wrong] * 5) == pytest.approx(0.9)


def test_screens_reasons_and_the_worst() -> None:
    """Grouped by screen; shares of the reasons; the lowest index first."""
    bad = replace(MISSED, screen="B", organs={"liver": overlap(0.2), "kidney": overlap(0.9)})

    assert {name: len(own) for name, own in by_screen([TRIAL, bad, TRIAL]).items()} == {"A": 2, "B": 1}
    assert reasons_of([TRIAL, bad]) == {"no_kidney": 0.5}
    assert worst_of([TRIAL, bad], 1) == [bad]


def test_a_phantom_is_tried_as_the_node_sees_it() -> None:
    """Given the true masks the index is near the truth; every organ that is there is scored."""
    view = make_view(3_000_000, PRESETS["paper"])

    found = trial_of(view, "paper", TWIN)

    assert found.is_hepatorenal
    assert set(found.organs) == {"liver", "kidney"}
    assert found.views["hepatorenal"] == pytest.approx(0.6)
    assert found.score <= 0.6
    assert found.organs["kidney"].truth_pixels == np.count_nonzero(truth_of(view)["kidney"])
    assert found.given_hri == pytest.approx(view.ratio, rel=0.4)
    assert found.given_hri == measure_given(view).hri


def test_frames_are_grouped_by_what_is_known_of_them(frames: Path) -> None:
    """Outlined, another view, a label map without a kidney."""
    found = {job.image.stem: (job.group, job.labels is not None) for job in jobs_of(frames)}

    assert found == {"c1": (OUTLINED, True), "c2": (NEGATIVE, False), "a1": (NO_KIDNEY, True)}


def test_organs_are_compared_where_a_label_map_shows_them(frames: Path, tmp_path: Path) -> None:
    """A map with liver and spleen says something of the liver alone."""
    found = {frame.name: frame for frame in run_frames(frames, TWIN, tmp_path / "pictures")}

    assert {name: set(frame.organs) for name, frame in found.items()} == {
        "c1": {"liver", "kidney"},
        "c2": set(),
        "a1": {"liver"},
    }
    assert found["a1"].organs["liver"] == found["c1"].organs["liver"]


def test_unsure_outlines_count_in_no_mean() -> None:
    """Of two kidneys, .5 is of medium confidence and .1 of low."""
    frames = [a_frame(OUTLINED, "measured"), a_frame(OUTLINED, "not_measurable", kidney=0.1, confidence="low")]

    assert sure_indices(frames, "kidney") == [0.5]
    assert measured_of(frames, OUTLINED) == (1, 2)
    assert "(0.100)" in "\n".join(real_tables(frames))


def test_targets_are_met_missed_or_not_measured() -> None:
    """At least, at most, and nothing to say without frames."""
    assert [Target("", found, 0.8).met for found in (0.8, 0.79)] == [True, False]
    assert [Target("", found, 0.05, at_most=True).met for found in (0.05, 0.06)] == [True, False]
    assert {each.met for each in real_targets([])} == {None}
    assert phantom_targets([]) == []
    assert "not measured" in targets_table(real_targets([]))[2]


def test_targets_of_good_phantoms_are_met_where_they_are() -> None:
    """Indices of .9 meet the liver's target and miss the kidney's."""
    found = {target.name: target.met for target in phantom_targets([TRIAL] * 3)}

    assert (found["paper-like: Jaccard liver"], found["paper-like: Jaccard kidney"]) == (True, False)
    assert found["paper-like: usable"]


def test_cells_say_what_is_not_known() -> None:
    """NaN and None are dashes, numbers have three digits, shares their per cent."""
    lines = table(["a", "b", "c"], [[None, math.nan, 0.12345]])

    assert lines[-1] == "| – | – | 0.123 |"
    assert (percent(math.nan), count_of(1, 4), count_of(0, 0)) == ("–", "1 of 4 (25.0 %)", "0 of 0")


def test_ablations_are_taken_from_their_file(tmp_path: Path) -> None:
    """A column for every key, in the order of their coming; nothing is said where there is no file."""
    path = tmp_path / "ablations.toml"
    path.write_text('note = "How."\n[[row]]\nwhat = "plain"\nreal_liver = 0.5\n[[row]]\nwhat = "more"\nextra = 1\n')

    lines = ablations_table(path)

    assert lines[0] == "How."
    assert lines[2] == "| what | real liver | extra |"
    assert lines[-1] == "| more | – | 1 |"
    assert ablations_table(None) == ["Nothing was recorded."]


def test_the_card_is_written_with_its_figures(version: Path, frames: Path, tmp_path: Path) -> None:
    """Every section, the notes of the training, the pictures; of real frames only figures stay with the version."""
    (version / "training.md").write_text("Trained on a rainy day.\n")
    trials = [replace(TRIAL, seed=3_000_000 + k, truth=1.2 + 0.1 * k) for k in range(3)]

    card = write_card(version, tmp_path / "work", {"paper": trials}, frames).read_text()

    assert card.startswith("# ICNet 9.9.9")
    assert "Trained on a rainy day." in card
    assert "| c1 |" in card
    assert {path.name for path in (version / FIGURES).iterdir()} == {"jaccard.png", "index-paper.png", "worst.jpg"}
    assert "c1.png" in {path.name.split("_")[1] for path in (tmp_path / "work" / "real").iterdir()}


def test_pictures_of_real_frames_never_lie_in_the_project(version: Path, frames: Path) -> None:
    """A folder inside it is refused before anything is rendered."""
    inside = Path(evaluate.__file__).parent / "work"

    with pytest.raises(typer.BadParameter, match="outside the project"):
        evaluate.main(version, inside, real=frames)
    assert not inside.exists()


def test_a_card_without_real_frames_says_so(version: Path) -> None:
    """And its targets on them are not measured."""
    card = card_of(Evidence(version, {"paper": [TRIAL] * 3}))

    assert "None were at hand" in card
    assert "not measured" in card
    assert not (version / CARD).exists()


def test_predictions_are_drawn_with_both_contours(tmp_path: Path) -> None:
    """What is found stands in one colour, the truth in another, on the network's frame."""
    labels = np.zeros((256, 320), np.uint8)
    labels[50:100, 50:150], labels[150:200, 50:150] = 1, 2
    probabilities = np.stack([labels == 1, labels == 2]).astype(np.float32).repeat(2, axis=2)[..., :320]

    draw_predictions([Prediction("one", labels * 50, labels, probabilities)] * 5, tmp_path / "sheet.png")

    with Image.open(tmp_path / "sheet.png") as sheet:
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 20) or []}
        assert sheet.size == (4 * TILE[0], 2 * TILE[1])
    assert {*FOUND_COLOURS.values(), *TRUTH_COLOURS.values()} <= colours


def test_curves_and_sheets_are_drawn(tmp_path: Path) -> None:
    """With and without something watched; pictures of different sizes share a sheet."""
    draw_curves([3.0, 2.0, 1.0], tmp_path / "plain.png")
    draw_curves([3.0, 2.0, 1.0], tmp_path / "watched.png", {"real": [(1, 0.2), (3, 0.4)]})
    draw_sheet_of([np.zeros((480, 640, 3), np.uint8), np.zeros((90, 50, 3), np.uint8)], tmp_path / "sheet.png")

    sizes = []
    for name in ("plain", "watched", "sheet"):
        with Image.open(tmp_path / f"{name}.png") as image:
            sizes.append(image.width)
    assert sizes[0] < sizes[1]
    assert sizes[2] == 1600
