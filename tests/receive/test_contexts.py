"""Tests of the table of accepted SOP Classes and transfer syntaxes."""

from pydicom.uid import AllTransferSyntaxes, UltrasoundImageStorage, UltrasoundMultiFrameImageStorage
from pynetdicom import AllStoragePresentationContexts
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import uid_to_service_class

from hri_node.receive.contexts import STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES, supported_contexts

NEEDED = {
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"),
    "1.2.840.10008.1.2.5",
    *(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)),
    *(f"1.2.840.10008.1.2.4.{number}" for number in (100, 101, 102, 103, 104, 105, 106, 107, 108)),
}


def test_every_transfer_syntax_of_ultrasound_is_accepted_once() -> None:
    """No encoding that a scanner uses is refused, video included."""
    assert set(TRANSFER_SYNTAXES) >= NEEDED | set(AllTransferSyntaxes)
    assert len(TRANSFER_SYNTAXES) == len(set(TRANSFER_SYNTAXES))


def test_uncompressed_is_preferred_to_lossless_and_lossless_to_lossy() -> None:
    """A scanner that offers all in one context must not choose the one that changes grey levels."""
    order = [TRANSFER_SYNTAXES.index(f"1.2.840.10008.1.2{end}") for end in (".1", "", ".4.70", ".4.50")]

    assert order == sorted(order)


def test_every_storage_class_is_accepted() -> None:
    """What pynetdicom knows, and the retired ultrasound classes that old scanners send."""
    known = {str(context.abstract_syntax) for context in AllStoragePresentationContexts}
    retired_ultrasound = {"1.2.840.10008.5.1.4.1.1.3", "1.2.840.10008.5.1.4.1.1.6"}

    assert set(STORAGE_SOP_CLASSES) >= known | retired_ultrasound | {
        UltrasoundImageStorage,
        UltrasoundMultiFrameImageStorage,
    }


def test_every_accepted_class_has_a_service_behind_it() -> None:
    """Without one, pynetdicom aborts the association when such an instance arrives."""
    storage = [str(context.abstract_syntax) for context in supported_contexts()][1:]

    assert storage == list(STORAGE_SOP_CLASSES)
    assert {uid_to_service_class(uid) for uid in storage} == {StorageServiceClass}
