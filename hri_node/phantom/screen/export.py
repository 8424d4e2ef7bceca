"""A screen comes in; the screen as it was stored, grabbed or exported goes out."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import convolve1d, gaussian_filter1d

from hri_node.phantom.geometry import COLUMNS, ROWS
from hri_node.phantom.screen.canvas import Bytes, Canvas, Screen
from hri_node.phantom.screen.chrome import draw_stamp
from hri_node.phantom.screen.style import Degradation, Style

RINGING = np.array([-0.1, 0.2, -0.6, 2.0, -0.6, 0.2, -0.1])
"""A filter that passes an even picture unchanged and overshoots at edges, as a video cable with a bad end."""


def finish(rng: np.random.Generator, screen: Screen, style: Style) -> Screen:
    """The screen moved by the style's frame and with the losses of its degradation.

    Parameters
    ----------
    rng
        Where chance comes from.
    screen
        As furnished.
    style
        Its `frame` and `degradation` are applied.

    Returns
    -------
    Screen
        Of the same size; the words that no phantom may lack are still on it.
    """
    shown = screen.pixels if screen.colour is None else screen.colour
    moved, overlay = style.frame.apply(shown), style.frame.apply(screen.overlay, 0)
    if style.frame.crops:
        picture = Image.fromarray(moved).convert("RGB")
        canvas = Canvas(picture, np.ascontiguousarray(np.asarray(picture).max(axis=2) > 8))  # noqa: PLR2004 - black
        draw_stamp(rng, canvas, style.ink)
        again = canvas.screen()
        moved, overlay = (again.pixels if again.colour is None else again.colour), overlay | again.overlay
    lossy = degrade(rng, moved, style)
    if lossy.ndim == 2:  # noqa: PLR2004 - grey
        return Screen(lossy, None, overlay)
    return Screen(np.asarray(Image.fromarray(lossy).convert("L")), lossy, overlay)


def degrade(_rng: np.random.Generator, pixels: Bytes, style: Style) -> Bytes:
    """The pixels with the losses of the style's degradation, in the order in which they happen.

    Parameters
    ----------
    pixels
        Shape (480, 640) or (480, 640, 3).
    style
        Its `degradation` is applied; without any, the pixels come back as they are.

    Returns
    -------
    Bytes
        Same shape.
    """
    loss = style.degradation
    if loss.scale < 1:
        pixels = _shrunk(pixels, loss.scale)
    if loss.blur or loss.ringing or loss.interlace or loss.pedestal:
        pixels = _grabbed(pixels, loss)
    if loss.bits < 8:  # noqa: PLR2004 - a byte
        step = 256 >> loss.bits
        pixels = np.asarray(np.round(pixels // step * (255 / (255 // step))), np.uint8)
    return _packed(pixels, loss.jpeg) if loss.jpeg else pixels


def _shrunk(pixels: Bytes, scale: float) -> Bytes:
    """Small once, and large again."""
    size = round(COLUMNS * scale), round(ROWS * scale)
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(small.resize((COLUMNS, ROWS), Image.Resampling.BICUBIC))


def _grabbed(pixels: Bytes, loss: Degradation) -> Bytes:
    """What a video signal and its grabber do: each row by itself."""
    signal: NDArray[np.float32] = pixels.astype(np.float32)
    if loss.blur:
        signal = gaussian_filter1d(signal, loss.blur, axis=1)
    if loss.ringing:
        signal = signal + np.float32(loss.ringing) * (convolve1d(signal, RINGING, axis=1) - signal)
    if loss.interlace:
        whole, part = int(loss.interlace), np.float32(loss.interlace % 1)
        odd = signal[1::2]
        signal[1::2] = (1 - part) * np.roll(odd, whole, axis=1) + part * np.roll(odd, whole + 1, axis=1)
    if loss.pedestal:
        signal = loss.pedestal + signal * np.float32((255 - 1.2 * loss.pedestal) / 255)
    return np.clip(np.round(signal), 0, 255).astype(np.uint8)


def _packed(pixels: Bytes, quality: int) -> Bytes:
    """Through JPEG and back."""
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=quality)
    stored.seek(0)
    return np.asarray(Image.open(stored))
