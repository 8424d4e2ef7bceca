"""The image of a subject comes in as a file; its grey levels go out."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from hri_node.errors import Unavailable
from hri_node.measure.types import Grey

PICTURES_KEPT: Final = 16
"""In memory: readers mark both organs of one image before they go on."""


@lru_cache(PICTURES_KEPT)
def stored_pixels(path: Path, sha256: str) -> Grey:  # noqa: ARG001 - another content is another entry of the cache
    """Grey levels of a study's image.

    Parameters
    ----------
    path
        The PNG.
    sha256
        Of it.

    Raises
    ------
    Unavailable
        When it cannot be read: the disk is at fault.
    """
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return np.asarray(picture.convert("L"))
    except OSError as error:
        raise Unavailable(f"image {path.name} cannot be read: {error}") from error
