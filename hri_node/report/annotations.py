"""A measured image comes in, what its presentation state draws goes out: outlines, ROIs, a text in a free corner."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom.color import CIELabColor
from highdicom.pr import GraphicAnnotation, GraphicLayer, GraphicObject, TextObject
from pydicom import Dataset

from hri_node.report.contours import Points, contours
from hri_node.report.identity import Maker
from hri_node.report.source import Source
from hri_node.report.structures import CORTEX_ROI, KIDNEY, LIVER, LIVER_ROI, STRUCTURES, Structure
from hri_node.report.wording import DISCLAIMER, TITLE, index_words, quality_word, region_words

_TEXT_LAYER: Final = "TEXT"
_TEXT_RGB: Final = (245, 245, 245)

_BOX: Final = (0.40, 0.15)
"""Width and height of the text, in parts of the displayed area."""

_MARGIN: Final = 0.01

_ORGAN_WEIGHT: Final = 1_000_000.0
"""One pixel of an organ counts more than any brightness."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a presentation state draws: layers, and what is on each of them."""

    layers: list[GraphicLayer]
    annotations: list[GraphicAnnotation]


def drawing(source: Source, shown: Dataset, maker: Maker) -> Drawing:
    """Outlines of the organs, windows of the ROIs and the values of one measured image.

    Parameters
    ----------
    source
        The image.
    shown
        It once more, as highdicom accepts it.
    maker
        Whose Tracking UIDs it bears: those of SEG and report.
    """
    layers = [_layer(number, structure) for number, structure in enumerate(STRUCTURES, start=1)]
    annotations = [
        GraphicAnnotation([shown], layer, graphic_objects=found)
        for layer, structure in zip(layers, STRUCTURES, strict=True)
        if (found := _graphics(structure, source, maker))
    ]
    text = GraphicLayer(
        _TEXT_LAYER, order=len(layers) + 1, description="Values", display_color=CIELabColor.from_rgb(*_TEXT_RGB)
    )
    annotations.append(GraphicAnnotation([shown], text, text_objects=[_text(source)]))
    return Drawing([*layers, text], annotations)


def _layer(order: int, structure: Structure) -> GraphicLayer:
    """Return the layer of one structure; its name is a code string (PS3.5 6.2, CS)."""
    return GraphicLayer(
        structure.field.upper(),
        order=order,
        description=structure.label,
        display_color=CIELabColor.from_rgb(*structure.rgb),
    )


def _graphics(structure: Structure, source: Source, maker: Maker) -> list[GraphicObject]:
    """Return the polylines of one structure."""
    return [
        GraphicObject(
            "POLYLINE",
            points,
            units="PIXEL",
            tracking_id=structure.label,
            tracking_uid=maker.tracking_uid(structure.field, source),
        )
        for points in _polylines(structure, source)
    ]


def _polylines(structure: Structure, source: Source) -> list[Points]:
    """Return the outline of an organ, or the window of an ROI."""
    regions = {LIVER_ROI: source.result.liver, CORTEX_ROI: source.result.renal_cortex}
    if structure in {LIVER, KIDNEY}:
        return contours(structure.mask(source.masks))
    region = regions[structure]
    assert region is not None, "a measured image has both regions"
    return [_corners(region["window"])]


def _corners(window: dict[str, int]) -> Points:
    """Return a window as a closed polyline along the borders of its pixels."""
    left, top = window["column"], window["row"]
    right, bottom = left + window["columns"], top + window["rows"]
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], dtype=np.float64)


def _text(source: Source) -> TextObject:
    """Return the values, in the corner where they cover least."""
    result = source.result
    assert result.liver is not None, "a measured image has a liver region"
    assert result.renal_cortex is not None, "a measured image has a cortex region"
    lines = (
        f"{TITLE} {index_words(result)}",
        f"Liver mean {region_words(result.liver)}",
        f"Renal cortex mean {region_words(result.renal_cortex)}",
        f"Image quality: {quality_word(result)}",
        DISCLAIMER,
    )
    left, top = _free_corner(source)
    width, height = _BOX
    return TextObject(
        "\r\n".join(lines),
        units="DISPLAY",
        bounding_box=(left, top, left + width, top + height),
        text_justification="LEFT" if left == _MARGIN else "RIGHT",
    )


def _free_corner(source: Source) -> tuple[float, float]:
    """Return the left top end of the text: where no organ is, and of such corners the darkest."""
    width, height = _BOX
    right, bottom = round(1 - _MARGIN - width, 6), round(1 - _MARGIN - height, 6)
    corners = [(_MARGIN, _MARGIN), (right, _MARGIN), (_MARGIN, bottom), (right, bottom)]
    return min(corners, key=lambda corner: _covered(source, *corner))


def _covered(source: Source, left: float, top: float) -> float:
    """Return how much a text there would cover."""
    rows, columns = source.image.frame.pixels.shape
    width, height = _BOX
    down = slice(int(top * rows), int((top + height) * rows))
    across = slice(int(left * columns), int((left + width) * columns))
    organs = sum(int(structure.mask(source.masks)[down, across].sum()) for structure in STRUCTURES)
    return organs * _ORGAN_WEIGHT + float(source.image.frame.pixels[down, across].mean())
