"""A UID of PS3.6 comes in, its name goes out."""

from typing import Final

from pydicom.uid import UID

NEW: Final = {
    "1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.66.8": "Height Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.1": "Waveform Presentation State Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.2": "Waveform Acquisition Presentation State Storage",
}
"""Those that pynetdicom knows and pydicom does not."""


def name_of(uid: str) -> str:
    """Name of a SOP class, transfer syntax and the like; the UID itself where nobody knows one.

    Parameters
    ----------
    uid
        The UID.
    """
    if uid in NEW:
        return NEW[uid]
    found = UID(uid)
    name = found.name.removesuffix(" SOP Class")
    return f"{name} (Retired)" if found.is_retired and not name.endswith("(Retired)") else name
