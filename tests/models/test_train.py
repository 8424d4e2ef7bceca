"""Training at a tiny size: it runs, it goes on where it stopped, and its parts do what they say."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import typer

pytest.importorskip("keras")

import keras

from hri_node.phantom.ranges import PAPER, Kind
from hri_node.phantom.view import make_view
from models.icnet import checkpoint
from models.icnet import train as module
from models.icnet.architecture import Design, build_icnet
from models.icnet.augment import Augmentation
from models.icnet.data import (
    HIDDEN_BIT,
    HIDDEN_WEIGHT,
    UNSURE_BIT,
    WIDE_WEIGHT,
    Phantoms,
    cached_phantoms,
    cut,
    mixture,
    targets_of,
    training_batch,
)
from models.icnet.fold import fold, recompute_statistics
from models.icnet.losses import head_loss, view_loss
from models.icnet.recipe import Recipe, read_recipe
from models.icnet.schedule import Stage
from models.icnet.train import Run, main, train

SMALL = Design((64, 96), 2, views=True)

TINY = (Stage(0.5, (32, 64), 2), Stage(1.0, (64, 64), 2))


@pytest.fixture(scope="module")
def phantoms() -> Phantoms:
    """Bright rectangles on dark ground stand for two organs; the last view shows one only."""
    labels = np.zeros((4, 256, 320), np.uint8)
    labels[:, 40:150, 50:200], labels[:3, 150:220, 100:250] = 1, 2
    pixels = np.array([20, 80, 160], np.uint8)[labels]
    return Phantoms(pixels, labels, np.array([0, 0, 0, 2], np.uint8))


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    """The one that is shipped, with four quick steps."""
    return replace(read_recipe(), steps=4, warm_up_steps=1, save_every=2, monitor_every=3, stages=TINY)


@dataclass(frozen=True)
class Trained:
    """A training in two parts, and the steps at which it was watched."""

    first: checkpoint.State
    last: checkpoint.State
    watched: list[int]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, phantoms: Phantoms, recipe: Recipe) -> Trained:
    """Two steps, a checkpoint, then the rest."""
    run, watched = Run(tmp_path_factory.mktemp("work"), recipe, eager=True), list[int]()

    def watcher(path: Path, step: int) -> str:
        assert path.exists()
        watched.append(step)
        return "seen"

    first = train(run, phantoms, until=2, watcher=watcher)
    return Trained(first, train(run, phantoms, watcher=watcher), watched)


def test_training_runs_and_resumes(trained: Trained) -> None:
    """Finite losses, none forgotten, over two sizes of pictures; watched when it is time and at each end."""
    assert (trained.first.step, trained.last.step) == (2, 4)
    assert trained.last.losses[:2] == trained.first.losses
    assert np.isfinite(trained.last.losses).all()
    assert len(trained.last.losses) == 4
    assert trained.watched == [2, 3, 4]


def test_same_seed_gives_same_training(tmp_path: Path, trained: Trained, phantoms: Phantoms, recipe: Recipe) -> None:
    """The first loss depends on weights and batch, and both come from the seed."""
    again = train(Run(tmp_path, recipe, eager=True), phantoms, until=1)

    assert again.losses[0] == pytest.approx(trained.first.losses[0], rel=1e-5)


def test_a_wrong_recipe_stops_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and exit code 2, before anything is rendered."""
    (tmp_path / "recipe.toml").write_text("steps = 3\n")

    with pytest.raises(typer.Exit) as stop:
        main(tmp_path / "work", config=tmp_path / "recipe.toml")

    assert stop.value.exit_code == 2
    assert "other keys" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


def test_only_jax_compiles() -> None:
    """TensorFlow's own kernels are faster on a CPU."""
    assert module._on_jax() == (keras.backend.backend() == "jax")


def test_batches_depend_on_the_seed_alone(phantoms: Phantoms) -> None:
    """The same generator makes the same batch: channels, targets and kinds."""
    first, second = (training_batch(phantoms, np.random.default_rng(5), 3, (64, 96)) for _ in range(2))

    np.testing.assert_array_equal(first.channels, second.channels)
    np.testing.assert_array_equal(first.kinds, second.kinds)
    assert first.channels.shape == (3, 64, 96, 2)
    assert first.targets.shape == (3, 64, 96, 3)


def test_batches_show_what_the_phantoms_are(phantoms: Phantoms) -> None:
    """Without augmentation each view of a batch has the organs of its kind."""
    batch = training_batch(phantoms, np.random.default_rng(0), 12, (256, 320), Augmentation(0, 0, 0))

    assert set(batch.kinds) == {0, 2}
    for targets, kind in zip(batch.targets, batch.kinds, strict=True):
        assert targets[..., 0].sum() == 110 * 150
        assert targets[..., 1].any() == (kind == 0)


