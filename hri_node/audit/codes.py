"""The coded concepts of audit messages that the node writes: PS3.16 CID 400 to 403, PS3.15 A.5.1.2 and A.5.3."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Coded:
    """CodedValueType of PS3.15 A.5.1."""

    value: str
    scheme: str
    meaning: str


class Outcome(IntEnum):
    """EventOutcomeIndicator."""

    SUCCESS = 0
    MINOR_FAILURE = 4
    SERIOUS_FAILURE = 8


def _dcm(value: str, meaning: str) -> Coded:
    return Coded(value, "DCM", meaning)


APPLICATION_ACTIVITY: Final = _dcm("110100", "Application Activity")
BEGIN_TRANSFERRING: Final = _dcm("110102", "Begin Transferring DICOM Instances")
INSTANCES_ACCESSED: Final = _dcm("110103", "DICOM Instances Accessed")
INSTANCES_TRANSFERRED: Final = _dcm("110104", "DICOM Instances Transferred")
STUDY_DELETED: Final = _dcm("110105", "DICOM Study Deleted")
QUERY: Final = _dcm("110112", "Query")
SECURITY_ALERT: Final = _dcm("110113", "Security Alert")
USER_AUTHENTICATION: Final = _dcm("110114", "User Authentication")
"""PS3.16 CID 400, Audit Event ID."""

APPLICATION_START: Final = _dcm("110120", "Application Start")
APPLICATION_STOP: Final = _dcm("110121", "Application Stop")
LOGIN: Final = _dcm("110122", "Login")
LOGOUT: Final = _dcm("110123", "Logout")
"""PS3.16 CID 401, Audit Event Type Code."""

NODE_AUTHENTICATION: Final = _dcm("110126", "Node Authentication")
NETWORK_CONFIGURATION: Final = _dcm("110128", "Network Configuration")
SOFTWARE_CONFIGURATION: Final = _dcm("110131", "Software Configuration")
USE_OF_RESTRICTED_FUNCTION: Final = _dcm("110132", "Use of Restricted Function")
SECURITY_ROLES_CHANGED: Final = _dcm("110136", "Security Roles Changed")
USER_SECURITY_ATTRIBUTES_CHANGED: Final = _dcm("110137", "User Security Attributes Changed")
"""PS3.16 CID 403, Security Alert Type Code."""

APPLICATION: Final = _dcm("110150", "Application")
APPLICATION_LAUNCHER: Final = _dcm("110151", "Application Launcher")
DESTINATION_ROLE: Final = _dcm("110152", "Destination Role ID")
SOURCE_ROLE: Final = _dcm("110153", "Source Role ID")
"""PS3.16 CID 402, Audit Active Participant Role ID Code."""

STUDY_INSTANCE_UID: Final = _dcm("110180", "Study Instance UID")
SOP_CLASS_UID: Final = _dcm("110181", "SOP Class UID")
NODE_ID: Final = _dcm("110182", "Node ID")
"""PS3.16 CID 404, Audit Participant Object ID Type Code."""

PATIENT_NUMBER: Final = Coded("2", "RFC-3881", "Patient Number")
"""PS3.15 A.5.1.2.4."""

PERSON: Final = "1"
SYSTEM_OBJECT: Final = "2"
"""ParticipantObjectTypeCode."""

PATIENT: Final = "1"
REPORT: Final = "3"
SECURITY_RESOURCE: Final = "13"
JOB: Final = "20"
"""ParticipantObjectTypeCodeRole, PS3.15 A.5.1.2.2."""
