"""A process that will report comes in; one whose first report waits for nothing goes out."""

from highdicom import ContributingEquipment
from pydicom import Dataset

from hri_node.report import lettering
from hri_node.report.context import MODEL_NAME
from hri_node.report.source import PROXY_CLASS


def warm() -> None:
    """Load highdicom's tables of the Standard and the fonts of the picture, a quarter of a second of decoding.

    Called before a worker forks, it is done once for all its processes, which share the memory.
    """
    image = Dataset()
    image.SOPClassUID, image.Manufacturer = PROXY_CLASS, MODEL_NAME
    # highdicom asks its tables whether this is an image, and keeps them.
    ContributingEquipment.for_image_acquisition(image)
    for is_bold in (False, True):
        lettering.length("0", 1, is_bold=is_bold)
