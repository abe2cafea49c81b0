"""Settings: frozen, read once in the entry point, from `SHEQU_*` variables or one TOML file.

`SHEQU_CONFIG` names the TOML file; without it the file that `shequ up` leaves in its data
folder is read, so that `shequ device add` in another window finds the running stack. The
environment wins over the file. Every setting is described in docs/reference/settings.md;
a test enforces it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from devices.adapters import ADAPTERS
from devices.errors import SettingError
from ingest.addresses import problems

PREFIX = "SHEQU_"


def data_folder() -> Path:
    """Where the local stack keeps its data by default; root's servers cannot reach a closed home."""
    if os.geteuid() == 0:
        return Path("/var/lib/shequ")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "shequ"


def config_file() -> Path:
    """The TOML file to read: `SHEQU_CONFIG`, or the running stack's own."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    return Path(named) if named else data_folder() / "shequ.toml"


class Settings(BaseSettings):
    """Base of every package's settings: environment first, then the TOML file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    @classmethod
    def toml_file(cls) -> Path | None:
        """The TOML file that ranks below the environment."""
        return config_file()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Name the sources in the order of their rank."""
        toml = TomlConfigSettingsSource(settings_cls, cls.toml_file())
        return (init_settings, env_settings, toml)


class TransportSettings(Settings):
    """Whether parts may talk to other machines without TLS."""

    plain_transport: bool = Field(
        False,  # noqa: FBT003 - the default
        description="allow connections to other machines, and listening for them, without TLS: for trials",
    )


class TraceSettings(Settings):
    """Where traces go, for every part that a message passes."""

    otlp_url: str | None = Field(
        None,
        description="where traces go (OTLP over HTTP): `http://127.0.0.1:4318/v1/traces`; none: nowhere",
    )


class DatabaseSettings(Settings):
    """Where the database is, for whoever needs nothing else."""

    database_url: SecretStr = Field(description="libpq address of the TimescaleDB database")


class BrokerAdminSettings(Settings):
    """Who may manage the devices' accounts on the broker."""

    broker_admin_url: SecretStr | None = Field(
        None, description="`mqtt://user:password@host:port` of the broker, the account that manages accounts"
    )
    broker_certificate_url: str | None = Field(
        None, description="`mqtts://host:port` where devices log in with a certificate, as they reach it"
    )
    own_broker_url: str | None = Field(
        None,
        description="`mqtt[s]://host:port` of a broker of your own that asks us over HTTP who may come in",
    )
    ca_folder: Path | None = Field(
        None, description="folder of the devices' certificate authority; without one no certificates are made"
    )


class IngestSettings(TraceSettings, DatabaseSettings):
    """What the ingest process needs to know."""

    broker_url: SecretStr = Field(
        description="`mqtt://user:password@host:port` of the broker (`mqtts://…?ca=/path/ca.pem` for TLS),"
        " ingest's account"
    )
    client_id: str = Field(
        "shequ-ingest", description="MQTT client id of ingest; its session lives under this name"
    )
    batch_size: int = Field(2000, ge=1, le=20_000, description="messages per database transaction, at most")
    batch_ms: int = Field(20, ge=0, le=5_000, description="milliseconds a message waits for company, at most")
    window: int = Field(
        8000, ge=1, le=65_535, description="messages the broker may send ahead of their acknowledgement"
    )
    dialects: str = Field(
        "all",
        description="foreign dialects to listen for: `all`, `none`, or a list such as `zigbee2mqtt,frigate`",
    )
    home_assistant: bool = Field(
        False,  # noqa: FBT003 - the default
        description="announce the native devices on the broker, so that Home Assistant shows them",
    )
    lateness_s: float = Field(
        2.0, ge=0, description="seconds a message may be under way before timers stop waiting for it"
    )
    retention: str | None = Field(
        None, description="days to keep, over the defaults, such as `events=60,audit_log=365`; within bounds"
    )
    quarantine_mb: int = Field(
        1024,
        ge=1,
        description="MiB that messages set aside may take; beyond it a day counts them by topic and reason",
    )
    clock: Literal["system", "marker"] = Field(
        "system", description="`marker` for virtual time told by marker messages (drills)"
    )

    @property
    def in_memory(self) -> int:
        """How many messages may wait in memory; with more the backlog in the database begins.

        Of what the broker sends ahead two batches are in hand, and the rest waits where judging is too slow.
        """
        return max(self.window // 4, (self.window - 2 * self.batch_size) * 3 // 4)


def parse_dialects(text: str) -> tuple[str, ...]:
    """Read `all`, `none` or a comma-separated list of dialects; raises SettingError."""
    names = [word.strip() for word in text.split(",") if word.strip()]
    if names in (["all"], ["none"]):
        return tuple(ADAPTERS) if names == ["all"] else ()
    unknown = [name for name in names if name not in ADAPTERS]
    if unknown:
        known = ", ".join(ADAPTERS)
        raise SettingError(f"{PREFIX}DIALECTS", f"{', '.join(unknown)}: choose all, none, or of {known}")
    return tuple(dict.fromkeys(names))


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read one settings class, and refuse to send secrets over a network without TLS; raises SettingError."""
    settings = read(kind)
    for name, problem in problems(settings):
        refuse_plain(name, problem)
    return settings


def refuse_plain(name: str, problem: str) -> None:
    """Raise SettingError for a connection without TLS, unless those were allowed."""
    if not read(TransportSettings).plain_transport:
        allowed = f"{PREFIX}PLAIN_TRANSPORT=true"
        raise SettingError(PREFIX + name.upper(), f"{problem} (for a trial, {allowed} lets it pass)")


def read(kind: type[SettingsT]) -> SettingsT:
    """Read one settings class as it stands.

    Raises SettingError naming the first setting that is missing or wrong.
    """
    if os.environ.get(f"{PREFIX}CONFIG") and not config_file().is_file():
        raise SettingError(f"{PREFIX}CONFIG", f"there is no file {str(config_file())!r}")
    try:
        return kind()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingError(name, first["msg"]) from exc


_BROKER_FORM = "write mqtt://user:password@host:port (in a password / is %2F, # is %23, % is %25)"


class BrokerUrl:
    """The parts of a broker address; raises SettingError where it is not one.

    `?ca=` names the file of the authority that signed the broker's certificate; none: those of the system.
    """

    __slots__ = ("ca", "host", "password", "port", "tls", "username")

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # its text would show the password
            raise SettingError(f"{PREFIX}BROKER_URL", _BROKER_FORM) from None
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise SettingError(f"{PREFIX}BROKER_URL", _BROKER_FORM)
        self.tls = parts.scheme == "mqtts"
        self.host = parts.hostname
        self.port = port or (8883 if self.tls else 1883)
        self.username = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        authority = parse_qs(parts.query).get("ca")
        self.ca = Path(authority[0]) if authority else None
