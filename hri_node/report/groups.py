"""Measured images come in, the measurement groups of TID 1500 go out; every one of them carries coordinates.

OHIF leaves the whole viewport blank for a report in which one group has none (seen with 3.13.2).
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np
from highdicom.sr import (
    CoordinatesForMeasurement,
    FindingSite,
    GraphicTypeValues,
    ImageContentItem,
    ImageRegion,
    Measurement,
    MeasurementProperties,
    MeasurementsAndQualitativeEvaluations,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from numpy.typing import NDArray
from pydicom.uid import SegmentationStorage

from hri_node.measure.summary import representative, study_hri
from hri_node.measure.types import Caution, Reason
from hri_node.report import codes
from hri_node.report.identity import Maker
from hri_node.report.seg import segmentation_uid
from hri_node.report.source import PROXY_CLASS, Source
from hri_node.report.structures import CORTEX_ROI, LIVER_ROI, STRUCTURES, Structure

Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations

INDEX_DECIMALS: Final = 3
GREY_DECIMALS: Final = 2
AREA_DECIMALS: Final = 1

_TRACKING_INDEX: Final = "Hepatorenal index"
_TRACKING_STUDY: Final = "Hepatorenal index of the study"


def image_groups(source: Source, maker: Maker) -> list[Group]:
    """Three groups of one measured image: the index (TID 1501) and its two ROIs (TID 1410)."""
    liver, cortex = source.result.liver, source.result.renal_cortex
    assert liver is not None, "a measured image has a liver region"
    assert cortex is not None, "a measured image has a cortex region"
    return [
        _index_group(source, maker),
        _roi_group(LIVER_ROI, liver, source, maker),
        _roi_group(CORTEX_ROI, cortex, source, maker),
    ]


def study_group(sources: Sequence[Source], maker: Maker) -> Group:
    """Group of the study's index (TID 1501): the median of its measured images, anchored on the one nearest to it."""
    values = [_index(source) for source in sources]
    anchor = sources[representative(values)]
    median = Measurement(
        codes.HEPATORENAL_INDEX,
        round(float(study_hri(values)), INDEX_DECIMALS),
        codes.RATIO,
        derivation=codes.MEDIAN,
        referenced_coordinates=[_coordinates(GraphicTypeValues.POINT, _centres(anchor).mean(axis=0), anchor)],
    )
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=maker.uid("tracking-study", *(part for source in sources for part in source.key)),
            identifier=_TRACKING_STUDY,
        ),
        finding_sites=_sites(),
        algorithm_id=maker.algorithm_item(),
        measurements=[median],
        qualitative_evaluations=[QualitativeEvaluation(codes.STATUS, codes.DONE)],
        source_images=[_cited(SourceImageForMeasurementGroup, source) for source in sources],
    )
    _comment(group, f"Median of {len(sources)} measured images")
    return group


def failure_group(source: Source, maker: Maker, images: int) -> Group:
    """Group of an index that could not be had (TID 1501), for the image of a study that came nearest to one.

    `sr` takes the value of its NUM away once the document stands: highdicom builds none without.
    """
    failed = Measurement(
        codes.HEPATORENAL_INDEX,
        0.0,
        codes.RATIO,
        qualifier=codes.MEASUREMENT_FAILURE,
        referenced_coordinates=[_coordinates(GraphicTypeValues.POINT, _middle(source), source)],
    )
    reasons = [codes.REASONS[Reason(value)] for value in source.result.reasons]
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking("index", _TRACKING_INDEX, source, maker),
        finding_sites=_sites(),
        algorithm_id=maker.algorithm_item(),
        measurements=[failed],
        qualitative_evaluations=[
            QualitativeEvaluation(codes.IMAGE_QUALITY, codes.NON_DIAGNOSTIC_QUALITY),
            *(QualitativeEvaluation(codes.STATUS, reason) for reason in reasons),
        ],
        source_images=[_cited(SourceImageForMeasurementGroup, source)],
    )
    among = f" (nearest of {images} images)" if images > 1 else ""
    _comment(group, f"HRI not measurable{among}: {'; '.join(reason.meaning for reason in reasons)}")
    return group


def _index_group(source: Source, maker: Maker) -> Group:
    """Return the group of one image's index."""
    cautions = [codes.CAUTIONS[Caution(value)] for value in source.result.warnings]
    quality = codes.LIMITED_QUALITY if cautions else codes.DIAGNOSTIC_QUALITY
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking("index", _TRACKING_INDEX, source, maker),
        finding_sites=_sites(),
        algorithm_id=maker.algorithm_item(),
        measurements=[_index_measurement(source), *_decibel_measurements(source)],
        qualitative_evaluations=[
            QualitativeEvaluation(codes.IMAGE_QUALITY, quality),
            QualitativeEvaluation(codes.STATUS, codes.DONE),
            *(QualitativeEvaluation(codes.CAUTION, caution) for caution in cautions),
        ],
        source_images=[_cited(SourceImageForMeasurementGroup, source)],
    )
    segments = ImageContentItem(
        name=codes.SOURCE_OF_MEASUREMENT,
        referenced_sop_class_uid=SegmentationStorage,
        referenced_sop_instance_uid=segmentation_uid(source, maker),
        referenced_segment_numbers=list(range(1, len(STRUCTURES) + 1)),
        relationship_type=RelationshipTypeValues.CONTAINS,
    )
    group[0].ContentSequence.append(segments)
    return group


