"""What the measuring core sees of a hand-made picture: a picture in, its scene out."""

import numpy as np
from echoes import Echoes

from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.scene import Scene, build_scene
from hri_node.measure.sector import find_sector
from hri_node.measure.types import Grey


def organs_of(picture: Echoes) -> tuple[Organ, Organ]:
    """Liver and kidney on the picture's grid."""
    liver, kidney = (find_organ(probability, picture.pixels.shape) for probability in picture.probabilities)
    return liver, kidney


def scene_of(picture: Echoes, pixels: Grey | None = None, excluded: np.ndarray | None = None) -> Scene:
    """The scene of a picture, or of other pixels with the same organs."""
    pixels = picture.pixels if pixels is None else pixels
    return build_scene(pixels, organs_of(picture), find_sector(pixels, picture.spacing_mm), excluded)
