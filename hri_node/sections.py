"""The sections of the settings file, each frozen and checked; `config/hri-node.toml` explains every key."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from hri_node.records import AE_TITLE_LENGTH_MAX

KEY: Final = "key"
"""Where an error of pydantic's says which key of its section is to be mended."""


def _ae_title(text: str) -> str:
    """PS3.5 6.2, AE: 1 to 16 characters of printable ASCII, no backslash, not only spaces."""
    if not text.strip() or len(text) > AE_TITLE_LENGTH_MAX:
        raise ValueError(f"AE title {text!r} has {len(text.strip())} characters, 1 to {AE_TITLE_LENGTH_MAX} needed")
    if not (text.isascii() and text.isprintable()) or "\\" in text:
        raise ValueError(f"AE title {text!r} holds a character that is not printable ASCII, or a backslash")
    return text.strip()


def _wrong(key: str, words: str) -> PydanticCustomError:
    """What several keys have to do with, said of the one that a person would mend."""
    return PydanticCustomError("section", "{words}", {"words": words, KEY: key})


AeTitle = Annotated[str, AfterValidator(_ae_title)]
Port = Annotated[int, Field(ge=0, le=65535)]
Pause = Annotated[float, Field(gt=0, le=1800)]
"""Seconds. Longer ones could not be told from a clock that was set back (ledger/jobs.py, CLOCK_SLACK)."""


class Runtime(StrEnum):
    """What runs the network."""

    AUTO = "auto"
    CPU = "cpu"
    TENSORFLOW = "tensorflow"


