"""Measured images come in, the measurement groups of TID 1500 go out; every one of them carries coordinates.

OHIF leaves the whole viewport blank for a report in which one group has none (seen with 3.13.2). Of a group without
region it shows each NUM that has coordinates, or has no children; so what only programs need has a modifier.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from pydicom import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import SegmentationStorage

from hri_node.measure.summary import representative, study_hri
from hri_node.measure.types import VIEWS, Caution, Reason
from hri_node.records import FrameResult, PriorIndex
from hri_node.report import codes
from hri_node.report.content import Relation, code, container, image, number, reference
from hri_node.report.identity import Maker
from hri_node.report.regions import bracket, region_group, stem
from hri_node.report.remarks import failure_remarks, index_remarks, study_remarks
from hri_node.report.seg import segmentation_uid
from hri_node.report.source import Source
from hri_node.report.structures import CORTEX_ROI, LIVER_ROI, STRUCTURES
from hri_node.report.templates import algorithm, comments, derived, frame, inferred_from, measurement_group, site

INDEX_DECIMALS: Final = 3
DECIBEL_DECIMALS: Final = 2

_TEMPLATE: Final = "1501"

_TRACKING_INDEX: Final = "Hepatorenal index"
_TRACKING_STUDY: Final = "Hepatorenal index of the study"

_CORNER: Final = (0.02, 0.08)
"""Parts of columns and rows: OHIF draws an arrow to a point and writes beside it. There it points at no anatomy."""

_CONFIDENT_SITES: Final = {"liver": (codes.LIVER, None), "kidney": (codes.KIDNEY, codes.RIGHT)}
"""Keys of `FrameResult.segmentation_confidence`."""


def image_groups(source: Source, maker: Maker, priors: Sequence[PriorIndex] = ()) -> list[Dataset]:
    """Three groups of one measured image: the index (TID 1501) and its two ROIs (TID 1410).

    Parameters
    ----------
    source
        The image.
    maker
        Who measured.
    priors
        Earlier indices, where this image is all that was measured.
    """
    liver, cortex = source.result.liver, source.result.renal_cortex
    assert liver is not None, "a measured image has a liver region"
    assert cortex is not None, "a measured image has a cortex region"
    return [
        _index_group(source, maker, priors),
        region_group(LIVER_ROI, liver, source, maker),
        region_group(CORTEX_ROI, cortex, source, maker),
    ]


def study_group(sources: Sequence[Source], maker: Maker, priors: Sequence[PriorIndex]) -> Dataset:
    """Group of the study's index (TID 1501): the median of its measured images, anchored on the one nearest to it."""
    values = [_index(source) for source in sources]
    anchor = sources[representative(values)]
    chosen = [
        code(Relation.HAS_CONCEPT_MOD, codes.MEASUREMENT_METHOD, codes.MEDIAN_OF_IMAGES),
        derived(codes.MEDIAN),
        inferred_from(stem(anchor), anchor),
    ]
    median = round(float(study_hri(values)), INDEX_DECIMALS)
    rows = [
        number(Relation.CONTAINS, codes.HEPATORENAL_INDEX, (median, codes.RATIO), chosen),
        number(Relation.CONTAINS, codes.NUMBER_OF_IMAGES, (len(values), codes.IMAGES), [derived(codes.TOTAL)]),
        _said(codes.STATUS, codes.DONE),
        *(image(Relation.CONTAINS, codes.SOURCE_OF_MEASUREMENT, frame(source)) for source in sources),
        image(Relation.CONTAINS, codes.BEST_ILLUSTRATION, frame(anchor)),
        *comments(study_remarks(len(values), priors)),
    ]
    tracking_uid = maker.uid("tracking-study", *(part for source in sources for part in source.key))
    return _index_rows(_TRACKING_STUDY, tracking_uid, maker, rows)


def failure_group(source: Source, maker: Maker, images: int, priors: Sequence[PriorIndex]) -> Dataset:
    """Group of an index that could not be had (TID 1501), for the image of a study that came nearest to one."""
    rows, columns = source.image.frame.pixels.shape
    corner = inferred_from([(_CORNER[0] * columns, _CORNER[1] * rows)], source)
    found = [
        number(Relation.CONTAINS, codes.HEPATORENAL_INDEX, codes.MEASUREMENT_FAILURE, [corner]),
        *_confidence(source.result),
        _said(codes.IMAGE_QUALITY, codes.NON_DIAGNOSTIC_QUALITY),
        *(_said(codes.STATUS, reason) for reason in _reasons(source)),
        image(Relation.CONTAINS, codes.SOURCE_OF_MEASUREMENT, frame(source)),
        *comments(failure_remarks(source.result, images, priors)),
    ]
    return _index_rows(_TRACKING_INDEX, maker.tracking_uid("index", source), maker, found)


