"""Defaults, a TOML file and `HRI_*` variables come in, one frozen Settings goes out; an unknown key is an error."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from hri_node.console_sections import AlertSettings, SelfTestSettings, WebSettings
from hri_node.errors import Misconfigured
from hri_node.sections import (
    AuditSettings,
    DeliverySettings,
    DestinationSettings,
    ListenerSettings,
    MeasureSettings,
    ReportSettings,
    RetentionSettings,
    ScannerSettings,
    WorkSettings,
)

ENVIRONMENT_PREFIX = "HRI_"
DEFAULT_FILE = Path("config/hri-node.toml")
"""Read when it is there and no other file was named."""

CONFIG_VARIABLE = "HRI_CONFIG"
"""Names the settings file; the roles that `hri-node up` starts learn it this way."""

SECRET_KEYS = frozenset({"password", "token", "secret"})
"""Last parts of keys that hold one. None may stand in the settings file, and no error quotes one."""

FILE_BYTES_MAX = 2**20
LINE_LENGTH_MAX = 4096
"""A hundred times what a settings file has."""

SHIPPED_MODEL_DIR = Path(__file__).parent.parent / "models" / "icnet"


class Settings(BaseSettings):
    """Everything a hospital may choose; `config/hri-node.toml` explains each key."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data_dir: Path = Path("data")
    ledger_url: str = ""
    broker_url: str = ""
    spool_dir: Path | None = None
    spool_reserve_mib: Annotated[int, Field(ge=0)] = 1024
    model_dir: Path = SHIPPED_MODEL_DIR
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    listener: ListenerSettings = ListenerSettings()
    web: WebSettings = WebSettings()
    measure: MeasureSettings = MeasureSettings()
    report: ReportSettings = ReportSettings()
    delivery: DeliverySettings = DeliverySettings()
    work: WorkSettings = WorkSettings()
    retention: RetentionSettings = RetentionSettings()
    audit: AuditSettings = AuditSettings()
    alerts: AlertSettings = AlertSettings()
    self_test: SelfTestSettings = SelfTestSettings()
    scanners: tuple[ScannerSettings, ...] = ()
    destinations: tuple[DestinationSettings, ...] = ()

    @property
    def spool_folder(self) -> Path:
        """Where bytes rest."""
        return self.spool_dir or self.data_dir / "spool"

    @property
    def ledger_address(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.ledger_url or f"sqlite:///{self.data_dir.absolute() / 'ledger.sqlite'}"

    @property
    def redis_folder(self) -> Path:
        """Where the embedded Redis keeps its socket and its append-only file."""
        return self.data_dir / "redis"

    @property
    def broker_address(self) -> str:
        """URL of the broker; the embedded Redis listens on a socket in `redis_folder`."""
        return self.broker_url or f"redis+socket://{self.redis_folder.absolute() / 'redis.sock'}"


def load(file: Path | None = None, *, is_node: bool = True) -> Settings:
    """Settings of this process, checked.

    Parameters
    ----------
    file
        The TOML file; None takes the one that HRI_CONFIG names, then `config/hri-node.toml` where there is one.
    is_node
        False for a command that uses neither spool nor ledger, whose folders then need not exist.

    Raises
    ------
    Misconfigured
        In one sentence that names the key: an unknown key, a wrong type or value, a missing file or folder.
    """
    named = file or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named and not named.is_file():
        raise Misconfigured(f"settings file {named} does not exist")
    source = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    _check_variables()
    try:
        _check_size(source)
        _check_secrets(source)
        settings = _read(source)
    except ValidationError as error:
        raise Misconfigured(_sentence(error)) from error
    except RecursionError as error:
        raise Misconfigured(f"settings in {source} are nested too deeply") from error
    except (ValueError, OSError) as error:  # a TOML syntax error, an unreadable file, JSON in a variable
        raise Misconfigured(f"settings cannot be read from {source or 'the environment'}: {error}") from error
    _check_consistency(settings, is_node=is_node)
    return settings


def _read(source: Path | None) -> Settings:
    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes all four by name
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, TomlConfigSettingsSource(settings_cls, source)

    return FromFile()


def _check_variables() -> None:
    """A misspelt variable would be ignored in silence: refuse it."""
    for name in os.environ:
        key = name.removeprefix(ENVIRONMENT_PREFIX).split("__")[0].lower()
        if name.startswith(ENVIRONMENT_PREFIX) and name != CONFIG_VARIABLE and key not in Settings.model_fields:
            raise Misconfigured(f"environment variable {name} names no setting: there is no key {key!r}")


def _check_size(file: Path | None) -> None:
    """A file that is none of ours by mistake: Python's reader of TOML takes minutes for a key of 100,000 dots."""
    if file and file.stat().st_size > FILE_BYTES_MAX:
        raise Misconfigured(f"settings file {file} has {file.stat().st_size} bytes, at most {FILE_BYTES_MAX} are read")
    if file and any(len(line) > LINE_LENGTH_MAX for line in file.read_bytes().splitlines()):
        raise Misconfigured(f"settings file {file} has a line of more than {LINE_LENGTH_MAX} characters")


def _check_secrets(file: Path | None) -> None:
    """Settings files are copied, mailed and kept in repositories: a password in one is refused."""
    values = tomllib.loads(file.read_text()) if file else {}
    for key, value in _texts(values):
        variable = ENVIRONMENT_PREFIX + key.upper().replace(".", "__")
        if value and key.rpartition(".")[2] in SECRET_KEYS:
            raise Misconfigured(f"{key}: a password does not belong in the settings file, but in a file of its own")
        if key.endswith("url") and has_password(value):
            raise Misconfigured(f"{key}: a password does not belong in the settings file: set {variable} instead")


def _texts(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every text of nested tables, its key nested with dots."""
    for name, value in table.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _texts(each, f"{prefix}{name}.")
            elif isinstance(each, str):
                yield prefix + name, each


def has_password(url: str) -> bool:
    """Whether a URL holds a password, before its host or as a parameter (``?password=``, as libpq has it)."""
    try:
        parts = urlsplit(url)
        return bool(parts.password) or any(item.startswith("password=") for item in parts.query.split("&"))
    except ValueError:  # no URL: its own check says so
        return "@" in url


def _check_consistency(settings: Settings, *, is_node: bool) -> None:
    folders = {"model_dir": settings.model_dir}
    if is_node:
        folders |= {"data_dir": settings.data_dir, "spool_dir": settings.spool_dir or settings.data_dir}
    for key, folder in folders.items():
        if not folder.is_dir():
            raise Misconfigured(f"{key}: folder {folder} does not exist")
    names = [destination.name for destination in settings.destinations]
    titles = [scanner.ae_title for scanner in settings.scanners]
    for key, given in (("destinations: the names", names), ("scanners: the AE titles", titles)):
        if len(set(given)) != len(given):
            raise Misconfigured(f"{key} {', '.join(given)} are not all different")


def _sentence(error: ValidationError) -> str:
    """First complaint of pydantic as one plain sentence."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: there is no such setting"
    said = f"{key}: {first['msg'].removeprefix('Value error, ')}"
    is_table = isinstance(first["input"], dict | BaseModel)  # what was meant for other keys, passwords among it
    return said if is_table or key.rpartition(".")[2] in SECRET_KEYS else f"{said} (got {first['input']!r})"
