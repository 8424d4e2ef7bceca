"""The one table of what the node accepts: SOP Classes and transfer syntaxes in, presentation contexts out.

Private SOP Classes are not in it, although pynetdicom could take anything as storage
(``_config.UNRESTRICTED_STORAGE_SERVICE``). That switch is one for the whole process, it accepts transfer syntaxes
nobody here can name, and it would tell a scanner that its raw data are safe with a node that never looks at them. A
private context is refused by itself; the association and its other contexts live on.
"""

from typing import Final

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    AllTransferSyntaxes,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from pynetdicom import AllStoragePresentationContexts, build_context, register_uid
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when it is imported

PREFERRED_TRANSFER_SYNTAXES: Final = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLosslessSV1,
    JPEGLossless,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    JPEG2000,
    HTJ2K,
)
"""First come, first chosen where a scanner offers several for one context: uncompressed, lossless, lossy.

A scanner that may choose would otherwise compress, and lossy compression changes the grey levels that are measured.
"""

TRANSFER_SYNTAXES: Final = (
    *PREFERRED_TRANSFER_SYNTAXES,
    *(uid for uid in AllTransferSyntaxes if uid not in PREFERRED_TRANSFER_SYNTAXES),
)
"""Everything an instance may be encoded in. Video and its like are kept as they are and not decoded (PS3.5 Annex A)."""

RETIRED_STORAGE: Final = {
    "1.2.840.10008.5.1.1.29": "HardcopyGrayscaleImageStorage",
    "1.2.840.10008.5.1.1.30": "HardcopyColorImageStorage",
    "1.2.840.10008.5.1.4.1.1.3": "UltrasoundMultiFrameImageStorageRetired",
    "1.2.840.10008.5.1.4.1.1.5": "NuclearMedicineImageStorageRetired",
    "1.2.840.10008.5.1.4.1.1.6": "UltrasoundImageStorageRetired",
    "1.2.840.10008.5.1.4.1.1.8": "StandaloneOverlayStorage",
    "1.2.840.10008.5.1.4.1.1.9": "StandaloneCurveStorage",
    "1.2.840.10008.5.1.4.1.1.9.1": "WaveformStorageTrial",
    "1.2.840.10008.5.1.4.1.1.10": "StandaloneModalityLUTStorage",
    "1.2.840.10008.5.1.4.1.1.11": "StandaloneVOILUTStorage",
    "1.2.840.10008.5.1.4.1.1.12.3": "XRayAngiographicBiPlaneImageStorage",
    "1.2.840.10008.5.1.4.1.1.77.1": "VLImageStorageTrial",
    "1.2.840.10008.5.1.4.1.1.77.2": "VLMultiFrameImageStorageTrial",
    "1.2.840.10008.5.1.4.1.1.88.1": "TextSRStorageTrial",
    "1.2.840.10008.5.1.4.1.1.88.2": "AudioSRStorageTrial",
    "1.2.840.10008.5.1.4.1.1.88.3": "DetailSRStorageTrial",
    "1.2.840.10008.5.1.4.1.1.88.4": "ComprehensiveSRStorageTrial",
    "1.2.840.10008.5.1.4.1.1.129": "StandalonePETCurveStorage",
}
"""SOP Class UID to keyword: what PS3.4 retired and pynetdicom therefore does not know, but old scanners still send."""

STORAGE_SOP_CLASSES: Final = tuple(
    UID(str(uid))
    for uid in sorted({
        *RETIRED_STORAGE,
        *(context.abstract_syntax or "" for context in AllStoragePresentationContexts),
    })
)
"""Every SOP Class of the Storage Service (PS3.4 B.5), retired ones too. The limit of 128 contexts binds requestors."""

VERIFICATION_TRANSFER_SYNTAXES: Final = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)


def supported_contexts() -> list[PresentationContext]:
    """Presentation contexts of the acceptor: storage in any encoding, and Verification."""
    for uid, keyword in RETIRED_STORAGE.items():
        register_uid(uid, keyword, StorageServiceClass)  # or pynetdicom aborts when such an instance arrives
    storage = [build_context(uid, list(TRANSFER_SYNTAXES)) for uid in STORAGE_SOP_CLASSES]
    return [build_context(Verification, list(VERIFICATION_TRANSFER_SYNTAXES)), *storage]
