"""Who measured, what and where come in, the rows go out that several templates of a report have in common (PS3.16)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from pydicom import DataElement, Dataset
from pydicom.sr.coding import Code

from hri_node import __version__
from hri_node.report import codes
from hri_node.report.carried import basic_code, items_of
from hri_node.report.content import Relation, code, container, coordinates, image, number, reference, text, uid
from hri_node.report.context import MODEL_NAME
from hri_node.report.identity import Maker
from hri_node.report.source import Source

WHAT_WAS_MEASURED: Final = (
    "mean and SD are of the pixels in the SEG segment with the same tracking UID; polyline and area are of its window"
)
"""Said with the algorithm, because a reader of the polyline would take every pixel inside it."""

Points = Sequence[tuple[float, float]]
"""Places as (column, row), counted from the first pixel's corner."""


def heading(maker: Maker, header: Dataset) -> list[Dataset]:
    """Language (TID 1204), observer (TID 1001) and procedure reported (TID 1500) of a report.

    Parameters
    ----------
    maker
        The network observes, inside this program.
    header
        Of a source: the procedure is the imaging that it names, not our analysis of it (IHE AIR).
    """
    named = [basic_code(item) for item in items_of(header, "ProcedureCodeSequence")]
    procedures = [found for found in named if found] or [codes.ULTRASOUND_OF_ABDOMEN]
    return [
        code(Relation.HAS_CONCEPT_MOD, codes.LANGUAGE, codes.ENGLISH),
        code(Relation.HAS_OBS_CONTEXT, codes.OBSERVER_TYPE, codes.DEVICE),
        uid(Relation.HAS_OBS_CONTEXT, codes.DEVICE_UID, maker.algorithm.device_uid),
        text(Relation.HAS_OBS_CONTEXT, codes.DEVICE_NAME, maker.algorithm.name),
        text(Relation.HAS_OBS_CONTEXT, codes.DEVICE_MANUFACTURER, maker.context.manufacturer),
        text(Relation.HAS_OBS_CONTEXT, codes.DEVICE_MODEL_NAME, f"{MODEL_NAME} {__version__}"),
        text(Relation.HAS_OBS_CONTEXT, codes.DEVICE_SERIAL_NUMBER, maker.serial_number),
        *(code(Relation.HAS_CONCEPT_MOD, codes.PROCEDURE_REPORTED, procedure) for procedure in procedures),
    ]


def image_library(sources: Iterable[Source]) -> Dataset:
    """Every source instance once, however many of its frames were looked at (TID 1600)."""
    instances = {source.instance_uid: source for source in sources}.values()
    entries = [image(Relation.CONTAINS, codes.SOURCE, _instance(source), _descriptors(source)) for source in instances]
    group = container(Relation.CONTAINS, codes.IMAGE_LIBRARY_GROUP, entries)
    return container(Relation.CONTAINS, codes.IMAGE_LIBRARY, [group])


def measurement_group(template: str, label: str, tracking_uid: str, rows: Iterable[Dataset]) -> Dataset:
    """Measurement Group (TID 1501 or 1410) with its Tracking Identifier (TID 4108)."""
    tracked = [
        text(Relation.HAS_OBS_CONTEXT, codes.TRACKING_IDENTIFIER, label),
        uid(Relation.HAS_OBS_CONTEXT, codes.TRACKING_UNIQUE_IDENTIFIER, tracking_uid),
    ]
    return container(Relation.CONTAINS, codes.MEASUREMENT_GROUP, [*tracked, *rows], template)


def algorithm(maker: Maker) -> tuple[Dataset, ...]:
    """Algorithm Identification (TID 4019), the same items for all groups of a report."""
    found, context = maker.algorithm, maker.context
    parameters = (f"weights sha256 {found.sha256}", context.parameters, WHAT_WAS_MEASURED)
    return _algorithm(found.name, found.version, context.manufacturer, parameters)


def site(where: Code, side: Code | None = None) -> Dataset:
    """Finding Site, with its laterality where it has one."""
    sides = [code(Relation.HAS_CONCEPT_MOD, codes.LATERALITY, side)] if side else []
    return code(Relation.HAS_CONCEPT_MOD, codes.FINDING_SITE, where, sides)


def derived(derivation: Code) -> Dataset:
    """Derivation of a value from several (TID 300)."""
    return code(Relation.HAS_CONCEPT_MOD, codes.DERIVATION, derivation)


def frame(source: Source) -> DataElement:
    """Cite the frame that was looked at."""
    return reference(source.header.SOPClassUID, source.instance_uid, source.frame_numbers)


def inferred_from(points: Points, source: Source) -> Dataset:
    """Place in the frame that a value was inferred from."""
    selected = image(Relation.SELECTED_FROM, codes.SOURCE, frame(source))
    return coordinates(Relation.INFERRED_FROM, codes.SOURCE, points, selected)


def comments(sentences: Iterable[str]) -> list[Dataset]:
    """Sentences that viewers show, each as a line of its own."""
    return [text(Relation.CONTAINS, codes.COMMENT, sentence) for sentence in sentences]


def _instance(source: Source) -> DataElement:
    """Cite the whole instance."""
    return reference(source.header.SOPClassUID, source.instance_uid)


def _descriptors(source: Source) -> list[Dataset]:
    """Return Image Library Entry Descriptors (TID 1602)."""
    rows, columns = source.image.frame.pixels.shape
    return [
        code(Relation.HAS_ACQ_CONTEXT, codes.MODALITY, codes.ULTRASOUND),
        number(Relation.HAS_ACQ_CONTEXT, codes.PIXEL_DATA_ROWS, (rows, codes.PIXELS)),
        number(Relation.HAS_ACQ_CONTEXT, codes.PIXEL_DATA_COLUMNS, (columns, codes.PIXELS)),
    ]


@lru_cache
def _algorithm(name: str, version: str, manufacturer: str, parameters: tuple[str, ...]) -> tuple[Dataset, ...]:
    """Return the items for these names."""
    return (
        text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_NAME, name),
        text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_VERSION, version),
        text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_MANUFACTURER, manufacturer),
        *(text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_PARAMETERS, words) for words in parameters),
        code(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_FAMILY, codes.ARTIFICIAL_INTELLIGENCE),
    )