class Section(BaseModel):
    """Base of all: frozen, no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TlsSettings(Section):
    """Certificates of one side of an encrypted connection; `certificate` empty means that there is none.

    `password_file` holds the password of `key`, if it has one; `password` is it, and is taken from the environment
    only: secrets do not stand in the settings file.
    """

    certificate: Path | None = None
    key: Path | None = None
    password_file: Path | None = None
    password: SecretStr | None = None
    authorities: Path | None = None
    profile: Literal["bcp195", "modified"] = "bcp195"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.certificate and not self.key:
            raise _wrong("key", "certificate is of no use without key")
        return self


class ListenerTlsSettings(TlsSettings):
    """TLS towards scanners, on a port of its own."""

    port: Port = 2762
    require_client_certificate: bool = False


class ListenerSettings(Section):
    """How scanners reach the node."""

    ae_title: AeTitle = "HRI_NODE"
    host: str = "0.0.0.0"  # noqa: S104 - scanners are on other machines
    port: Port = 11112
    plain: bool = True
    tls: ListenerTlsSettings = ListenerTlsSettings()
    processes: PositiveInt = 1
    require_called_ae_title: bool = False
    allowed_peers: tuple[str, ...] = ()
    associations_max: PositiveInt = 64
    associations_per_peer_max: PositiveInt = 40
    idle_timeout_s: PositiveFloat = 60.0
    association_timeout_s: PositiveFloat = 14400.0
    pdu_length_max: Annotated[int, Field(ge=4096, le=1_048_576)] = 131_072
    instance_size_max_mib: PositiveInt = 4096
    rate_max_per_s: NonNegativeFloat = 0.0


class ScannerSettings(Section):
    """What is particular about one scanner; one with a `host` may also be called, and send from there."""

    ae_title: AeTitle
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 104
    tls: TlsSettings | None = None
    study_quiet_s: Pause | None = None
    rate_max_per_s: NonNegativeFloat | None = None
    silent_after_h: PositiveFloat | None = None
    return_results: bool = False

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.return_results and not self.host:
            raise _wrong("host", "return_results needs host and port")
        return self


class OnlySettings(Section):
    """Which results a destination is sent: those that match every list; an empty list matches all.

    Patterns as in a shell: ``US_*``. `calling` is the scanner's AE title, `outcome` measured or not_measurable, `kinds`
    sr, seg, sc, pr, pdf.
    """

    calling: tuple[str, ...] = ()
    station: tuple[str, ...] = ()
    modality: tuple[str, ...] = ()
    outcome: tuple[Literal["measured", "not_measurable"], ...] = ()
    kinds: tuple[Literal["sr", "seg", "sc", "pr", "pdf"], ...] = ()


class DestinationSettings(Section):
    """One PACS that results go to, by C-STORE (`host`, `port`, `called`) or by STOW-RS (`url`).

    `self_test` says whether it keeps the results of a self-test, or is only asked whether it would take them.
    """

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^:\s][^:]*$")]
    protocol: Literal["dicom", "dicomweb"] = "dicom"
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 104
    called: AeTitle | None = None
    calling: AeTitle | None = None
    url: str = ""
    username: str = ""
    password_file: Path | None = None
    token_file: Path | None = None
    tls: TlsSettings | None = None
    proof: Literal["auto", "commitment", "query", "none"] = "auto"
    retrieve: Literal["auto", "get", "move"] = "auto"
    concurrency: PositiveInt = 2
    self_test: Literal["echo", "store"] = "echo"
    only: OnlySettings = OnlySettings()

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.protocol == "dicom" and not (self.host and self.called):
            missing = "called" if self.host else "host"
            raise _wrong(missing, f"destination {self.name} needs host, port and called")
        if self.protocol == "dicomweb" and not self.url.startswith(("http://", "https://")):
            raise _wrong("url", f"destination {self.name} needs a url that begins with http:// or https://")
        if self.protocol == "dicomweb" and self.proof == "commitment":
            raise _wrong("proof", f"destination {self.name}: storage commitment goes with the protocol dicom")
        return self


class MeasureSettings(Section):
    """How a frame is measured."""

    method: Literal["joint", "paper"] = "joint"
    any_view: bool = False
    strict_spacing: bool = False
    dynamic_range_db: Annotated[float, Field(ge=0, le=200)] = 0.0
    frames_per_instance_max: PositiveInt = 32
    runtime: Runtime = Runtime.AUTO
    threads: Annotated[int, Field(ge=0)] = 0


class ReportSettings(Section):
    """When and how a study is reported."""

    study_quiet_s: Pause = 30.0
    not_measurable: bool = True
    seg_profile: Literal["ohif", "strict"] = "ohif"
    history: bool = True
    final: bool = False
    verifying_observer: Annotated[str, Field(max_length=64)] = ""
    verifying_organization: Annotated[str, Field(max_length=64)] = ""
    patient_on_picture: bool = False
    presentation_state: bool = False
    pdf: bool = False

    @model_validator(mode="after")
    def _verified(self) -> Self:
        if bool(self.verifying_observer) != bool(self.verifying_organization):
            raise ValueError("verifying_observer and verifying_organization go together")
        if not (self.verifying_observer + self.verifying_organization).isascii():
            raise ValueError("verifying_observer and verifying_organization are ASCII, which every character set has")
        return self


class DeliverySettings(Section):
    """How a delivery is repeated and proven, and how long a peer may take."""

    backoff_first_s: Pause = 30.0
    backoff_max_s: Pause = 600.0
    timeout_s: PositiveFloat = 30.0
    commitment_timeout_s: Pause = 60.0


class WorkSettings(Section):
    """How work is found and handed out."""

    sweep_interval_s: PositiveFloat = 0.1
    lease_s: Pause = 120.0
    attempts_max: PositiveInt = 3
    queued_max: PositiveInt = 64
    measure_processes: PositiveInt = 1
    delivery_processes: PositiveInt = 2


class RetentionSettings(Section):
    """When files of the spool may go; never before every result made from them is delivered."""

    keep_days: PositiveFloat = 30.0
    clean_below_mib: Annotated[int, Field(ge=0)] = 4096
    interval_s: PositiveFloat = 300.0


class AuditSettings(Section):
    """Where the audit trail goes (PS3.15 A.5): a file, a syslog server, or neither."""

    file: Path | None = None
    syslog: Annotated[str, Field(pattern=r"^$|^(udp|tcp|tls)://[^/:]+:[0-9]+$")] = ""
    authorities: Path | None = None
    patient_ids: bool = False
