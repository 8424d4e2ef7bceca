"""A picture on the canonical grid comes in; size and contrast of its speckle along and across the beams go out."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

BANDS = {"near": (0.1, 0.4), "mid": (0.4, 0.7), "far": (0.7, 1.0)}
"""Depths as shares of the sector's."""

UPRIGHT_DEG = 14.0
"""Beams this close to the vertical: there, rows lie along the beam and columns across it."""

TREND_PIXELS = 5.0
"""Width of the Gaussian that is taken for the slow trend of tissue and gain."""

PATCH = 20
STRIDE = 10
"""Side and distance of the patches, pixels."""

GREY_MIN = 12.0
"""Darker patches show noise and the floor of the display."""

LAGS = 7
"""Autocovariance is taken up to 6 pixels."""

FIGURES = ("axial half width (px)", "lateral half width (px)", "SD (levels)", "SD / mean", "skewness")
"""Skewness: fully developed speckle under a logarithm is about -1, under many looks or a filter about 0."""

CALM_SHARE = 0.5
"""Of the patches of a band, the calmest half is used: the others hold borders and vessels."""


def speckle(grey: Floats, inside: Mask, depth: Floats, beam_deg: Floats) -> dict[str, float]:
    """Figures of the speckle in three bands of depth; a band without calm tissue has none.

    Parameters
    ----------
    grey
        Grey levels, shape (rows, columns).
    inside
        The sector.
    depth
        Share of the sector's depth.
    beam_deg
        Angle of the beam through each pixel, degrees from the vertical.
    """
    weight = inside.astype(np.float32)
    norm = np.maximum(gaussian_filter(weight, TREND_PIXELS), 1e-3)
    trend = gaussian_filter(grey * weight, TREND_PIXELS) / norm
    fine, upright = grey - trend, inside & (np.abs(beam_deg) <= UPRIGHT_DEG)
    figures: dict[str, float] = {}
    for name, (low, high) in BANDS.items():
        band = upright & (depth >= low) & (depth < high)
        patches = calm_patches(fine, trend, band)
        if patches:
            values = _summary(fine, trend, patches)
            figures |= {f"speckle: {what}, {name}": value for what, value in zip(FIGURES, values, strict=True)}
    return figures


def calm_patches(fine: Floats, trend: Floats, band: Mask) -> list[tuple[slice, slice]]:
    """The patches wholly in the band and bright enough whose brightness changes least.

    Parameters
    ----------
    fine
        The picture without its trend.
    trend
        The slow part.
    band
        Where patches may lie.
    """
    rated = []
    for top in range(0, band.shape[0] - PATCH + 1, STRIDE):
        for left in range(0, band.shape[1] - PATCH + 1, STRIDE):
            patch = slice(top, top + PATCH), slice(left, left + PATCH)
            level = float(trend[patch].mean())
            if level >= GREY_MIN and band[patch].all():
                unrest = float(trend[patch].std() + np.abs(fine[patch]).max() / 4) / level
                rated.append((unrest, top, left))
    chosen = sorted(rated)[: max(1, round(CALM_SHARE * len(rated)))] if rated else []
    return [(slice(top, top + PATCH), slice(left, left + PATCH)) for _, top, left in chosen]


def _summary(fine: Floats, trend: Floats, patches: list[tuple[slice, slice]]) -> tuple[float, ...]:
    """The values of `FIGURES` over the patches."""
    covariance = np.sum([autocovariance(fine[patch]) for patch in patches], axis=0)
    spread = np.array([fine[patch].std() for patch in patches]) + 1e-6
    means = np.array([trend[patch].mean() for patch in patches])
    third = np.array([((fine[patch] - fine[patch].mean()) ** 3).mean() for patch in patches])
    return (
        half_width(covariance[0]),
        half_width(covariance[1]),
        float(np.median(spread)),
        float(np.median(spread / means)),
        float(np.median(third / spread**3)),
    )


def autocovariance(patch: Floats) -> NDArray[np.float64]:
    """Autocovariance of a patch along rows (first) and along columns, at lags 0 to 6, shape (2, 7)."""
    values = patch - patch.mean()
    down = [float((values[lag:] * values[: len(values) - lag]).mean()) for lag in range(LAGS)]
    wide = values.shape[1]
    across = [float((values[:, lag:] * values[:, : wide - lag]).mean()) for lag in range(LAGS)]
    return np.array([down, across])


def half_width(covariance: NDArray[np.float64]) -> float:
    """Lag at which autocovariance falls to half, interpolated; the last lag where it never does."""
    share = covariance / max(covariance[0], 1e-9)
    below = np.flatnonzero(share < 0.5)  # noqa: PLR2004 - half
    if len(below) == 0:
        return float(len(share) - 1)
    first = int(below[0])
    if first == 0:
        return 0.0
    return float(first - 1 + (share[first - 1] - 0.5) / (share[first - 1] - share[first]))
