"""Recipes: the shipped ones can be read, a wrong one is named, stages and rates follow them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hri_node.phantom.ranges import PRESETS
from hri_node.segment.runtime import INPUT_SHAPE
from models.icnet.recipe import DEFAULT, FINETUNE, read_recipe, read_tuning
from models.icnet.schedule import Stage, rate_at, stage_at

STAGES = (Stage(0.3, (160, 192), 24), Stage(1.0, (256, 320), 16))


def altered(tmp_path: Path, source: Path, old: str, new: str) -> Path:
    """A recipe with a line changed."""
    text = source.read_text()
    assert old in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(old, new))
    return path


def test_shipped_recipe_ends_at_the_size_that_is_served() -> None:
    """All stages are multiples of 32; the last is the network's frame."""
    recipe = read_recipe()

    assert recipe.stages[-1].shape == INPUT_SHAPE
    assert all(size % 32 == 0 for stage in recipe.stages for size in stage.shape)
    assert set(recipe.views) <= set(PRESETS)
    assert recipe.steps > recipe.warm_up_steps > 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("seed = 0", "", "other keys than it should: seed"),
        ("seed = 0", "seed = 0\nlearning = 3", "other keys than it should: learning"),
        ("until = 1.0", "until = 0.9", "last stage must go"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A key that is missing or unknown, and stages that stop early; the sentence names it."""
    with pytest.raises(ValueError, match=sentence):
        read_recipe(altered(tmp_path, DEFAULT, old, new))


def test_a_recipe_without_stages_is_refused() -> None:
    """There is nothing to train at."""
    with pytest.raises(ValueError, match="last stage must go"):
        replace(read_recipe(), stages=())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phantoms": 1.0}, "phantoms must be"),
        ({"phantoms": -0.1}, "phantoms must be"),
        ({"unlabelled": 1.1}, "unlabelled from 0 to 1"),
        ({"batch": 0}, "must be 1 at least"),
        ({"steps": 0}, "must be 1 at least"),
        ({"views": {"training": 3, "paper": 0}}, "must be 1 at least"),
    ],
)
def test_a_fine_tuning_that_cannot_be_is_refused(changes: dict[str, Any], sentence: str) -> None:
    """Shares are shares, and counts begin with one."""
    with pytest.raises(ValueError, match=sentence):
        replace(read_tuning(), **changes)


def test_a_fine_tuning_with_other_keys_is_refused(tmp_path: Path) -> None:
    """The recipe of a training is none of a fine-tuning."""
    with pytest.raises(ValueError, match="other keys"):
        read_tuning(DEFAULT)
    with pytest.raises(ValueError, match="other keys than it should: rate"):
        read_tuning(altered(tmp_path, FINETUNE, "rate = ", "# rate = "))


def test_stages_follow_each_other() -> None:
    """The first three tenths of the steps, counted from 0, belong to the first stage."""
    found = [stage_at(step, 10, STAGES) for step in range(10)]

    assert found == [STAGES[0]] * 3 + [STAGES[1]] * 7
    assert stage_at(0, 1, STAGES[1:]) is STAGES[1]


def test_rate_rises_then_falls() -> None:
    """Straight to the peak, then a cosine to a hundredth of it; a short training warms up for a quarter of it."""
    rates = [rate_at(step, 1000, 2e-3, 150) for step in range(1000)]

    assert max(rates) == rates[150] == pytest.approx(2e-3)
    assert rates[:150] == sorted(rates[:150])
    assert rates[150:] == sorted(rates[150:], reverse=True)
    assert rates[0] == pytest.approx(2e-3 / 150)
    assert rates[575] == pytest.approx(2e-3 * 0.505, rel=0.01)
    assert rates[-1] == pytest.approx(2e-5, rel=0.01)
    assert rate_at(0, 4, 1.0, 150) == 1.0
