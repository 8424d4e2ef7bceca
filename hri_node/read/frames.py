"""The path of a DICOM file comes in; its frames go out one by one as grey pixels with their scale, nothing else."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hri_node.errors import Unreadable
from hri_node.read.decode import Samples, decoder
from hri_node.read.description import describe
from hri_node.read.dynamic_range import dynamic_range_db
from hri_node.read.grey import Screen, screen
from hri_node.read.instance import open_instance
from hri_node.read.spacing import Calibration, calibration
from hri_node.records import Frame


def read_frames(
    path: Path, frame_numbers: Sequence[int] | None = None, mm_per_px: tuple[float, float] | None = None
) -> Iterator[Frame]:
    """Frames of an instance, each decoded when it is asked for.

    Header, size of the pixel data and the place of every frame are checked at once; only what is wrong inside a
    compressed frame shows later. No `Frame` holds anything of the header but its spacing and its dynamic range.

    Parameters
    ----------
    path
        A DICOM file (PS3.10).
    frame_numbers
        1-based numbers of the frames wanted, in any order; None for all.
    mm_per_px
        (row, column) spacing where the scanner wrote none.

    Raises
    ------
    Unreadable
        When it is no DICOM image that can be decoded, or has no such frame; nothing else is raised for bad bytes.
    """
    instance = open_instance(path)
    description = describe(instance.header)
    decode = decoder(instance, description)
    show = screen(instance.header, description)
    calibrated = calibration(instance.header, (description.rows, description.columns), mm_per_px)
    numbers = range(1, description.frames + 1) if frame_numbers is None else frame_numbers
    missing = [number for number in numbers if not 1 <= number <= description.frames] if frame_numbers else []
    if missing:
        raise Unreadable(f"{path.name} has {description.frames} frames, frame {missing[0]} was asked for")
    return _frames(numbers, decode, show, (calibrated, dynamic_range_db(instance.header)))


def frame_count(path: Path) -> int:
    """Number of frames that an instance declares.

    Raises
    ------
    Unreadable
        When it is no DICOM image that can be decoded.
    """
    return describe(open_instance(path).header).frames


def _frames(
    numbers: Sequence[int], decode: Callable[[int], Samples], show: Screen, known: tuple[Calibration, float | None]
) -> Iterator[Frame]:
    """Decode and show the frames one after the other, with their calibration and dynamic range."""
    calibrated, range_db = known
    for number in numbers:
        pixels, coloured = show(decode(number - 1))
        yield Frame(pixels, number, calibrated.spacing_mm, calibrated.source, coloured, calibrated.outside, range_db)
