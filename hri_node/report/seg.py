"""A measured image comes in, its Segmentation goes out: organs and ROIs, pixel for pixel on the source image."""

from typing import Final

import numpy as np
from highdicom import PixelMeasuresSequence
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from highdicom.sr import CodedConcept
from pydicom import Dataset

from hri_node.report.identity import Maker, finish
from hri_node.report.source import Source, cite, cite_frame
from hri_node.report.structures import STRUCTURES, Structure

SERIES_NUMBER: Final = 9101

_NOMINAL_THICKNESS_MM: Final = 1.0
"""An ultrasound frame has no slice thickness, but highdicom cannot read back Pixel Measures without one."""

_NOMINAL_SPACING_MM: Final = (1.0, 1.0)
"""Where the source has no calibration, and the viewer still needs Pixel Measures."""


def segmentation(source: Source, maker: Maker) -> Segmentation:
    """SEG of one measured frame: four binary segments in the order of `STRUCTURES`.

    It has no frame of reference, as the source has none: each frame maps to the pixels of the source image that its
    Derivation Image names (PS3.3 A.51.3, A.51.5.1).
    """
    # One segment after the other in memory, though highdicom wants them last: its checks run along them.
    masks = np.moveaxis(np.stack([structure.mask(source.masks) for structure in STRUCTURES]), 0, -1)
    measures = _pixel_measures(source) if maker.context.seg_profile == "ohif" else None
    made = Segmentation(
        source_images=[source.proxy],
        pixel_array=masks[np.newaxis],
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=_descriptions(source, maker),
        series_instance_uid=maker.series_uid("seg", source),
        series_number=SERIES_NUMBER,
        sop_instance_uid=segmentation_uid(source, maker),
        instance_number=source.instance_number,
        content_label="HRI_SEG",
        content_description="Liver, right kidney and ROIs of the hepatorenal index",
        content_creator_name=None,
        series_description="HRI segmentation (research)",
        pixel_measures=measures,
        omit_empty_frames=False,
        contributing_equipment=maker.contributing(),
        **maker.equipment,
    )
    _complete(made, source, maker)
    return made


def segmentation_uid(source: Source, maker: Maker) -> str:
    """SOP Instance UID of the SEG of one frame, whether it has been made yet or not."""
    return maker.frame_uid("seg", source, maker.context.seg_profile)


def _descriptions(source: Source, maker: Maker) -> list[SegmentDescription]:
    """Return the Segment Sequence."""
    algorithm = maker.algorithm_sequence()
    return [
        SegmentDescription(
            segment_number=number,
            segment_label=structure.label,
            segmented_property_category=structure.category,
            segmented_property_type=_kind(structure),
            algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm_identification=algorithm,
            tracking_uid=maker.tracking_uid(structure.field, source),
            tracking_id=structure.label,
            anatomic_regions=[structure.region] if structure.region else None,
            display_color=CIELabColor.from_rgb(*structure.rgb),
        )
        for number, structure in enumerate(STRUCTURES, start=1)
    ]


def _kind(structure: Structure) -> CodedConcept:
    """Return what a segment shows, with its side."""
    kind = CodedConcept.from_code(structure.kind)
    if structure.side:
        kind.SegmentedPropertyTypeModifierCodeSequence = [CodedConcept.from_code(structure.side)]
    return kind


def _pixel_measures(source: Source) -> PixelMeasuresSequence:
    """Return the spacing of the source for viewers that ask for it."""
    spacing = source.result.spacing_mm or _NOMINAL_SPACING_MM
    return PixelMeasuresSequence(pixel_spacing=spacing, slice_thickness=_NOMINAL_THICKNESS_MM)


def _complete(made: Segmentation, source: Source, maker: Maker) -> None:
    """Add what highdicom leaves out for a source without frame of reference, and pin what it makes up."""
    if maker.context.seg_profile == "ohif":
        # Rows run right, columns down: what a viewer assumes for a frame without orientation. OHIF waits for ever
        # for a SEG that does not say so.
        orientation = Dataset()
        orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        made.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence = [orientation]
        # dcmqi, and with it 3D Slicer, takes a position from every frame without asking whether there is one.
        position = Dataset()
        position.ImagePositionPatient = [0, 0, 0]
        for group in made.PerFrameFunctionalGroupsSequence:
            group.PlanePositionSequence = [position]
    made.ContentCreatorName = ""  # type 2 (PS3.3 table 10-12)
    made.PatientOrientation = []  # type 2C without Image Orientation (Patient) (PS3.3 C.7.6.1)
    made.BodyPartExamined = "ABDOMEN"
    organization = maker.uid("dimensions", *source.key)
    made.DimensionOrganizationSequence[0].DimensionOrganizationUID = organization
    for index in made.DimensionIndexSequence:
        index.DimensionOrganizationUID = organization
    cite_frame(made, source)
    cite(made, {source.instance_uid: source})
    finish(made, source, maker.moment(source))
