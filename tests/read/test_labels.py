"""Label maps as other programs write them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hri_node.errors import Unreadable
from hri_node.read.labels import read_labels

CLASSES = np.array([[0, 1, 1], [2, 2, 4]], np.uint8)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "I;16"])
def test_classes_are_the_same_in_every_mode(tmp_path: Path, mode: str) -> None:
    """Grey, palette, grey in colour channels, 16 bits: the values are the classes."""
    image = Image.fromarray(CLASSES)
    if mode == "P":
        image = Image.fromarray(CLASSES, "L")
        image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 9, 9, 0, 0, 255])
    elif mode == "I;16":
        image = Image.fromarray(CLASSES.astype(np.uint16))
    else:
        image = image.convert(mode)
    image.save(tmp_path / "map.png")

    np.testing.assert_array_equal(read_labels(tmp_path / "map.png"), CLASSES)


def test_a_coloured_map_is_no_label_map(tmp_path: Path) -> None:
    """Which colour is which class is not known."""
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "map.png")

    with pytest.raises(Unreadable, match=r"map\.png is in colour"):
        read_labels(tmp_path / "map.png")


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    """One sentence with the file's name."""
    (tmp_path / "map.png").write_text("no picture")

    with pytest.raises(Unreadable, match=r"map\.png"):
        read_labels(tmp_path / "map.png")
