"""The network as it stands and frames that nobody outlined come in; label maps that count where it is sure go out."""

from collections.abc import Callable

import numpy as np

from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL
from hri_node.segment.channels import network_channels
from models.icnet.data import UNKNOWN_KIND, UNSURE_BIT, Bytes, Floats, Phantoms

SURE_LOW, SURE_HIGH = 0.1, 0.9
"""Only pixels with a probability below or above count."""

BELIEVED = 0.5
"""Share of what is marked that must be found for the rest of a guess to count."""

CHUNK = 8
"""Pictures that the network sees at once."""

Chances = Callable[[Floats], Floats]
"""From channels (pictures, rows, columns, 2) to probabilities of liver and kidney (pictures, rows, columns, 2)."""


def guessed_views(chances: Chances, pixels: Bytes) -> Phantoms:
    """Frames with the labels that the network gives them, as training takes them.

    Parameters
    ----------
    chances
        The network.
    pixels
        On the network's frame, shape (frames, rows, columns). Each is seen as it is and mirrored.
    """
    both_ways = [_both_ways(chances, pixels[first : first + CHUNK]) for first in range(0, len(pixels), CHUNK)]
    labels = guessed_labels(np.concatenate(both_ways))
    return Phantoms(pixels, labels, np.full(len(pixels), UNKNOWN_KIND, np.uint8))


def stamped(views: Phantoms, certain: Bytes) -> Phantoms:
    """Views whose labels give way to what is known; where they miss most of that, nothing else of the view counts.

    Parameters
    ----------
    views
        With the labels that the network gave them.
    certain
        What is known, shape of the labels; 0 where nothing is.
    """
    labels = [_stamped(*pair) for pair in zip(views.labels, certain, strict=True)]
    return Phantoms(views.pixels, np.stack(labels), views.kinds)


def _stamped(guessed: Bytes, certain: Bytes) -> Bytes:
    """Who does not see an organ where it is marked says nothing about where it is not."""
    marked = [certain == value for value in (LIVER_LABEL, KIDNEY_LABEL)]
    plain = guessed & (UNSURE_BIT - 1)
    shares = [(plain[mask] == certain[mask]).mean() for mask in marked if mask.any()]
    taken = guessed if min(shares, default=1.0) >= BELIEVED else np.full_like(guessed, UNSURE_BIT)
    return np.where(certain > 0, certain, taken)


def _both_ways(chances: Chances, pixels: Bytes) -> Floats:
    """Mean of what the network says of pictures and of their mirror images."""
    plain, mirrored = (
        chances(np.stack([network_channels(np.ascontiguousarray(picture)) for picture in way]))
        for way in (pixels, pixels[..., ::-1])
    )
    return np.asarray((plain + mirrored[:, :, ::-1]) / 2, np.float32)


def guessed_labels(probabilities: Floats) -> Bytes:
    """Label maps of probabilities: the likelier organ, and bit 6 where any organ is neither sure nor out of question.

    Parameters
    ----------
    probabilities
        Of liver and kidney, shape (frames, rows, columns, 2).
    """
    liver, kidney = probabilities[..., 0], probabilities[..., 1]
    labels = np.select([np.maximum(liver, kidney) <= 1 / 2, liver >= kidney], [0, LIVER_LABEL], KIDNEY_LABEL)
    unsure = ((probabilities >= SURE_LOW) & (probabilities <= SURE_HIGH)).any(axis=-1)
    unsure |= (probabilities > SURE_HIGH).all(axis=-1)
    return np.where(unsure, labels | UNSURE_BIT, labels).astype(np.uint8)
