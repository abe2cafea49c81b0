"""The wire of the fleet: health, configuration, groups, roll-outs, commands and enrolment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from console.device_schemas import Login
from console.schemas import Instant, Page, Wire

Config = dict[str, Any]


class ModelCommand(Wire):
    """An order that a model understands."""

    name: str
    name_zh: str
    name_en: str
    args_schema: dict[str, Any]
    danger: bool


class DeviceModel(Wire):
    """What can be configured and ordered, by model."""

    profile: str
    make: str
    model: str
    name_zh: str
    name_en: str
    config_schema: dict[str, Any]
    commands: list[ModelCommand]


class DeviceModels(Wire):
    """Every model that is known."""

    items: list[DeviceModel]


class DesiredConfig(Wire):
    """What a device should be set to."""

    version: int
    hash: str
    data: Config
    at: Instant
    by: str


class LoggedConfig(DesiredConfig):
    """A configuration that was wanted once; `rollout` is what wanted it."""

    rollout: int | None


class ReportedConfig(Wire):
    """What a device says that it is set to."""

    version: int
    hash: str | None
    status: Literal["applied", "failed"]
    reason: str | None
    at: Instant


class DeviceConfig(Wire):
    """Desired and reported configuration, with the schema for the form."""

    schema_: dict[str, Any] = Field(alias="schema")
    status: Literal["none", "pending", "applied", "failed"]
    desired: DesiredConfig | None
    reported: ReportedConfig | None
    history: list[LoggedConfig]


class DeviceGroup(Wire):
    """Devices of one estate under one name."""

    code: str
    estate: str
    name_zh: str
    name_en: str
    devices: list[str]
    version: int


class DeviceGroups(Wire):
    """Every group that the caller sees."""

    items: list[DeviceGroup]


class CommandReply(Wire):
    """What a device answered."""

    result: Literal["done", "refused", "failed"]
    reason: str | None = None
    data: dict[str, Any] | None = None


class DeviceCommand(Wire):
    """An order to a device, and what became of it."""

    id: int
    device: str
    name: str
    args: dict[str, Any]
    state: Literal["queued", "sent", "done", "refused", "failed", "expired"]
    reason: str
    asked_at: Instant
    asked_by: str
    expires_at: Instant
    sent_at: Instant | None
    replied_at: Instant | None
    reply: CommandReply | None


class RolloutCounts(Wire):
    """How many devices of a roll-out stand where."""

    waiting: int
    pending: int
    applied: int
    failed: int
    skipped: int


class Rollout(Wire):
    """One configuration on its way to many devices, stage by stage."""

    id: int
    name: str
    state: Literal["running", "stopped", "done", "cancelled"]
    reason: str | None
    stage: int
    stages: list[int]
    max_failed: int
    stage_wait_s: float
    data: Config
    created_at: Instant
    created_by: str
    stage_since: Instant
    counts: RolloutCounts


class RolloutDevice(Wire):
    """A device of a roll-out."""

    device: str
    stage: int
    status: Literal["waiting", "pending", "applied", "failed", "skipped"]
    reason: str | None


class RolloutDetail(Rollout):
    """A roll-out with its devices."""

    devices: list[RolloutDevice]


class Enrolment(Wire):
    """A device that asks to be let in, by its claim code or by knocking."""

    id: int
    kind: Literal["claim", "knock", "found"]
    state: Literal["pending", "approved", "rejected"]
    device: str | None
    estate: str | None
    topic: str | None
    profile: str | None
    make: str | None
    model: str | None
    serial: str | None
    firmware: str | None
    first_seen: Instant
    last_seen: Instant
    count: int
    sample: str | None
    decided_at: Instant | None
    decided_by: str | None
    reason: str | None
    registered_as: str | None
    label: str | None
    dialect: str | None
    foreign_name: str | None


class EnrolmentLabel(Wire):
    """A label that was made, without its code."""

    label: str
    estate: str
    profile: str
    make: str | None
    model: str | None
    serial: str | None
    state: Literal["unused", "claimed", "approved", "collected", "rejected"]
    created_at: Instant
    created_by: str


class LabelRead(Wire):
    """What a label says of the device it is stuck on; `registered_as` where it has been registered."""

    label: str
    estate: str
    profile: str
    make: str | None
    model: str | None
    serial: str | None
    state: Literal["unused", "claimed", "approved", "collected", "rejected"]
    registered_as: str | None


class PrintedLabel(Wire):
    """A label to print: its claim code is shown once."""

    label: str
    code: str | None
    profile: str
    make: str | None
    model: str | None
    serial: str | None


class PrintedLabels(Wire):
    """Labels that were made just now."""

    items: list[PrintedLabel]


class ClaimedLogin(Login):
    """What an approved device logs in with."""

    host: str
    port: int


class Claimed(Wire):
    """The answer to a claim code."""

    state: Literal["pending", "approved"]
    credentials: ClaimedLogin | None = None


class Link(Wire):
    """Whether the broker holds the device's connection."""

    status: Literal["up", "down", "unknown"]
    since: datetime | None


