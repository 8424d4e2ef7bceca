"""What somebody did at the command line comes in; the audit trail has it when the command ends."""

from collections.abc import Sequence

from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import ImplicitVRLittleEndian

from hri_node.audit.codes import Coded
from hri_node.audit.trail import open_audit
from hri_node.receive.hooks import Parties
from hri_node.records import Origin
from hri_node.sections import DestinationSettings
from hri_node.send.query import Wanted
from hri_node.send.query_identifier import identifier_of
from hri_node.settings import Settings

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
"""PS3.4 C.6.2.3, Study Root Query/Retrieve Information Model - FIND."""


def note(
    settings: Settings, action: str, names: Sequence[str], *, is_setting: bool = False, kind: Coded | None = None
) -> None:
    """Write down what was done to which jobs, destinations or people.

    Raises
    ------
    Misconfigured
        When the audit trail cannot be kept.
    """
    auditor = open_audit(settings.audit, settings.listener.ae_title)
    auditor.operated(action, names, is_setting=is_setting, kind=kind)
    auditor.close()


def note_question(settings: Settings, chosen: DestinationSettings, pacs: Origin, wanted: Wanted) -> None:
    """Write down which studies a PACS is asked for.

    Raises
    ------
    Misconfigured
        When the audit trail cannot be kept.
    """
    auditor, to = (
        open_audit(settings.audit, settings.listener.ae_title),
        Parties(pacs.called, pacs.calling, pacs.address),
    )
    keys = {"StudyDate": wanted.dates.matching(), "PatientID": wanted.patient_id, "ModalitiesInStudy": wanted.modality}
    if chosen.protocol == "dicomweb":
        query = "&".join(f"{key}={value}" for key, value in keys.items() if value)
        auditor.queried(to, "", query.encode())
    else:
        encoded = DicomBytesIO()
        encoded.is_little_endian, encoded.is_implicit_VR = True, True
        write_dataset(encoded, identifier_of("STUDY", keys))
        auditor.queried(to, STUDY_ROOT_FIND, encoded.getvalue(), ImplicitVRLittleEndian)
    auditor.close()