def not_measured(sources: Iterable[Source]) -> list[Dataset]:
    """Section with the reasons of every image that has no index (TID 1500, Qualitative Evaluations); or nothing."""
    found = [
        code(Relation.CONTAINS, codes.STATUS, reason, [image(Relation.INFERRED_FROM, codes.SOURCE, frame(source))])
        for source in sources
        for reason in _reasons(source)
    ]
    return [container(Relation.CONTAINS, codes.QUALITATIVE_EVALUATIONS, found)] if found else []


def _index_group(source: Source, maker: Maker, priors: Sequence[PriorIndex]) -> Dataset:
    """Return the group of one image's index."""
    cautions = [codes.CAUTIONS[Caution(value)] for value in source.result.warnings]
    segments = range(1, len(STRUCTURES) + 1)
    segmented = reference(SegmentationStorage, segmentation_uid(source, maker), segment_numbers=segments)
    rows = [
        *_index_values(source),
        *_confidence(source.result),
        _said(codes.IMAGE_QUALITY, codes.LIMITED_QUALITY if cautions else codes.DIAGNOSTIC_QUALITY),
        _said(codes.STATUS, codes.DONE),
        *(_said(codes.CAUTION, caution) for caution in cautions),
        image(Relation.CONTAINS, codes.SOURCE_OF_MEASUREMENT, frame(source)),
        image(Relation.CONTAINS, codes.SOURCE_OF_MEASUREMENT, segmented),
        *comments(index_remarks(source.result, priors)),
    ]
    return _index_rows(_TRACKING_INDEX, maker.tracking_uid("index", source), maker, rows)


def _index_rows(label: str, tracking_uid: str, maker: Maker, rows: Iterable[Dataset]) -> Dataset:
    """Return a group about the index, wherever it is from."""
    sites = [site(codes.LIVER), site(codes.KIDNEY, codes.RIGHT)]
    return measurement_group(_TEMPLATE, label, tracking_uid, [*sites, *algorithm(maker), *rows])


def _index_values(source: Source) -> list[Dataset]:
    """Return the index with its uncertainty (TID 310), inferred from the line that joins the ROIs, and in dB."""
    index, line, widths = _index(source), inferred_from(bracket(source), source), []
    if source.result.hri_interval:
        low, high = source.result.hri_interval
        widths = [
            _width(codes.UPPER_UNCERTAINTY, high - index),
            _width(codes.LOWER_UNCERTAINTY, index - low),
        ]
    values = [number(Relation.CONTAINS, codes.HEPATORENAL_INDEX, (index, codes.RATIO), [*widths, line])]
    if source.result.delta_db is not None:
        difference = round(float(source.result.delta_db), DECIBEL_DECIMALS)
        values.append(number(Relation.CONTAINS, codes.DECIBEL_DIFFERENCE, (difference, codes.DECIBEL), [line]))
    return values


def _width(name: Code, value: float) -> Dataset:
    """Return how far an interval reaches to one side."""
    return number(Relation.HAS_PROPERTIES, name, (round(max(0.0, value), INDEX_DECIMALS), codes.RATIO))


def _confidence(result: FrameResult) -> list[Dataset]:
    """Return how sure the network was of the view and of the organs: with modifiers, so that OHIF is silent of them."""
    view = result.view.get(VIEWS[0])
    organs = [(place, result.segmentation_confidence.get(organ)) for organ, place in _CONFIDENT_SITES.items()]
    return [
        *([_share(codes.VIEW_SCORE, view, [derived(codes.MINIMUM)])] if view is not None else []),
        *(
            _share(codes.SEGMENTATION_CONFIDENCE, value, [derived(codes.MEAN), site(*place)])
            for place, value in organs
            if value is not None
        ),
    ]


def _share(name: Code, value: float, modifiers: Iterable[Dataset]) -> Dataset:
    """Return a number from 0 to 1."""
    return number(Relation.CONTAINS, name, (round(float(value), INDEX_DECIMALS), codes.NO_UNITS), modifiers)


def _said(name: Code, value: Code) -> Dataset:
    """Return a qualitative evaluation."""
    return code(Relation.CONTAINS, name, value)


def _reasons(source: Source) -> list[Code]:
    """Return why an image has no index."""
    return [codes.REASONS[Reason(value)] for value in source.result.reasons]


def _index(source: Source) -> float:
    """Return the index as it is reported."""
    assert source.result.hri is not None, "a measured image has an index"
    return round(float(source.result.hri), INDEX_DECIMALS)
