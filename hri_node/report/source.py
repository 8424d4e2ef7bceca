"""A measured image comes in, what a result may say of its source goes out: a repaired header and how to cite it."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pydicom import DataElement, Dataset, Sequence
from pydicom.tag import BaseTag
from pydicom.uid import UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

from hri_node.measure.types import Outcome
from hri_node.records import FrameResult, Masks, MeasuredImage
from hri_node.report.fingerprint import fingerprint
from hri_node.report.header import read_header

PROXY_CLASS = UltrasoundImageStorage
"""What highdicom is told every source is: it refuses a multi-frame image without frame of reference, and knows no
retired or foreign class. `cite` writes the true class into the finished object."""

_NAMES = ("PatientName", "ReferringPhysicianName")
_WITHHELD = frozenset({*_NAMES, "SOPClassUID", "SpecificCharacterSet", "NumberOfFrames"})

_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")
_REFERENCED_INSTANCE = BaseTag(0x00081155)
"""Referenced SOP Instance UID."""

_INSTANCE_NUMBER_MAX = 2**31 - 1
"""PS3.5 6.2, value representation IS."""

_FRAMES_STRIDE = 1000
"""Instance Number of frame f of source instance n is n x 1000 + f."""


@dataclass(frozen=True, slots=True)
class Source:
    """A measured image and the header of its source instance.

    Attributes
    ----------
    image
        What was measured.
    header
        What may be carried over: patient and study attributes, UIDs, equipment. Valid and complete in type 2.
    proxy
        The same, as highdicom accepts it: one US frame of `PROXY_CLASS`, without names (highdicom puts a name that it
        finds odd into a warning).
    multi_frame
        References carry the frame number.
    fingerprint
        Hash of all that the content of its objects follows from.
    """

    image: MeasuredImage
    header: Dataset
    proxy: Dataset
    multi_frame: bool
    fingerprint: str

    @property
    def result(self) -> FrameResult:
        """What was found."""
        return self.image.result

    @property
    def measured(self) -> bool:
        """Whether it has an index."""
        return self.result.outcome == Outcome.MEASURED

    @property
    def masks(self) -> Masks:
        """Where it was found."""
        return self.image.masks

    @property
    def study_uid(self) -> str:
        """Study Instance UID."""
        return str(self.header.StudyInstanceUID)

    @property
    def instance_uid(self) -> str:
        """SOP Instance UID."""
        return str(self.header.SOPInstanceUID)

    @property
    def frame_numbers(self) -> list[int] | None:
        """Referenced Frame Number: None where the instance is its only frame."""
        return [self.result.frame_number] if self.multi_frame else None

    @property
    def key(self) -> tuple[str, int]:
        """What tells this frame from every other in the world."""
        return self.instance_uid, self.result.frame_number

    @property
    def instance_number(self) -> int:
        """Instance Number of results about this frame: the same however many other frames the study has."""
        number = int(self.header.get("InstanceNumber") or 1)
        if self.multi_frame:
            number = number * _FRAMES_STRIDE + self.result.frame_number
        return number if 1 <= number <= _INSTANCE_NUMBER_MAX else self.result.frame_number

    def local(self, moment: datetime) -> datetime:
        """Return `moment` on the source's clock where it says its offset; on its own where it does not."""
        found = _OFFSET.fullmatch(str(self.header.get("TimezoneOffsetFromUTC", "")))
        if not found:
            return moment
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return moment.astimezone(timezone(-offset if sign == "-" else offset))

    def stamp(self, moment: datetime) -> str:
        """Return `moment` as an object says it (PS3.5 6.2, DT)."""
        return f"{self.local(moment):%Y%m%d%H%M%S%z}"


def read_source(image: MeasuredImage) -> Source:
    """Read the header of the source of `image`.

    Raises
    ------
    Unreadable
        The file is no DICOM instance, or one without the UIDs that a result has to cite.
    """
    header = read_header(image.path)
    header.Rows, header.Columns = image.frame.pixels.shape
    many = int(header.get("NumberOfFrames") or 1) > 1 or header.SOPClassUID == UltrasoundMultiFrameImageStorage
    return Source(image, header, _proxy(header), many, fingerprint(image, header))


def cite(made: Dataset, sources: Mapping[str, Source]) -> None:
    """Correct every reference in a finished object: the true class of its source instead of the proxy's.

    Parameters
    ----------
    made
        What highdicom built from proxies.
    sources
        Its sources by SOP Instance UID.
    """
    for item in _items(made):
        cited = item.get(_REFERENCED_INSTANCE)
        if cited and cited.value in sources:
            item.ReferencedSOPClassUID = sources[cited.value].header.SOPClassUID
        cite(item, sources)


def cite_frame(made: Dataset, source: Source) -> None:
    """Add the frame number to every Source Image Sequence of an object about one frame (PS3.3 table 10-3)."""
    if source.frame_numbers is None:
        return
    # highdicom shares these items with the Common Instance Reference module, which has no frame numbers.
    if "ReferencedSeriesSequence" in made:
        made.ReferencedSeriesSequence = Sequence(deepcopy(list(made.ReferencedSeriesSequence)))
    for item in _source_images(made):
        item.ReferencedFrameNumber = source.result.frame_number


def _source_images(made: Dataset) -> list[Dataset]:
    """Return the items of every Source Image Sequence, at any depth."""
    found = list(made.get("SourceImageSequence", ()))
    for item in _items(made):
        found.extend(_source_images(item))
    return found


def _items(made: Dataset) -> Iterator[Dataset]:
    """Yield the items of every sequence of a dataset; its elements are not put in order, as iterating over it would."""
    for element in made.values():
        if isinstance(element, DataElement) and element.VR == "SQ":
            yield from element.value


def _proxy(header: Dataset) -> Dataset:
    """Return a header as highdicom accepts it."""
    proxy = Dataset()
    for element in header:
        # Not overwritten but left out: a value set on a shared element would reach the header too.
        if element.keyword not in _WITHHELD:
            proxy.add(element)
    proxy.SOPClassUID = PROXY_CLASS
    for keyword in _NAMES:
        setattr(proxy, keyword, "")
    return proxy
