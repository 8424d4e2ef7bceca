"""The sections of the settings file about people: the web server, who may log in, and who is told what is wrong."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from hri_node.sections import Port, Section, TlsSettings

Share = Annotated[float, Field(gt=0, le=1)]


class OidcSettings(Section):
    """Login by an OpenID Connect provider; `issuer` empty: none.

    The values of `role_claim` decide: whoever has one of `admins` is an admin, and so on; whoever has none of them is
    turned away.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    authorities: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    viewers: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer and not (self.client_id and self.issuer.startswith(("http://", "https://"))):
            raise ValueError("issuer must be a URL and needs client_id")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self


class WebSettings(Section):
    """How STOW-RS senders and browsers reach the node.

    `token_file` holds the bearer tokens of STOW-RS senders, one a line; `allowed_addresses` may store without one.
    """

    host: str = "0.0.0.0"  # noqa: S104 - senders are on other machines
    port: Port = 8080
    tls: TlsSettings = TlsSettings()
    require_client_certificate: bool = False
    allowed_addresses: tuple[str, ...] = ()
    token_file: Path | None = None
    requests_max: PositiveInt = 32
    idle_timeout_s: PositiveFloat = 60.0
    public_url: Annotated[str, Field(pattern=r"^$|^https?://[^/]+$")] = ""
    session_idle_min: PositiveFloat = 60.0
    session_max_h: PositiveFloat = 12.0
    patient_names: Literal["all", "operators"] = "all"
    metrics_addresses: tuple[str, ...] = ("127.0.0.1", "::1")
    study_dir: Path | None = None
    oidc: OidcSettings = OidcSettings()


class AlertSettings(Section):
    """Who is told what is wrong, and what counts as wrong; mail_to and webhook_file left out: nobody but the console.

    Something is wrong once it was so for `raise_after_s`, and fine again once it was so for `clear_after_s`.
    """

    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp_host: str = ""
    smtp_port: Port = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password_file: Path | None = None
    webhook_file: Path | None = None
    authorities: Path | None = None
    interval_s: PositiveFloat = 15.0
    raise_after_s: Annotated[float, Field(ge=0)] = 60.0
    clear_after_s: Annotated[float, Field(ge=0)] = 300.0
    queue_oldest_min: PositiveFloat = 30.0
    destination_away_min: PositiveFloat = 10.0
    failed_share: Share = 0.2
    failed_count_min: PositiveInt = 5
    silent_after_h: PositiveFloat = 72.0
    drift_share: Share = 0.3
    drift_count_min: PositiveInt = 30

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.mail_to and not (self.smtp_host and self.mail_from):
            raise ValueError("mail_to needs smtp_host and mail_from")
        return self


class SelfTestSettings(Section):
    """Where a self-test finds the node's own doors; empty: on this machine."""

    listener_host: str = ""
    web_url: Annotated[str, Field(pattern=r"^$|^https?://[^/]+$")] = ""