def _index_measurement(source: Source) -> Measurement:
    """Return the index with its uncertainty (TID 310), inferred from the line between the two ROIs."""
    index, properties = _index(source), None
    if source.result.hri_interval:
        low, high = source.result.hri_interval
        properties = MeasurementProperties(
            upper_measurement_uncertainty=round(max(0.0, high - index), INDEX_DECIMALS),
            lower_measurement_uncertainty=round(max(0.0, index - low), INDEX_DECIMALS),
        )
    return Measurement(
        codes.HEPATORENAL_INDEX,
        index,
        codes.RATIO,
        properties=properties,
        referenced_coordinates=[_coordinates(GraphicTypeValues.POLYLINE, _centres(source), source)],
    )


def _decibel_measurements(source: Source) -> list[Measurement]:
    """Return the difference in dB, or nothing where the dynamic range is not known."""
    if source.result.delta_db is None:
        return []
    points = _coordinates(GraphicTypeValues.POLYLINE, _centres(source), source)
    difference = round(float(source.result.delta_db), GREY_DECIMALS)
    return [Measurement(codes.DECIBEL_DIFFERENCE, difference, codes.DECIBEL, referenced_coordinates=[points])]


def _roi_group(structure: Structure, region: dict[str, Any], source: Source, maker: Maker) -> Group:
    """Return the group of one ROI."""
    window = region["window"]
    measurements = [
        Measurement(codes.ECHOGENICITY, _rounded(region["mean"]), codes.ARBITRARY_UNIT, derivation=codes.MEAN),
        # Not echogenicity with derivation SD: OHIF drops derivations, and two lines would bear the same name.
        Measurement(codes.STANDARD_DEVIATION, _rounded(region["sd"]), codes.ARBITRARY_UNIT),
    ]
    if source.result.spacing_mm:
        down, across = source.result.spacing_mm
        area = round(window["rows"] * down * window["columns"] * across, AREA_DECIMALS)
        measurements.append(Measurement(codes.AREA, area, codes.SQUARE_MILLIMETRE))
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(structure.field, structure.label, source, maker),
        referenced_region=ImageRegion(
            GraphicTypeValues.POLYLINE, _corners(window), _cited(SourceImageForRegion, source)
        ),
        finding_type=structure.kind,
        finding_sites=[FindingSite(structure.site, laterality=structure.side)],
        algorithm_id=maker.algorithm_item(),
        measurements=measurements,
    )


def _corners(window: dict[str, int]) -> NDArray[np.float64]:
    """Return a window as a closed polyline of (column, row), counted from the first pixel's corner (PS3.3 C.18.6)."""
    left, top = window["column"], window["row"]
    right, bottom = left + window["columns"], top + window["rows"]
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], dtype=np.float64)


def _centres(source: Source) -> NDArray[np.float64]:
    """Return the centres of the liver and of the cortex window, shape (2, 2), as (column, row)."""
    windows = [region["window"] for region in (source.result.liver, source.result.renal_cortex) if region]
    return np.array([_corners(window)[[0, 2]].mean(axis=0) for window in windows])


def _middle(source: Source) -> NDArray[np.float64]:
    """Return the middle of the image, as (column, row)."""
    rows, columns = source.image.frame.pixels.shape
    return np.array([columns / 2, rows / 2])


def _coordinates(
    graphic_type: GraphicTypeValues, points: NDArray[np.float64], source: Source
) -> CoordinatesForMeasurement:
    """Return coordinates that a value was inferred from."""
    return CoordinatesForMeasurement(graphic_type, np.atleast_2d(points), _cited(SourceImageForRegion, source))


_Cited = TypeVar("_Cited", SourceImageForRegion, SourceImageForMeasurementGroup)


def _cited(kind: type[_Cited], source: Source) -> _Cited:
    """Return a reference to the source frame."""
    return kind(PROXY_CLASS, source.instance_uid, source.frame_numbers)


def _tracking(field: str, label: str, source: Source, maker: Maker) -> TrackingIdentifier:
    """Return TID 4108 Tracking Identifier."""
    return TrackingIdentifier(uid=maker.tracking_uid(field, source), identifier=label)


def _sites() -> list[FindingSite]:
    """Return where the index was found."""
    return [FindingSite(codes.LIVER), FindingSite(codes.KIDNEY, laterality=codes.RIGHT)]


def _comment(group: Group, text: str) -> None:
    """Add a sentence that viewers show."""
    group[0].ContentSequence.append(TextContentItem(codes.COMMENT, text, RelationshipTypeValues.CONTAINS))


def _index(source: Source) -> float:
    """Return the index as it is reported."""
    assert source.result.hri is not None, "a measured image has an index"
    return round(float(source.result.hri), INDEX_DECIMALS)


def _rounded(grey: float) -> float:
    """Return a grey level as it is reported."""
    return round(float(grey), GREY_DECIMALS)
