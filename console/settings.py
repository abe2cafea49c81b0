"""What the console needs to know; read once in the entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from ingest.deliver.settings import LetterSettings
from ingest.settings import DatabaseSettings, Settings, TraceSettings
from rules.sla import work_hours

SEVERITIES: Final = 4


class ConsoleSettings(LetterSettings):
    """Settings of the HTTP side."""

    database_url: SecretStr = Field(description="libpq address of the TimescaleDB database")
    host: str = Field("127.0.0.1", description="address the console listens on")
    port: int = Field(8080, ge=0, le=65_535, description="TCP port the console listens on; 0 takes any")
    tls_certificate: Path | None = Field(
        None, description="PEM file of the console's certificate and its chain; with it only TLS is answered"
    )
    tls_key: Path | None = Field(None, description="PEM file of that certificate's key")
    tls_hosts: str | None = Field(
        None,
        description="names and addresses, with commas, for a certificate of the project's own authority"
        " (`SHEQU_CA_FOLDER`), made at each start, instead of such files",
    )
    web_dir: Path = Field(Path(__file__).parent / "web" / "dist", description="folder of the built web page")
    snapshots: str | None = Field(
        None, description="cameras' pictures and clips: a folder or `s3://bucket/prefix`; without one none"
    )
    snapshots_endpoint: str | None = Field(
        None, description="`http[s]://host:port` of S3-compatible storage; none: the public service"
    )
    snapshots_region: str = Field("us-east-1", description="region of the bucket")
    snapshots_key: str | None = Field(None, description="access key of the bucket")
    camera_nodes: str | None = Field(
        None,
        description="`https://host:port` of the camera nodes' live views, with commas; none: no live view",
    )
    camera_ca: Path | None = Field(
        None, description="PEM file of the authority that signed the nodes' certificates; none: the system's"
    )
    camera_secret: SecretStr | None = Field(None, description="what the nodes' `[live]` expect to be shown")
    simulation_url: str | None = Field(
        None, description="`http://host:port/` of a simulated community's controls; none: real devices only"
    )
    simulation_secret: SecretStr | None = Field(None, description="what those controls expect to be shown")
    live_minutes: float = Field(5, gt=0, le=60, description="minutes after which a live view ends")
    snapshots_secret: SecretStr | None = Field(None, description="secret of that key")
    face_model: Path | None = Field(
        None, description="YuNet model (ONNX) of the owner's: faces in exported pictures are hidden by it too"
    )
    attachments: Path | None = Field(
        None, description="folder of the cases' photos; without one none are taken"
    )
    session_hours: float = Field(12, gt=0, le=168, description="hours after which everybody logs in again")
    session_idle_minutes: float = Field(30, gt=0, description="minutes without a request that end a session")
    field_idle_hours: float = Field(
        8,
        gt=0,
        le=24,
        description="hours without a request that end a session of field staff; while their shift in the "
        "roster lasts it stays, at most a day after they signed in",
    )
    second_factor: Literal["optional", "administrators", "everybody"] = Field(
        "optional",
        description="who must have a second factor: `optional`, `administrators` or `everybody`;"
        " without one they reach their account page only",
    )
    oidc_issuer: str | None = Field(
        None, description="address of the county's identity server (OpenID Connect)"
    )
    oidc_client_id: str = Field("shequ", description="what this platform is called there")
    oidc_client_secret: SecretStr | None = Field(None, description="its secret there")
    login_per_minute: float = Field(60, gt=0, description="logins one network address may try per minute")
    requests_per_s: float = Field(100, gt=0, description="requests one session or token may make per second")
    pool_size: int = Field(10, ge=1, le=100, description="database connections of one console process")
    map_tiles: str | None = Field(
        None,
        description="map background: `https://…/{z}/{x}/{y}` templates with spaces, lowest layer first; "
        "none: our own drawing only",
    )
    map_crs: Literal["wgs84", "gcj02"] = Field(
        "wgs84",
        description="what the background's tiles are drawn in: `wgs84` (天地图) or `gcj02` (高德)",
    )
    map_attribution: str = Field("", description="whom the background's licence wants named on the map")
    map_max_zoom: int = Field(18, ge=1, le=22, description="deepest zoom the background has tiles for")
    heartbeat_s: float = Field(
        5, gt=0, le=10, description="seconds of silence before the live feed says it is alive"
    )
    mqtt_auth_secret: SecretStr | None = Field(
        None,
        description="what a broker of your own shows us when it asks who may come in; none: it may not ask",
    )
    ingest_late_s: float = Field(
        30, gt=0, description="seconds ingest may be behind before the console says so and alarms it"
    )
    board_age_s: float = Field(
        30, ge=0, description="seconds for which the indicators of a place are remembered; 0: not at all"
    )
    duty_late_s: float = Field(
        15, gt=0, description="seconds duty may be silent, and a timer late, before the watchdog says so"
    )
    watch_late_s: float = Field(
        60, gt=0, description="seconds `shequ watch` may be silent before the console alarms it"
    )

    @model_validator(mode="after")
    def _one_certificate(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: give both")
        if self.tls_certificate and self.tls_hosts:
            raise ValueError("give either tls_certificate and tls_key, or tls_hosts")
        return self


class PaceSettings(Settings):
    """How time counts for promises; console and duty must agree on it."""

    duty_speed: float = Field(
        1, ge=1, description="promises run so many times faster; more than 1 in squeezed drills only"
    )
    work_hours: str = Field(
        "08:30-12:00,13:30-18:00", description="working hours, in which promises of severity 3 and 4 run"
    )
    confirm_s: float = Field(
        60,
        gt=0,
        le=60,
        description="seconds to confirm a fire or a call for help; after them it is treated as real",
    )
    unattended_s: float = Field(
        30, gt=0, description="seconds after which severity 1 without an operator is dispatched by itself"
    )

    ack_minutes: str = Field(
        "3,15,240,1440",
        description="minutes after which an acknowledgement lapses that nothing follows, by severity 1 to 4",
    )
    care_grid_minutes: float = Field(
        10, gt=0, description="minutes the family has before the grid worker is sent to somebody not seen"
    )
    care_outside_minutes: float = Field(
        30, gt=0, description="minutes after which community police and an ambulance are called for them"
    )
    check_in_minutes: float = Field(
        15, gt=0, description="minutes after which somebody alone on the scene must say that they are well"
    )

    @field_validator("work_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        work_hours(value)
        return value

    @field_validator("ack_minutes")
    @classmethod
    def _lapses(cls, value: str) -> str:
        minutes = [float(part) for part in value.split(",")]
        if len(minutes) != SEVERITIES or min(minutes) <= 0:
            raise ValueError("write four numbers above zero, for severity 1 to 4: 3,15,240,1440")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.care_outside_minutes <= self.care_grid_minutes:
            raise ValueError("care_outside_minutes comes after care_grid_minutes")
        return self


class DutySettings(PaceSettings, TraceSettings, DatabaseSettings):
    """What the duty process needs to know."""

    duty_poll_s: float = Field(
        0.5, gt=0, le=10, description="seconds duty waits at most before it looks for due timers"
    )
    outbox_late_s: float = Field(
        300, gt=0, description="seconds a letter may wait past its time before the watchdog counts it"
    )
    duty_late_s: float = Field(
        15, gt=0, description="seconds duty may be silent, and a timer late, before the watchdog says so"
    )


class CommandSettings(DatabaseSettings):
    """What commands at the machine's shell need to know."""

    database_logins: Path | None = Field(
        None,
        description="folder that `shequ migrate --logins` wrote: each command (`shequ user` …) takes its own"
        " account of this database from there; none: it uses that of `SHEQU_DATABASE_URL`",
    )


