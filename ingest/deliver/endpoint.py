"""Endpoints: what a channel needs to know, as rows of the database; secrets by name only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from devices.errors import SettingError
from ingest.deliver.outbox import Channel

Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+", max_length=2000)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Host = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,255}$")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one kind of endpoint; every field ending in `_secret` names a secret."""


class Webhook(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Anybody who takes signed JSON."""

    url: Url
    sign_secret: Name


class Gateway(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SMS or voice gateway that speaks our small HTTP protocol (docs/howto/deliver.md)."""

    url: Url
    sign_secret: Name
    sender: str = ""


class Smpp(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short message centre, SMPP 3.4."""

    host: Host
    port: Port = 2775
    system_id: Annotated[str, msgspec.Meta(max_length=15)]
    password_secret: Name
    source: Annotated[str, msgspec.Meta(max_length=20)] = ""
    tls: bool = False


class Mail(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail server."""

    host: Host
    port: Port = 587
    sender: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
    username: str = ""
    password_secret: Name | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


class Wecom(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """企业微信 robot: the key of its address is a secret."""

    url: Url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    key_secret: Name


class Dingtalk(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """钉钉 robot with signature (加签)."""

    url: Url = "https://oapi.dingtalk.com/robot/send"
    token_secret: Name
    sign_secret: Name


class Feed(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CAP 1.2 feed that an outside system pulls with its own credential."""

    sender: Annotated[str, msgspec.Meta(pattern=r"^[^\s,<&]{1,100}$")]
    addresses: str
    token_secret: Name


class Cascade(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another 综治中心: `up` is our superior, `down` reports to us."""

    direction: Literal["up", "down"]
    url: Url
    token_secret: Name  # what we show there
    accept_secret: Name  # what they show here
    place: str | None = None  # down: where their cases stand in our tree
    worst: Annotated[int, msgspec.Meta(ge=0, le=4)] = (
        2  # up: cases of this severity or more urgent go; 0: only those passed on by hand
    )


class Device(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sirens, doors and displays, through the commands of the registry."""


KINDS: Mapping[tuple[Channel, str], type[Wire]] = MappingProxyType(
    {
        (Channel.WEBHOOK, "http"): Webhook,
        (Channel.SMS, "http"): Gateway,
        (Channel.SMS, "smpp"): Smpp,
        (Channel.VOICE, "http"): Gateway,
        (Channel.EMAIL, "smtp"): Mail,
        (Channel.WECOM, "robot"): Wecom,
        (Channel.DINGTALK, "robot"): Dingtalk,
        (Channel.CAP, "feed"): Feed,
        (Channel.CASCADE, "http"): Cascade,
        (Channel.DEVICE, "mqtt"): Device,
    }
)
DIRECT = frozenset({Channel.WEBHOOK, Channel.WECOM, Channel.DINGTALK, Channel.CAP, Channel.CASCADE})
"""Channels whose letters name their endpoint; the letters of the others take any that is enabled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One configured way out."""

    code: str
    channel: Channel
    driver: str
    settings: Mapping[str, Any]
    party: str = ""
    language: str = "zh"
    concurrency: int = 4
    rate_per_s: float = 10.0
    timeout_s: float = 10.0
    version: int = 1

    def wire(self) -> Wire:
        """Read the settings; raises SettingError naming what is wrong."""
        return read(self.channel, self.driver, self.settings)


def read(channel: Channel, driver: str, settings: Mapping[str, Any]) -> Wire:
    """Read the settings of an endpoint of this kind; raises SettingError."""
    kind = KINDS.get((channel, driver))
    if kind is None:
        known = ", ".join(name for of, name in KINDS if of == channel)
        raise SettingError("driver", f"{channel} has no driver {driver!r}: take {known}")
    try:
        return msgspec.convert(dict(settings), kind)
    except msgspec.ValidationError as exc:
        raise SettingError("settings", str(exc)) from exc
