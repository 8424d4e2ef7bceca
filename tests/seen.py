"""What the measuring core sees of a hand-made picture: a picture in, its scene out."""

from dataclasses import replace

import numpy as np
from echoes import Echoes

from hri_node.measure.canonical import Canonical
from hri_node.measure.frame import look_for, measure_frame
from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.scene import Scene, build_scene
from hri_node.measure.sector import find_sector
from hri_node.measure.types import Grey, Measurement, Options


def stretched(shape: tuple[int, int], frame: tuple[int, int]) -> Canonical:
    """A network's frame of any size to which the whole source of `shape` was stretched."""
    return Canonical(0.0, 0.0, shape[0] / frame[0], shape[1] / frame[1])


def measured(
    picture: Echoes,
    options: Options | None = None,
    *,
    pixels: Grey | None = None,
    excluded: np.ndarray | None = None,
    views: np.ndarray | None = None,
) -> Measurement:
    """The measurement of a picture, or of other pixels with the same organs, seen by a network that stretches."""
    pixels = picture.pixels if pixels is None else pixels
    outline = look_for(pixels, picture.spacing_mm, excluded)
    whole = replace(outline, canonical=stretched(pixels.shape, picture.probabilities.shape[1:]))
    return measure_frame(whole, picture.probabilities, views, options)


def organs_of(picture: Echoes) -> tuple[Organ, Organ]:
    """Liver and kidney on the picture's grid."""
    shape = picture.pixels.shape
    canonical = stretched(shape, picture.probabilities.shape[1:])
    liver, kidney = (find_organ(probability, canonical, shape) for probability in picture.probabilities)
    return liver, kidney


def scene_of(picture: Echoes, pixels: Grey | None = None, excluded: np.ndarray | None = None) -> Scene:
    """The scene of a picture, or of other pixels with the same organs."""
    pixels = picture.pixels if pixels is None else pixels
    return build_scene(pixels, organs_of(picture), find_sector(pixels, picture.spacing_mm), excluded)
