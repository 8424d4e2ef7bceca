"""A phantom on the network's frame comes in; the same one moved, and as other machines would show it, goes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

BLACK = 2
"""Grey levels up to this are screen, not echo: no gain lifts them."""

CONVOLUTIONS = 4
HIDDEN_CHANNELS = 2
"""Of the random network; Ouyang et al. take four layers of two channels."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Which ingredients are used, each 0 (not at all) to 1.

    Attributes
    ----------
    geometry
        Turned, scaled, squeezed, moved, mirrored.
    light
        Gamma, gain, uneven gain, blur, grain, wedges of shadow.
    convolutions
        Share of views whose appearance a random shallow network changes.
    """

    geometry: float = 1.0
    light: float = 1.0
    convolutions: float = 0.35


def augmented(
    rng: np.random.Generator, pair: tuple[Bytes, Bytes], shape: tuple[int, int], how: Augmentation
) -> tuple[Bytes, Bytes]:
    """A view moved and shown otherwise.

    Parameters
    ----------
    rng
        Where chance comes from.
    pair
        Pixels and labels, the network's frame.
    shape
        (rows, columns) wanted.
    how
        Which ingredients.

    Returns
    -------
    tuple
        Pixels and labels, uint8, of that shape.

    References
    ----------
    Ouyang et al., Causality-inspired single-source domain generalization, IEEE TMI 2022: the random networks.
    """
    pixels, labels = _moved(rng, pair, shape, how.geometry)
    grey = pixels.astype(np.float32)
    seen = grey > BLACK
    grey = _lit(rng, grey, how.light)
    if rng.random() < how.convolutions:
        grey = _convolved(rng, grey, seen)
    return np.clip(np.where(seen, grey, pixels), 0, 255).astype(np.uint8), labels


def _moved(
    rng: np.random.Generator, pair: tuple[Bytes, Bytes], shape: tuple[int, int], strength: float
) -> tuple[Bytes, Bytes]:
    """Both under one affine map of the frame."""
    rows, columns = pair[0].shape
    turn = strength * rng.uniform(-0.2, 0.2)
    scale, squeeze = np.exp(strength * rng.uniform(-0.22, 0.22)), np.exp(strength * rng.uniform(-0.14, 0.14))
    mirror = -1.0 if rng.random() < 0.12 * strength else 1.0
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    matrix = np.array([[cos * squeeze * mirror, -sin * squeeze], [sin / squeeze * mirror, cos / squeeze]])
    matrix = matrix @ np.diag([columns / shape[1], rows / shape[0]])
    shift = (
        np.array([columns, rows]) * (0.5 + strength * rng.uniform(-0.1, 0.1, 2)) - matrix @ np.array(shape[::-1]) / 2
    )
    numbers = (*matrix[0], shift[0], *matrix[1], shift[1])
    size = (shape[1], shape[0])
    if shape[0] < rows:  # Shrunk first, or speckle would be sampled instead of averaged.
        pair = (
            np.asarray(Image.fromarray(pair[0]).resize(size, Image.Resampling.BOX).resize((columns, rows))),
            pair[1],
        )
    images = [Image.fromarray(np.ascontiguousarray(values)) for values in pair]
    ways = (Image.Resampling.BILINEAR, Image.Resampling.NEAREST)
    moved = [
        image.transform(size, Image.Transform.AFFINE, numbers, way) for image, way in zip(images, ways, strict=True)
    ]
    return np.asarray(moved[0]), np.asarray(moved[1])


def _lit(rng: np.random.Generator, grey: Floats, strength: float) -> Floats:
    """Other grey map, gain, sharpness and grain; shadows in wedges."""
    gamma, gain = np.exp(strength * rng.uniform(-0.5, 0.5)), np.exp(strength * rng.uniform(-0.4, 0.4))
    grey = np.asarray(255 * (grey / 255) ** np.float32(gamma) * np.float32(gain), np.float32)
    if rng.random() < 0.5 * strength:
        grey = np.asarray(grey * np.exp(_smooth(rng, grey.shape, 4) * np.float32(0.25)), np.float32)
    if rng.random() < 0.4 * strength:
        grey = gaussian_filter(grey, rng.uniform(0.3, 1.4))
    if rng.random() < 0.25 * strength:
        grey = grey * _wedge(rng, grey.shape)
    if rng.random() < 0.5 * strength:
        grain = rng.standard_normal(grey.shape, dtype=np.float32)
        grain = gaussian_filter(grain, rng.uniform(0.4, 1.2)) if rng.random() < 0.5 else grain  # noqa: PLR2004 - half
        grey = grey * (1 + np.float32(rng.uniform(0, 0.2)) * grain) + np.float32(rng.uniform(0, 3)) * grain
    return np.asarray(np.clip(grey, 0, 255), np.float32)


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], knots: int) -> Floats:
    """A field that changes slowly, standard deviation about one."""
    coarse = Image.fromarray(rng.standard_normal((knots, knots), dtype=np.float32))
    return np.asarray(coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), np.float32)


def _wedge(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """A soft shadow that starts somewhere and widens downwards."""
    rows, columns = (np.arange(size, dtype=np.float32) for size in shape)
    middle = rng.uniform(0.2, 0.8) * shape[1] + rng.uniform(-0.5, 0.5) * (rows - rng.uniform(-0.4, 0.2) * shape[0])
    width = (0.02 + 0.1 * rng.random()) * (shape[1] + rows)
    beside = np.abs(columns[np.newaxis, :] - middle[:, np.newaxis]) / width[:, np.newaxis]
    behind = np.clip((rows - rng.uniform(0, 0.6) * shape[0]) / 12, 0, 1)[:, np.newaxis]
    depth = np.float32(rng.uniform(0.3, 0.95))
    return np.asarray(1 - depth * behind / (1 + np.exp(np.clip(8 * (beside - 1), -30, 30))), np.float32)


def _convolved(rng: np.random.Generator, grey: Floats, seen: NDArray[np.bool_]) -> Floats:
    """A shallow network with random weights, mixed with the picture itself; mean and power stay."""
    planes: list[Floats] = [np.asarray(grey / 255, np.float32)]
    for layer in range(CONVOLUTIONS):
        last = layer == CONVOLUTIONS - 1
        planes = _layer(rng, planes, 1 if last else HIDDEN_CHANNELS, wide=rng.random() < 0.5)  # noqa: PLR2004 - half
        if not last:
            planes = [np.maximum(plane, np.float32(0.2) * plane) for plane in planes]
    source, drawn = grey[seen] / 255, planes[0][seen]
    if len(source) == 0:
        return grey
    drawn = drawn - drawn.mean() + source.mean()
    drawn *= np.sqrt(np.square(source).sum() / (np.square(drawn).sum() + 1e-6))
    share = np.float32(rng.random())
    mixed = grey.copy()
    mixed[seen] = 255 * (share * drawn + (1 - share) * source)
    return mixed


def _layer(rng: np.random.Generator, planes: list[Floats], count: int, *, wide: bool) -> list[Floats]:
    """Convolutions 3 × 3 or 1 × 1 with normal weights."""
    reach = (-1, 0, 1) if wide else (0,)
    results = []
    for _ in range(count):
        total = np.full(planes[0].shape, np.float32(0.3 * rng.standard_normal()), np.float32)
        for plane in planes:
            for down in reach:
                for right in reach:
                    weight = np.float32(rng.standard_normal())
                    total += weight * (np.roll(plane, (down, right), (0, 1)) if down or right else plane)
        results.append(total)
    return results
