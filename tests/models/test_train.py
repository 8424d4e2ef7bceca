"""Training at a tiny size: it runs, it goes on where it stopped, and its parts do what they say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

from models.icnet import checkpoint
from models.icnet.architecture import build_icnet
from models.icnet.data import DEEP_SHADOW_WEIGHT, SHADOW_BIT, Phantoms, targets_of, training_batch
from models.icnet.fold import fold, recompute_statistics
from models.icnet.losses import head_loss
from models.icnet.schedule import STAGES, Stage, rate_at, stage_at
from models.icnet.train import Run, train

TINY = (Stage(0.5, (32, 64), 2), Stage(1.0, (64, 64), 2))


@pytest.fixture(scope="module")
def phantoms() -> Phantoms:
    """Two bright rectangles on black stand for two organs."""
    labels = np.zeros((4, 480, 640), np.uint8)
    labels[:, 100:300, 100:400], labels[:, 300:420, 200:500] = 1, 2
    return Phantoms(pixels=np.array([0, 80, 160], np.uint8)[labels], labels=labels)


def test_training_runs_and_resumes(tmp_path: Path, phantoms: Phantoms) -> None:
    """Two steps, a checkpoint, then the rest: finite losses, none forgotten, sizes changed on the way."""
    run = Run(tmp_path, steps=4, save_every=2, stages=TINY, eager=True)

    first = train(run, phantoms, until=2)
    last = train(run, phantoms)

    assert (first.step, last.step) == (2, 4)
    assert last.losses[:2] == first.losses
    assert np.isfinite(last.losses).all()
    assert len(last.losses) == 4


def test_same_seed_gives_same_training(tmp_path: Path, phantoms: Phantoms) -> None:
    """The first loss depends on weights and batch, and both come from the seed."""
    run = Run(tmp_path / "a", steps=4, stages=TINY, eager=True)

    losses = [train(replace(run, work=tmp_path / name), phantoms, until=1).losses[0] for name in ("a", "b")]

    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_batches_depend_on_the_seed_alone(phantoms: Phantoms) -> None:
    """The same generator makes the same batch."""
    first, second = (training_batch(phantoms, np.random.default_rng(5), 3, (64, 96)) for _ in range(2))

    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.targets.shape == (3, 64, 96, 3)


def test_deep_shadow_hardly_counts() -> None:
    """Bit 7 of a cached label lowers the weight and leaves the organ."""
    targets = targets_of(np.array([[1, 1 + SHADOW_BIT, 2]], np.uint8))

    assert targets[0] == pytest.approx(np.array([[1, 0, 1], [1, 0, DEEP_SHADOW_WEIGHT], [0, 1, 1]]))


def test_loss_prefers_the_truth() -> None:
    """Confident and right costs less than undecided, which costs less than confident and wrong."""
    targets = np.zeros((1, 8, 8, 3), np.float32)
    targets[:, :4, :, 0], targets[:, 4:, :, 1], targets[..., 2] = 1, 1, 1
    right = 16 * targets[..., :2] - 8

    losses = [float(head_loss(targets, logits)) for logits in (right, 0 * right, -right)]

    assert losses == sorted(losses)
    assert losses[0] < 0.1


def test_coarse_heads_see_averaged_targets() -> None:
    """A head at half size is compared with the mean of four pixels."""
    targets = np.ones((1, 8, 8, 3), np.float32)

    assert float(head_loss(targets, np.full((1, 4, 4, 2), 8, np.float32))) < 0.1


def test_rate_rises_then_falls() -> None:
    """Warm-up to the peak, then a cosine to a hundredth of it."""
    rates = [rate_at(step, 1000) for step in range(1000)]

    assert np.argmax(rates) in (149, 150)
    assert rates[0] < rates[50] < max(rates) == pytest.approx(1e-3)
    assert rates[-1] < 2e-5


def test_last_stage_is_what_is_served() -> None:
    """Training ends at 480×640."""
    assert stage_at(99, 100).shape == (480, 640)
    assert stage_at(0, 100) is STAGES[0]


def test_folding_keeps_the_function(phantoms: Phantoms) -> None:
    """The served graph computes what the trained one does at inference, to rounding."""
    trained, served = build_icnet((64, 96), training=True), build_icnet((64, 96), training=False)
    recompute_statistics(trained, phantoms)
    fold(trained, served)
    picture = training_batch(phantoms, np.random.default_rng(1), 1, (64, 96)).pixels

    logits = np.asarray(trained(picture, training=False)[0])

    np.testing.assert_allclose(np.asarray(served(picture)), 1 / (1 + np.exp(-logits)), atol=1e-4)


def test_average_follows_the_weights() -> None:
    """The first update lets the average go most of the way to changed weights, later ones less."""
    model = build_icnet((32, 32), training=True)
    state = checkpoint.State(0, [0 * weight for weight in checkpoint.weights_of(model)])

    state.update(model)

    kernel, mean = checkpoint.weights_of(model)[0], state.average[0]
    np.testing.assert_allclose(mean, 0.9 * kernel, rtol=1e-4)
