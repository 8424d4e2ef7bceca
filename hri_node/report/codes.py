"""The coded concepts of a report: public ones by their scheme's own code, ours in the private scheme 99HRI.

Values are `pydicom.sr.coding.Code`, which nobody can change: highdicom keeps the objects it is given, and a modifier
written into a shared one would show up wherever else it is used.

Ours exist only where no public code means the same. Looked for in all that pydicom carries (DCM, SCT, LN, RADLEX, UMLS,
NCIt and others); met, and not taken: (112124, DCM, Shadow) is of a chest film, (111353, DCM, Heterogeneous echotexture)
of a breast; (111207, DCM, Image artifact(s)) is why an image is thrown away; (130576, DCM, Anatomy coverage incomplete)
rates an MR examination; (122288, DCM, Not visualized) does not say what, (122157, DCM, Probability) not of what;
(121427, DCM, Estimated) is of a value, not of its scale; CID 224 knows the mean, the latest and a person's choice of
several values, not their median.
"""

from typing import Final

from pydicom.sr.coding import Code

from hri_node.measure.types import Caution, Reason

PRIVATE_SCHEME: Final = "99HRI"
"""Declared in Coding Scheme Identification Sequence (PS3.3 C.12.1.1.1) wherever it is used."""

PRIVATE_SCHEME_NAME: Final = "hri-node private codes"

PRIVATE_SCHEME_UID: Final = "2.25.194104014318778981732546143874755807725"
"""Drawn once; it names the scheme in all its versions."""

PRIVATE_SCHEME_VERSION: Final = "2"
"""To be raised by one whenever a concept comes, goes or gets another meaning; no value comes back with another one.

1: index, status, cautions. 2: number of images, selection method, view score, confidence, index of an earlier study.
"""

IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
"""CID 7021. OHIF ignores measurements under any other title."""

ULTRASOUND_OF_ABDOMEN = Code("24558-9", "LN", "US Abdomen")
"""The procedure reported where the source names none; LOINC."""

LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
ENGLISH = Code("en-US", "RFC5646", "English (United States)")
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
DEVICE = Code("121007", "DCM", "Device")
DEVICE_UID = Code("121012", "DCM", "Device Observer UID")
DEVICE_NAME = Code("121013", "DCM", "Device Observer Name")
DEVICE_MANUFACTURER = Code("121014", "DCM", "Device Observer Manufacturer")
DEVICE_MODEL_NAME = Code("121015", "DCM", "Device Observer Model Name")
DEVICE_SERIAL_NUMBER = Code("121016", "DCM", "Device Observer Serial Number")
PROCEDURE_REPORTED = Code("121058", "DCM", "Procedure reported")

IMAGE_LIBRARY = Code("111028", "DCM", "Image Library")
IMAGE_LIBRARY_GROUP = Code("126200", "DCM", "Image Library Group")
MODALITY = Code("121139", "DCM", "Modality")
ULTRASOUND = Code("US", "DCM", "Ultrasound")
PIXEL_DATA_ROWS = Code("110910", "DCM", "Pixel Data Rows")
PIXEL_DATA_COLUMNS = Code("110911", "DCM", "Pixel Data Columns")
PIXELS = Code("{pixels}", "UCUM", "Pixels")
SOURCE = Code("260753009", "SCT", "Source")

IMAGING_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
"""TID 1500."""

PREVIOUS_FINDINGS = Code("18834-2", "LN", "Previous Findings")
"""CID 7001, heading."""

MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
TRACKING_IDENTIFIER = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UNIQUE_IDENTIFIER = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING = Code("121071", "DCM", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
IMAGE_REGION = Code("111030", "DCM", "Image Region")
ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
ALGORITHM_MANUFACTURER = Code("122405", "DCM", "Algorithm Manufacturer")
ALGORITHM_PARAMETERS = Code("111002", "DCM", "Algorithm Parameters")
ALGORITHM_FAMILY = Code("111000", "DCM", "Algorithm Family")
ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")

LIVER = Code("10200004", "SCT", "Liver")
KIDNEY = Code("64033007", "SCT", "Kidney")
RIGHT = Code("24028007", "SCT", "Right")
CORTEX_OF_KIDNEY = Code("50403003", "SCT", "Cortex of kidney")
PARENCHYMA = Code("91772007", "SCT", "Organ parenchyma")
ANATOMICAL_STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
TISSUE = Code("85756007", "SCT", "Tissue")

HEPATORENAL_INDEX = Code("HRI", PRIVATE_SCHEME, "Hepatorenal index")
"""No public terminology at hand has a code for it."""

PRIOR_INDEX = Code("PRIOR_HRI", PRIVATE_SCHEME, "Hepatorenal index of an earlier study")
"""Not HRI: who looks for the index of this study must not find that of another one."""

RATIO = Code("{ratio}", "UCUM", "ratio")
NO_UNITS = Code("1", "UCUM", "no units")
UPPER_UNCERTAINTY = Code("371886008", "SCT", "+, range of upper measurement uncertainty")
LOWER_UNCERTAINTY = Code("371885007", "SCT", "-, range of lower measurement uncertainty")
DERIVATION = Code("121401", "DCM", "Derivation")
MEASUREMENT_METHOD = Code("370129005", "SCT", "Measurement Method")
MEDIAN_OF_IMAGES = Code("MEDIAN_OF_IMAGES", PRIVATE_SCHEME, "Median of the measured images")
NUMBER_OF_IMAGES = Code("IMAGE_COUNT", PRIVATE_SCHEME, "Number of measured images")
IMAGES = Code("{images}", "UCUM", "images")
TOTAL = Code("255619001", "SCT", "Total")
MINIMUM = Code("255605001", "SCT", "Minimum")
VIEW_SCORE = Code("VIEW_SCORE", PRIVATE_SCHEME, "Likeness to a view of liver and right kidney")
"""0 to 1: the least of what the network and the organs it found say of the view."""

SEGMENTATION_CONFIDENCE = Code("SEG_CONFIDENCE", PRIVATE_SCHEME, "Probability of the segmented organ")
"""0 to 1: the network's own, mean over the pixels it gave to the organ."""

ECHOGENICITY = Code("110849", "DCM", "Echogenicity")
ARBITRARY_UNIT = Code("[arb'U]", "UCUM", "arbitrary unit")
MEAN = Code("373098007", "SCT", "Mean")
MEDIAN = Code("373099004", "SCT", "Median")
STANDARD_DEVIATION = Code("386136009", "SCT", "Standard Deviation")
AREA = Code("42798000", "SCT", "Area")
SQUARE_MILLIMETRE = Code("mm2", "UCUM", "square millimeter")
DEPTH = Code("131197000", "SCT", "Depth")
"""CID 7470. Of the middle of an ROI, from where the beams enter."""

MILLIMETRE = Code("mm", "UCUM", "mm")
DECIBEL_DIFFERENCE = Code("DELTA_DB", PRIVATE_SCHEME, "Echogenicity of liver over renal cortex, linear in dB")
"""Of mean grey levels, by the nominal dynamic range, as though the grey map were linear in dB."""

DECIBEL = Code("dB", "UCUM", "decibel")
MEASUREMENT_FAILURE = Code("114006", "DCM", "Measurement failure")
"""CID 42, why a NUM has no value."""

IMAGE_QUALITY = Code("111101", "DCM", "Image Quality")
DIAGNOSTIC_QUALITY = Code("RID12", "RADLEX", "Diagnostic quality")
LIMITED_QUALITY = Code("RID13", "RADLEX", "Limited quality")
NON_DIAGNOSTIC_QUALITY = Code("RID14", "RADLEX", "Non-diagnostic quality")

PROCESSING_EQUIPMENT = Code("109102", "DCM", "Processing Equipment")
"""CID 7005, which has nothing for an algorithm."""

ACQUISITION_EQUIPMENT = Code("109101", "DCM", "Acquisition Equipment")
SEGMENTATION = Code("113076", "DCM", "Segmentation")
COMMENT = Code("121106", "DCM", "Comment")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
BEST_ILLUSTRATION = Code("121080", "DCM", "Best illustration of finding")
"""CID 7003: the image that stands for the study."""

SOURCE_FOR_PROCESSING = Code("121322", "DCM", "Source image for image processing operation")

REJECTED_FOR_SAFETY = Code("113037", "DCM", "Rejected for Patient Safety Reasons")
"""CID 7031, title of a note on results that were only a test."""

STUDY_DATE = Code("111060", "DCM", "Study Date")
STUDY_TIME = Code("111061", "DCM", "Study Time")
STUDY_INSTANCE_UID = Code("110180", "DCM", "Study Instance UID")

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


def private_concepts() -> tuple[Code, ...]:
    """Every concept of our own scheme: those that stand alone, values of STATUS, values of CAUTION."""
    alone = tuple(code for code in _constants() if code.scheme_designator == PRIVATE_SCHEME)
    return (*alone, *REASONS.values(), *CAUTIONS.values())


def public_concepts() -> tuple[Code, ...]:
    """Every public concept and unit that our objects use."""
    return tuple(code for code in _constants() if code.scheme_designator != PRIVATE_SCHEME)


def _constants() -> list[Code]:
    """Return what is defined above, in its order."""
    return [value for value in globals().values() if isinstance(value, Code)]
