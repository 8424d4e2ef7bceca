"""Settings come in, the audit trail of this process goes out."""

from urllib.parse import urlsplit

from hri_node.audit.auditor import Auditor
from hri_node.audit.outlets import FileOutlet, SyslogAddress, SyslogOutlet
from hri_node.audit.pump import Pump
from hri_node.sections import AuditSettings, TlsSettings
from hri_node.tls import client_context


def open_audit(settings: AuditSettings, ae_title: str) -> Auditor:
    """The audit trail that the settings describe; one that keeps nothing where they name no outlet.

    Parameters
    ----------
    settings
        File, syslog server, whether patients are named.
    ae_title
        The node's.

    Raises
    ------
    Misconfigured
        When the file cannot be written, or the authorities of the syslog server cannot be read.
    """
    pumps = []
    if path := settings.file:
        FileOutlet(path).check()
        pumps.append(Pump(lambda: FileOutlet(path)))
    if settings.syslog:
        parts = urlsplit(settings.syslog)
        tls = TlsSettings(authorities=settings.authorities)
        context = client_context(tls, name="audit") if parts.scheme == "tls" else None
        address = SyslogAddress(parts.scheme, parts.hostname or "", parts.port or 0, context)
        pumps.append(Pump(lambda: SyslogOutlet(address)))
    return Auditor(ae_title, pumps, patient_ids=settings.patient_ids)
