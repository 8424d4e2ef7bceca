"""A section of the settings comes in; the fields of a form for it, in groups, go out, and the section that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hri_node.keys import keys_of, put_key, typed
from hri_node.ledger.states import SetupKind

ENCRYPTED: Final = "tls"


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a section, as a form asks for it: `kind` is text, number, choice or check; `options` of a choice."""

    key: str
    label: str
    hint: str = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; `only_for` says of which protocol they are, `within` which box opens them."""

    title: str
    fields: tuple[Field, ...]
    only_for: str = ""
    within: str = ""


TLS: Final = (
    Field("tls.authorities", "Authorities", "PEM file of whom its certificate must descend from; empty: the system's"),
    Field("tls.certificate", "Our certificate", "PEM file, where it asks for one"),
    Field("tls.key", "Our key", "PEM file"),
    Field("tls.password_file", "Password of the key", "file that holds it"),
    Field(
        "tls.profile", "Profile", "PS3.15 B.12, or B.13 for older peers", "choice",
        (("bcp195", "BCP 195"), ("modified", "modified BCP 195")),
    ),
)  # fmt: skip

SCANNER: Final = (
    Group(
        "Scanner",
        (
            Field("ae_title", "AE title", "calling AE title, as it is set at the scanner: capitals count"),
            Field("host", "Host", "IP address, network or host name; it may send from there, and only from there"),
            Field("port", "Port", "where it listens, for tests, storage commitment and results", "number"),
        ),
    ),
    Group(
        "Behaviour",
        (
            Field("study_quiet_s", "Quiet time, s", "a study is reported after so long without an image", "number"),
            Field("rate_max_per_s", "Rate, images/s", "it is read no faster; 0: no limit", "number"),
            Field("silent_after_h", "Silent after, h", "then an alarm is due; empty: as for all scanners", "number"),
            Field("return_results", "Send results back to it", "", "check"),
        ),
    ),
    Group("Encryption", (Field(ENCRYPTED, "Encrypt connections to it (TLS)", "", "check"),)),
    Group("Certificates", TLS, within=ENCRYPTED),
)

DESTINATION: Final = (
    Group(
        "Destination",
        (
            Field("name", "Name", "what it is called here"),
            Field(
                "protocol", "Protocol", "", "choice",
                (("dicom", "DICOM: C-STORE"), ("dicomweb", "DICOMweb: STOW-RS")),
            ),
        ),
    ),
    Group(
        "DICOM",
        (
            Field("host", "Host", "IP address or host name"),
            Field("port", "Port", "", "number"),
            Field("called", "Called AE title", "its own"),
            Field("calling", "Calling AE title", "ours towards it; empty: that of this node"),
        ),
        only_for="dicom",
    ),
    Group(
        "DICOMweb",
        (
            Field("url", "URL", "its root, to which /studies is added"),
            Field("token_file", "Token", "file with a bearer token"),
            Field("username", "User", "or a user,"),
            Field("password_file", "Password", "and a file with the password"),
        ),
        only_for="dicomweb",
    ),
    Group(
        "What it gets",
        (
            Field("only.kinds", "Kinds", "of sr, seg, sc, pr, pdf; with commas between; empty: all"),
            Field("only.outcome", "Outcome", "measured or not_measurable; empty: both"),
            Field("only.calling", "Scanners", "AE titles or patterns such as US_*; empty: all"),
            Field("only.station", "Stations", "station names or patterns; empty: all"),
            Field("only.modality", "Modalities", "such as US; empty: all"),
        ),
    ),
    Group(
        "How it is sent",
        (
            Field(
                "proof", "Proof that it kept an object", "", "choice",
                (
                    ("auto", "the best that it offers"), ("commitment", "storage commitment"),
                    ("query", "C-FIND or QIDO-RS"), ("none", "its word"),
                ),
            ),
            Field(
                "retrieve", "How pull fetches from it", "", "choice",
                (("auto", "as it can"), ("get", "C-GET"), ("move", "C-MOVE")),
            ),
            Field("concurrency", "Connections at once", "", "number"),
            Field(
                "self_test", "Self-test", "what it stores is declared rejected afterwards", "choice",
                (("echo", "asks whether it would take results"), ("store", "stores results of a phantom there")),
            ),
        ),
    ),
    Group("Encryption", (Field(ENCRYPTED, "Encrypt connections (TLS)", "https is encrypted in any case", "check"),)),
    Group("Certificates", TLS, within=ENCRYPTED),
)  # fmt: skip

GROUPS: Final = {SetupKind.SCANNER: SCANNER, SetupKind.DESTINATION: DESTINATION}


def section_of(kind: SetupKind, form: Mapping[str, str]) -> dict[str, Any]:
    """The table of a section that a form makes; whatever is not filled in has its default.

    Parameters
    ----------
    kind
        Of a scanner or a destination.
    form
        Its fields, by key; a box that is not ticked is not there.

    Raises
    ------
    WrongKey
        When a key is none, or holds a secret.
    """
    chosen: dict[str, Any] = {}
    is_encrypted = bool(form.get(ENCRYPTED))
    for key in keys_of(kind):
        if not key.startswith(f"{ENCRYPTED}.") or is_encrypted:
            put_key(kind, chosen, key, form.get(key, ""))
    return chosen


def typed_of(kind: SetupKind, chosen: Mapping[str, Any]) -> dict[str, str]:
    """What a form shows of a section: every key with what one would type; defaults as nothing.

    Parameters
    ----------
    kind
        Of a scanner or a destination.
    chosen
        The section's table.
    """
    shown = {}
    for key in keys_of(kind):
        value: Any = chosen
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        shown[key] = "true" if isinstance(value, Mapping) else typed(value)
    return shown