def test_phantoms_are_rendered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache holds views cut to their sector, with what is hidden marked; the second call only reads."""
    first = cached_phantoms(tmp_path, 2, first_seed=7)
    monkeypatch.setattr("models.icnet.data._render", None)
    again = cached_phantoms(tmp_path, 2, first_seed=7)

    view = make_view(8)
    pixels, labels = cut(view)
    np.testing.assert_array_equal(first.pixels[1], pixels)
    np.testing.assert_array_equal(again.labels[1], labels)
    assert list(Kind)[again.kinds[1]] is view.kind
    assert (labels >= HIDDEN_BIT).any() == view.hidden.any()


def test_narrow_shadows_hardly_count() -> None:
    """Bit 7 of a cached label lowers the weight and leaves the organ: it closes behind a rib."""
    labels = np.ones((64, 64), np.uint8)
    labels[:, 30:34] |= HIDDEN_BIT

    targets = targets_of(labels)

    assert (targets[..., 0] == 1).all()
    assert not targets[..., 1].any()
    assert targets[:, 30:34, 2] == pytest.approx(HIDDEN_WEIGHT)
    assert targets[:, :30, 2] == pytest.approx(1)


def test_organs_end_at_wide_shadows() -> None:
    """Three cells both ways and more: readers stop there, and so shall the network."""
    labels = np.full((64, 64), 2, np.uint8)
    labels[16:48, 8:48] |= HIDDEN_BIT

    targets = targets_of(labels)

    assert not targets[16:48, 8:48, 1].any()
    assert targets[16:48, 8:48, 2] == pytest.approx(WIDE_WEIGHT)
    assert (targets[:16, :, 1] == 1).all()
    assert (targets[:16, :, 2] == 1).all()


def test_unsure_pixels_do_not_count() -> None:
    """Labels that the network gave itself have no weight where it was not sure; they are still what they seem."""
    labels = np.ones((16, 16), np.uint8)
    labels[:8] |= UNSURE_BIT

    targets = targets_of(labels)

    assert (targets[..., 0] == 1).all()
    assert not targets[:8, :, 2].any()
    assert (targets[8:, :, 2] == 1).all()


def test_presets_are_mixed_as_the_recipe_says(tmp_path: Path) -> None:
    """So many of each, from the first seed of each on, kinds with them."""
    both = mixture(tmp_path, {"training": 1, "paper": 2})

    clean = [cut(make_view(seed, PAPER)) for seed in range(2)]
    assert len(both.kinds) == 3
    np.testing.assert_array_equal(both.pixels[1:], [pixels for pixels, _ in clean])
    np.testing.assert_array_equal(both.labels[1:], [labels for _, labels in clean])
    assert list(both.kinds[1:]) == [0, 0]


def test_loss_prefers_the_truth() -> None:
    """Confident and right costs less than undecided, which costs less than confident and wrong."""
    targets = np.zeros((1, 8, 8, 3), np.float32)
    targets[:, :4, :, 0], targets[:, 4:, :, 1], targets[..., 2] = 1, 1, 1
    right = 16 * targets[..., :2] - 8

    losses = [float(head_loss(targets, logits)) for logits in (right, 0 * right, -right)]

    assert losses == sorted(losses)
    assert losses[0] < 0.1


def test_pixels_without_weight_cost_nothing() -> None:
    """Whatever is said of them."""
    targets = np.ones((1, 8, 8, 3), np.float32)
    targets[:, 4:, :, 2] = 0
    right = np.full((1, 8, 8, 2), 8, np.float32)
    wrong = right.copy()
    wrong[:, 4:] = -8

    assert float(head_loss(targets, wrong)) == pytest.approx(float(head_loss(targets, right)), abs=1e-6)


def test_coarse_heads_see_averaged_targets() -> None:
    """A head at half size is compared with the mean of four pixels."""
    targets = np.ones((1, 8, 8, 3), np.float32)

    assert float(head_loss(targets, np.full((1, 4, 4, 2), 8, np.float32))) < 0.1


def test_view_loss_is_the_cross_entropy() -> None:
    """By hand: nine parts and a half of ten on the truth, the rest spread; undecided costs the logarithm of five."""
    sharp = np.array([[4, 0, 0, 0, 0]], np.float32)
    chances = np.exp(sharp[0]) / np.exp(sharp[0]).sum()
    expected = -(0.95 * np.log(chances[0]) + 0.01 * np.log(chances).sum())

    assert float(view_loss(np.array([0]), sharp)) == pytest.approx(float(expected), rel=1e-4)
    assert float(view_loss(np.array([3]), 0 * sharp)) == pytest.approx(np.log(5), rel=1e-4)
    assert float(view_loss(np.array([1]), sharp)) > float(view_loss(np.array([0]), sharp))


def test_folding_keeps_the_function(phantoms: Phantoms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The served graph computes what the trained one does at inference, organs and views: to 1e-3, for rounding."""
    monkeypatch.setattr("models.icnet.fold.STATISTICS_BATCHES", 4)
    keras.utils.set_random_seed(0)
    trained, served = build_icnet(SMALL, training=True), build_icnet(SMALL, training=False)
    recompute_statistics(trained, phantoms)
    fold(trained, served)
    channels = training_batch(phantoms, np.random.default_rng(1), 1, SMALL.shape).channels

    quarter, _, _, views = (np.asarray(output, np.float64) for output in trained(channels, training=False))
    organs, chances = (np.asarray(output) for output in served(channels))

    full = keras.ops.image.resize(quarter, SMALL.shape, interpolation="bilinear", data_format="channels_last")
    np.testing.assert_allclose(organs, 1 / (1 + np.exp(-np.asarray(full))), atol=1e-3)
    risen = np.exp(views - views.max())
    np.testing.assert_allclose(chances, risen / risen.sum(), atol=1e-3)


def test_average_follows_the_weights() -> None:
    """The first update lets the average go most of the way to changed weights, later ones less."""
    model = build_icnet(Design((32, 32), 2, views=True), training=True)
    state = checkpoint.State(0, [0 * weight for weight in checkpoint.weights_of(model)])

    state.update(model)
    kernel, mean = checkpoint.weights_of(model)[0], state.average[0].copy()
    state.update(model)

    np.testing.assert_allclose(mean, 0.9 * kernel, rtol=1e-4)
    np.testing.assert_allclose(state.average[0], (2 / 11 * 0.9 + 9 / 11) * kernel, rtol=1e-4)
    assert state.step == 2
