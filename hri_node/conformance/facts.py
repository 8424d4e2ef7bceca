"""Names that stand in the text come in, the numbers and words that the code has for them go out."""

from typing import Final

from hri_node import __version__, delivering, pipeline, records, tls
from hri_node.audit import outlets, pump
from hri_node.conformance.configuration import defaults, keys, number
from hri_node.receive import commitment, contexts, header, messages, scp, stow, stow_answer, stream, transport
from hri_node.sections import DestinationSettings
from hri_node.send import (
    association,
    proof,
    proof_query,
    query_dicom,
    retrieve_cohort,
    retrieve_service,
    retrieve_stream,
    scu,
    wado,
)
from hri_node.settings import Settings
from hri_node.web import access, body, health, server

KIB: Final = 1024
MIB: Final = KIB * KIB

SHIPPED: Final = (
    "It is the statement of a node with the settings that it is shipped with; `hri-node conformance` prints that of an "
    "installation, with its own AE title, ports, peers and options."
)

CONSTANTS: Final = {
    "ANSWER_AFTER_S": commitment.ANSWER_AFTER.total_seconds(),
    "AUDIT_QUEUED_MAX": pump.QUEUED_MAX,
    "BATCH_MAX": pipeline.BATCH_MAX,
    "CANCEL_S": retrieve_stream.CANCEL_S,
    "COMMAND_KIB": messages.COMMAND_LENGTH_MAX / KIB,
    "EXPIRY_DAYS": tls.EXPIRY_NOTICE.days,
    "GET_CONTEXTS_MAX": association.CONTEXTS_MAX,
    "HANDSHAKE_S": transport.HANDSHAKE_S,
    "HEADER_MIB": header.HEADER_MAX / MIB,
    "HEADER_S": server.HEADER_S,
    "NEGOTIATION_S": scp.NEGOTIATION_S,
    "OUTAGES_MAX": retrieve_cohort.OUTAGES_MAX,
    "PARTS_MAX": stow.PARTS_MAX,
    "PASSED_MIB": messages.PASSED_LENGTH_MAX / MIB,
    "PDU_LENGTH_CAP": association.PDU_LENGTH_CAP,
    "PEER_FRESH_S": health.PEER_FRESH_S,
    "PREFERRED": len(contexts.PREFERRED_TRANSFER_SYNTAXES),
    "REPORT_WAIT_S": proof.REPORT_WAIT_S,
    "SETTLING_S": delivering.SETTLING.total_seconds(),
    "SLOWEST_LINK": scu.SLOWEST_LINK_BYTES_PER_S,
    "SLOWEST_SENDER": body.SLOWEST_SENDER_BYTES_PER_S,
    "SUSPICIOUS": query_dicom.SUSPICIOUS,
    "TOKEN_LENGTH_MIN": access.TOKEN_LENGTH_MIN,
    "UIDS_AT_ONCE": proof_query.UIDS_AT_ONCE,
    "UIDS_MAX": retrieve_service.UIDS_MAX,
    "UNSERVED_MIN": proof.UNSERVED_S / 60,
}
"""Numbers of the code, by the name that the text has for them."""

WORDS: Final = {
    "ANONYMOUS": access.ANONYMOUS,
    "AUDIT_MESSAGE_ID": outlets.MESSAGE_ID,
    "BLANK_AE_TITLE": stream.BLANK_AE_TITLE,
    "IMPLEMENTATION_CLASS_UID": records.IMPLEMENTATION_CLASS_UID,
    "IMPLEMENTATION_VERSION_NAME": records.IMPLEMENTATION_VERSION_NAME,
    "WADO_ACCEPT": wado.ACCEPT,
    "answer media types": ", ".join(f"`{name}`" for name in stow_answer.MEDIA_TYPES),
    "version": __version__,
}
"""Words of the code."""


def facts(settings: Settings) -> dict[str, str]:
    """What the text may name: keys of the settings, and names of this module.

    Parameters
    ----------
    settings
        Of the installation.
    """
    chosen = {key: value for key, (_, value) in keys(settings)}
    said = {key: number(value) if isinstance(value, int | float) else str(value) for key, value in chosen.items()}
    concurrency = {"destinations.concurrency": number(DestinationSettings.model_fields["concurrency"].default)}
    numbers = {name: number(value) for name, value in CONSTANTS.items()}
    return said | concurrency | numbers | WORDS | {"scope": _scope(settings)}


def _scope(settings: Settings) -> str:
    """Whose statement it is."""
    if settings == defaults():
        return SHIPPED
    return f"It is the statement of the installation whose AE title is `{settings.listener.ae_title}`, by its settings."
