"""The images of a study come in, every DICOM object about them goes out, encoded, the report first."""

from collections.abc import Iterator, Sequence

from highdicom.base import SOPClass
from pydicom import config

from hri_node.records import Algorithm, MeasuredImage, ResultObject
from hri_node.report.capture import secondary_capture
from hri_node.report.context import ReportContext
from hri_node.report.encapsulated import encapsulated_pdf
from hri_node.report.encoding import Encoder
from hri_node.report.identity import Maker
from hri_node.report.presentation import presentation_state
from hri_node.report.seg import segmentation
from hri_node.report.source import Source, read_source
from hri_node.report.sr import measurement_report, nearest_failure

__all__ = ["ReportContext", "report_objects"]


def report_objects(
    images: Sequence[MeasuredImage], algorithm: Algorithm, context: ReportContext
) -> tuple[ResultObject, ...]:
    """Every object to store for a study: its report, then a SEG and a picture per measured image, then what is wished.

    The same images, algorithm and context give the same bytes, in whatever order the images come, whenever and
    wherever this runs.

    Parameters
    ----------
    images
        At least one, all of one study. Where none was measured, the result is a report that says why and one
        picture.
    algorithm
        The network that segmented.
    context
        What the caller decides.

    Raises
    ------
    Unreadable
        A source file is no DICOM instance, or lacks the UIDs that a result has to cite.
    """
    assert images, "a study has at least one image"
    maker = Maker(algorithm, context)
    # A value that a source gets wrong is the source's: pydicom would warn, and quote it, at every copy we make.
    with config.disable_value_validation():
        sources = sorted((read_source(image) for image in images), key=_place)
        assert len({source.study_uid for source in sources}) == 1, "a report is about one study"
        encoder = Encoder()
        return tuple(_written(kind, made, encoder) for kind, made in _objects(sources, maker))


def _objects(sources: Sequence[Source], maker: Maker) -> Iterator[tuple[str, SOPClass]]:
    """Make every object, the report first."""
    yield "sr", measurement_report(sources, maker)
    measured = [source for source in sources if source.measured]
    for source in measured:
        yield "seg", segmentation(source, maker)
    for source in measured or [nearest_failure(sources)]:
        yield "sc", secondary_capture(source, maker)
    for source in measured if maker.context.presentation_state else ():
        yield "pr", presentation_state(source, maker)
    if maker.context.pdf:
        yield "pdf", encapsulated_pdf(sources, maker)


def _place(source: Source) -> tuple[int, str, int]:
    """Return where an image stands in the report: by Instance Number, as a reader has seen them."""
    return source.instance_number, *source.key


def _written(kind: str, made: SOPClass, encoder: Encoder) -> ResultObject:
    """Write one object as a Part 10 file."""
    uids = str(made.SOPInstanceUID), str(made.SOPClassUID)
    return ResultObject(kind, *uids, encoder.part10(made), str(made.SeriesInstanceUID))