class WatchSettings(DatabaseSettings):
    """What the platform's own watch needs to know."""

    broker_url: SecretStr = Field(
        description="`mqtt://user:password@host:port` of the broker, ingest's account"
    )
    secrets: Path | None = Field(None, description="folder of the channels' secrets, one file each")
    deliver_private: str | None = Field(None, description="private addresses that alarms may go to")
    canary_every_s: float = Field(
        180, ge=1, le=3600, description="seconds between two calls of each estate's canary"
    )
    canary_late_s: float = Field(
        30, gt=0, description="seconds a canary may take to console and sender before it is an alarm"
    )
    duty_late_s: float = Field(15, gt=0, description="seconds duty may be silent")
    ingest_late_s: float = Field(30, gt=0, description="seconds ingest may be silent")
    watch_every_s: float = Field(5, gt=0, le=60, description="seconds between two looks of the watch")
    watch_away_s: float = Field(
        30, ge=0, description="seconds database or broker may be away before the watch rings"
    )
    watch_alarm: dict[str, Any] | None = Field(
        None,
        description="the watch's own way to people, as JSON: `channel`, `driver`, `settings`, `to` as of an"
        " endpoint ([how](../howto/operate.md#the-watch)); none: it is shown on the page only",
    )
    watch_heartbeat_url: str | None = Field(
        None, description="address outside that is posted to while all is well, and rings when it is not"
    )
    watch_heartbeat_s: float = Field(60, gt=0, description="seconds between two of those posts")

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.canary_late_s >= self.canary_every_s:
            raise ValueError("canary_late_s is shorter than canary_every_s")
        return self
