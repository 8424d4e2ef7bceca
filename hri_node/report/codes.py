"""The coded concepts of a report: public ones by their scheme's own code, ours in the private scheme 99HRI.

Values are `pydicom.sr.coding.Code`, which nobody can change: highdicom keeps the objects it is given, and a modifier
written into a shared one would show up wherever else it is used.
"""

from typing import Final

from pydicom.sr.coding import Code

from hri_node.measure.types import Caution, Reason

PRIVATE_SCHEME: Final = "99HRI"
"""Declared in Coding Scheme Identification Sequence (PS3.3 C.12.1.1.1) wherever it is used."""

IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
"""CID 7021. OHIF ignores measurements under any other title."""

ULTRASOUND_OF_ABDOMEN = Code("24558-9", "LN", "US Abdomen")
"""The procedure reported where the source names none; LOINC."""

LIVER = Code("10200004", "SCT", "Liver")
KIDNEY = Code("64033007", "SCT", "Kidney")
RIGHT = Code("24028007", "SCT", "Right")
CORTEX_OF_KIDNEY = Code("50403003", "SCT", "Cortex of kidney")
PARENCHYMA = Code("91772007", "SCT", "Organ parenchyma")
ANATOMICAL_STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
TISSUE = Code("85756007", "SCT", "Tissue")

HEPATORENAL_INDEX = Code("HRI", PRIVATE_SCHEME, "Hepatorenal index")
"""No public terminology at hand has a code for it."""

RATIO = Code("{ratio}", "UCUM", "ratio")
ECHOGENICITY = Code("110849", "DCM", "Echogenicity")
ARBITRARY_UNIT = Code("[arb'U]", "UCUM", "arbitrary unit")
MEAN = Code("373098007", "SCT", "Mean")
MEDIAN = Code("373099004", "SCT", "Median")
STANDARD_DEVIATION = Code("386136009", "SCT", "Standard Deviation")
AREA = Code("42798000", "SCT", "Area")
SQUARE_MILLIMETRE = Code("mm2", "UCUM", "square millimeter")
DECIBEL_DIFFERENCE = Code("DELTA_DB", PRIVATE_SCHEME, "Echogenicity of liver over renal cortex, linear in dB")
"""Of mean grey levels, by the nominal dynamic range, as though the grey map were linear in dB."""

DECIBEL = Code("dB", "UCUM", "decibel")
MEASUREMENT_FAILURE = Code("114006", "DCM", "Measurement failure")
"""CID 42, why a NUM has no value."""

IMAGE_QUALITY = Code("111101", "DCM", "Image Quality")
DIAGNOSTIC_QUALITY = Code("RID12", "RADLEX", "Diagnostic quality")
LIMITED_QUALITY = Code("RID13", "RADLEX", "Limited quality")
NON_DIAGNOSTIC_QUALITY = Code("RID14", "RADLEX", "Non-diagnostic quality")

ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")
PROCESSING_EQUIPMENT = Code("109102", "DCM", "Processing Equipment")
DEVICE = Code("121007", "DCM", "Device")
COMMENT = Code("121106", "DCM", "Comment")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
SOURCE_FOR_PROCESSING = Code("121322", "DCM", "Source image for image processing operation")

STATUS = Code("STATUS", PRIVATE_SCHEME, "HRI analysis status")
DONE = Code("DONE", PRIVATE_SCHEME, "HRI computed")
CAUTION = Code("CAUTION", PRIVATE_SCHEME, "HRI caution")


def _private(value: str, meaning: str) -> Code:
    """Return a concept of our own scheme."""
    return Code(value, PRIVATE_SCHEME, meaning)


REASONS: Final = {
    Reason.NOT_BMODE: _private("NOT_BMODE", "Not a B-mode image"),
    Reason.WRONG_VIEW: _private("WRONG_VIEW", "Not a view of liver and right kidney"),
    Reason.NO_SECTOR: _private("NO_SECTOR", "Ultrasound sector not found"),
    Reason.NO_LIVER: _private("NO_LIVER", "Liver not identified"),
    Reason.NO_KIDNEY: _private("NO_KIDNEY", "Right kidney not identified"),
    Reason.KIDNEY_TOO_SMALL: _private("KIDNEY_TOO_SMALL", "Visible part of the right kidney too small"),
    Reason.NO_LIVER_AT_KIDNEY_DEPTH: _private("NO_LIVER_DEPTH", "No liver at the depth of the right kidney"),
    Reason.NO_KIDNEY_WINDOW: _private("NO_KIDNEY_WINDOW", "No valid position for the renal cortex ROI"),
    Reason.NO_LIVER_WINDOW: _private("NO_LIVER_WINDOW", "No valid position for the liver ROI"),
    Reason.KIDNEY_TOO_DARK: _private("KIDNEY_TOO_DARK", "Renal cortex too dark to divide by"),
    Reason.SPACING_MISSING: _private("SPACING_MISSING", "No spatial calibration"),
}
"""Values of STATUS where there is no index: the reason in capitals, shortened to 16 characters (PS3.5 6.2, SH)."""

CAUTIONS: Final = {
    Caution.LOW_SEG_CONFIDENCE: _private("LOW_CONFIDENCE", "Segmentation uncertain"),
    Caution.KIDNEY_SHAPE: _private("KIDNEY_SHAPE", "Kidney outline irregular or cut off"),
    Caution.SHADOW_FRACTION: _private("SHADOW_FRACTION", "Large part of an organ in shadow"),
    Caution.ROI_SHRUNK: _private("ROI_SHRUNK", "ROI smaller than 15 mm"),
    Caution.ROI_HETEROGENEOUS: _private("ROI_UNEVEN", "Echogenicity uneven inside an ROI"),
    Caution.DEPTH_MISMATCH: _private("DEPTH_MISMATCH", "ROIs at different depths"),
    Caution.LATERAL_GAP: _private("LATERAL_GAP", "ROIs far apart laterally"),
    Caution.GMM_AMBIGUOUS: _private("GMM_AMBIGUOUS", "Tissue classes ambiguous"),
    Caution.GMM_K2: _private("GMM_K2", "Only two tissue classes found"),
    Caution.FLOOR_CLIP: _private("FLOOR_CLIP", "Grey levels clipped at black"),
    Caution.SAT_CLIP: _private("SAT_CLIP", "Grey levels clipped at white"),
    Caution.KIDNEY_DARK: _private("KIDNEY_DARK", "Renal cortex dark, ratio steep"),
    Caution.ROI_NEAR_OVERLAY: _private("ROI_NEAR_OVERLAY", "Screen overlay close to an ROI"),
    Caution.COLOR_TINT: _private("COLOR_TINT", "Image tinted"),
    Caution.SPACING_ASSUMED: _private("SPACING_ASSUMED", "Spatial calibration assumed"),
    Caution.DEPTH_BY_ROW: _private("DEPTH_BY_ROW", "Depth taken from the image row"),
    Caution.FOCUS_ZONE_UNKNOWN: _private("FOCUS_UNKNOWN", "Brightness changes between the depths of the ROIs"),
    Caution.LEFT_KIDNEY_POSSIBLE: _private("LEFT_KIDNEY", "Possibly the left kidney and the spleen"),
    Caution.HRI_UNSTABLE: _private("HRI_UNSTABLE", "Index changes when ROIs move"),
}
"""Values of CAUTION, by the same rule."""
