"""A number of steps comes in; the stages of training and the learning rate of each step go out."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """Training at one size: until this share of all steps, with batches of so many pictures."""

    until: float
    shape: tuple[int, int]
    batch: int


def stage_at(step: int, steps: int, stages: tuple[Stage, ...]) -> Stage:
    """The stage that `step` (0-based) of `steps` belongs to."""
    return next(stage for stage in stages if step < math.ceil(stage.until * steps))


def rate_at(step: int, steps: int, peak: float, warm_up_steps: int) -> float:
    """Learning rate: linear warm-up to `peak`, then half a cosine down to a hundredth of it."""
    warm_up = min(warm_up_steps, max(1, steps // 4))
    if step < warm_up:
        return peak * (step + 1) / warm_up
    share = (step - warm_up) / max(1, steps - warm_up)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)
