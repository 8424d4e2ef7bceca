"""Reports of measured images, written and read back: what the tests of groups and documents look into."""

import io

import highdicom as hd
from measured import ALGORITHM, CONTEXT
from pydicom import Dataset
from pydicom.sr.coding import Code

from hri_node.records import MeasuredImage
from hri_node.report import codes
from hri_node.report.context import ReportContext
from hri_node.report.identity import Maker
from hri_node.report.source import read_source
from hri_node.report.sr import measurement_report


def written(*images: MeasuredImage, context: ReportContext = CONTEXT) -> io.BytesIO:
    """Make the report of `images` and write it."""
    buffer = io.BytesIO()
    made = measurement_report([read_source(image) for image in images], Maker(ALGORITHM, context))
    made.save_as(buffer, enforce_file_format=True)
    return io.BytesIO(buffer.getvalue())


def read_back(*images: MeasuredImage, context: ReportContext = CONTEXT) -> hd.sr.MeasurementReport:
    """Return the content that highdicom reads from the report of `images`."""
    return hd.sr.srread(written(*images, context=context)).content


def index_groups(content: hd.sr.MeasurementReport) -> list[hd.sr.MeasurementsAndQualitativeEvaluations]:
    """Return the groups that hold an index."""
    return content.get_image_measurement_groups()


def items(ds: Dataset, value_type: str) -> list[Dataset]:
    """Return every content item of a type, in order, at any depth."""
    found = []
    for item in ds.get("ContentSequence", ()):
        found += [item] if item.ValueType == value_type else []
        found += items(item, value_type)
    return found


def sections(ds: Dataset, name: Code) -> list[Dataset]:
    """Return the items under a heading of the report, none where it has no such heading."""
    return [
        item
        for found in ds.ContentSequence
        if found.ConceptNameCodeSequence[0].CodeValue == name.value
        for item in found.get("ContentSequence", ())
    ]


def named(items_: list[Dataset], name: Code) -> list[Dataset]:
    """Return those of some items that a concept names."""
    return [item for item in items_ if item.ConceptNameCodeSequence[0].CodeValue == name.value]


def comments(group: Dataset) -> list[str]:
    """Return the sentences of a group."""
    return [item.TextValue for item in named(list(group.ContentSequence), codes.COMMENT)]