class Freshness(Wire):
    """Whether the device has spoken within the silence its family allows."""

    status: Literal["fresh", "stale", "never"]
    last_seen: datetime | None
    limit_s: float | None


class SelfTest(Wire):
    """What the device found when it tested itself."""

    status: Literal["passed", "failed", "never"]
    at: datetime | None
    reason: str | None


class SharedCause(Wire):
    """What a device's trouble has in common with others'."""

    kind: Literal["gateway", "place"]
    ref: str
    offline: int
    of: int


class HealthCause(SharedCause):
    """What many troubles have in common; `held` are the devices that it stands for."""

    since: datetime | None
    held: list[str]


class Battery(Wire):
    """Charge, its trend and the day it is expected to be empty."""

    percent: float
    low: bool
    at: datetime
    per_day: float | None
    empty_on: str | None


class BatterySample(Wire):
    """The mean of a day's reports."""

    at: datetime
    percent: float


class BatteryHistory(Battery):
    """The same with one sample a day."""

    samples: list[BatterySample]


class Signal(Wire):
    """How well the device is heard, in dBm."""

    rssi: float
    at: datetime


class Flapping(Wire):
    """Whether the link comes and goes."""

    flapping: bool
    changes_1h: int


class HealthRow(Wire):
    """How a device is, in a list."""

    id: str
    link: Link
    data: Freshness
    self_test: SelfTest
    held_by: str | None
    cause: SharedCause | None
    battery: Battery | None
    signal: Signal | None
    duplicates_24h: int
    decode_errors_24h: dict[str, int]
    flapping: Flapping


class HealthPage(Page[HealthRow]):
    """A page of devices' health; the first one says what troubles have in common."""

    causes: list[HealthCause] | None = None


class ClockOffset(Wire):
    """How far the device's clock is off, in seconds: the median of its newest messages."""

    offset_s: float | None
    samples: int


class MessageRate(Wire):
    """How often it speaks."""

    last_hour: int
    per_hour_24h: float


class DeviceHealth(HealthRow):
    """How one device is, in full; `uptime` is a share by span (1d, 7d, 30d)."""

    battery: BatteryHistory | None
    clock: ClockOffset | None
    rate: MessageRate
    uptime: dict[str, float | None]


class CommunityRate(Wire):
    """How many of a network's cameras are online in a community."""

    place: str
    kind: str
    name_zh: str
    name_en: str
    cameras: int
    online: int
    rate: float
    uptime_7d: float | None


class CommunityTotal(Wire):
    """The same of all communities."""

    cameras: int
    online: int
    rate: float | None


class CommunityRates(Wire):
    """Online rates by community."""

    items: list[CommunityRate]
    total: CommunityTotal
