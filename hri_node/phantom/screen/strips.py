"""A canvas comes in; a strip along its bottom whose columns are moments in time (M-mode, spectral Doppler) is drawn."""

import numpy as np
from PIL import Image

from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import COLUMNS, ROWS
from hri_node.phantom.screen.canvas import Canvas
from hri_node.phantom.screen.style import Style

TOP, LEFT, RIGHT = 236, 20, COLUMNS - 30
"""Where the strip lies, in pixels."""

WALL_FILTER = 2
"""Pixels beside the base line that a spectrum leaves out."""


def draw_strip(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """Motion of layers, or speeds of flow, above an axis with its seconds."""
    shape = (ROWS - 26 - TOP, RIGHT - LEFT)
    grey = _motion(rng, shape) if rng.random() < 0.5 else _spectrum(rng, shape)  # noqa: PLR2004 - one in two
    canvas.image.paste(Image.fromarray(grey.astype(np.uint8)), (LEFT, TOP))
    for column in range(LEFT, RIGHT, int(rng.integers(40, 90))):
        canvas.pen.line((column, ROWS - 24, column, ROWS - 18), fill=style.ink)
    for row in range(TOP, ROWS - 26, int(rng.integers(24, 48))):
        canvas.pen.line((RIGHT + 4, row, RIGHT + 10, row), fill=style.ink)
    canvas.write((ROWS - 14, LEFT), f"{rng.choice([25, 50, 100])} mm/s", style.ink, style.letters)


def _motion(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Layers that rise and fall together with breath and heart."""
    layers = (
        70
        + 45 * smooth_noise(rng, (3 * shape[0], 2), (9, 1))[:, 0]
        + 20 * smooth_noise(rng, (3 * shape[0], 2), (3, 1))[:, 0]
    )
    time = np.arange(shape[1])
    rise = 9 * np.sin(2 * np.pi * (time / rng.uniform(160, 400) + rng.random()))
    rise += 4 * np.sin(2 * np.pi * time / rng.uniform(45, 90)) ** 3
    depth = np.arange(shape[0])[:, None]
    rows = np.clip(shape[0] + depth + rise * (0.4 + depth / shape[0]), 0, 3 * shape[0] - 1).astype(int)
    return np.asarray(np.clip(layers[rows] + 9 * smooth_noise(rng, shape, (2, 2)), 0, 255), np.float32)


def _spectrum(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Speeds above a base line, one hump per heart beat."""
    base, time = rng.uniform(0.55, 0.85) * shape[0], np.arange(shape[1])
    beat = (time / rng.uniform(70, 130) + rng.random()) % 1
    speed = (
        rng.uniform(0.25, 0.6) * base * (0.35 + 0.65 * np.exp(-((beat - 0.15) ** 2) / 0.01) + 0.2 * np.exp(-3 * beat))
    )
    above = base - np.arange(shape[0])[:, None]
    filled = np.exp(-(((above - 0.8 * speed) / (0.25 * speed)) ** 2)) * (above < 1.1 * speed)
    filled = (filled + 0.35 * (above < speed)) * (above > WALL_FILTER)
    grey = 190 * filled * (0.7 + 0.3 * smooth_noise(rng, shape, (3, 2))) + 8 * np.abs(smooth_noise(rng, shape, (2, 2)))
    grey[int(base)] = 150
    return np.asarray(np.clip(grey, 0, 255), np.float32)
