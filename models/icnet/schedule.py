"""A number of steps comes in; the stages of training and the learning rate of each step go out."""

import math
from dataclasses import dataclass

PEAK_RATE = 1e-3
"""Highest learning rate of AdamW."""

WARM_UP_STEPS = 150
"""Steps over which the rate rises to its peak."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Training at one size: until this share of all steps, with batches of so many pictures."""

    until: float
    shape: tuple[int, int]
    batch: int


STAGES = (
    Stage(0.55, (256, 320), 8),
    Stage(0.75, (384, 512), 4),
    Stage(1.00, (480, 640), 3),
)
"""Small pictures first, for they are cheap; the last stage is the size that is served."""


def stage_at(step: int, steps: int, stages: tuple[Stage, ...] = STAGES) -> Stage:
    """The stage that `step` (0-based) of `steps` belongs to."""
    return next(stage for stage in stages if step < math.ceil(stage.until * steps))


def rate_at(step: int, steps: int) -> float:
    """Learning rate: linear warm-up, then half a cosine down to a hundredth of the peak."""
    warm_up = min(WARM_UP_STEPS, max(1, steps // 4))
    if step < warm_up:
        return PEAK_RATE * (step + 1) / warm_up
    share = (step - warm_up) / max(1, steps - warm_up)
    return PEAK_RATE * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)
