"""The developer pages' part of the contract."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from console.schemas import Instant, Wire
from console.wishes import Wish

Fault = Literal["drop", "duplicate", "reorder", "clock_skew", "malformed"]


class HeardRow(Wire):
    """One message: an event as it was read, or what was set aside and why."""

    kind: Literal["event", "aside"]
    device: str
    received_at: Instant
    committed_at: Instant | None
    id: str | None
    at: Instant | None
    type: str | None
    flags: list[str]
    data: dict[str, Any] | None
    quarantine: int | None
    topic: str | None
    reason: str | None
    detail: str | None


class Heard(Wire):
    """What was heard lately, newest first."""

    items: list[HeardRow]


class Script(Wire):
    """A scenario that the simulator knows."""

    key: str
    name_zh: str
    name_en: str
    lasts_s: float
    codes: list[str]


class Playing(Wire):
    """A scenario under way."""

    key: str
    name: str
    started_at: Instant
    cast: dict[str, str]


class Simulation(Wire):
    """What the simulated community does."""

    estates: list[str]
    scripts: list[Script]
    playing: list[Playing]
    rate: float
    rotation: bool
    faults: list[Fault]


class SimulationWish(Wish):
    """What it shall do from now on; what is left out stays as it is."""

    scenario: str | None = Field(None, max_length=64, description="play this now")
    estate: str | None = Field(None, max_length=64, description="there; none: the first where it fits")
    rate: float | None = Field(None, ge=0, le=500, description="harmless messages a second on top")
    rotation: bool | None = Field(None, description="scenarios take turns by themselves")
    faults: list[Fault] | None = Field(None, description="what goes wrong with ordinary messages")


class FoldedRow(Wire):
    """Messages of a day, topic and reason that had no room; `head` begins the first of them."""

    day: date
    topic: str
    stage: str
    reason: str
    count: int
    bytes: int
    digest: str
    head: str
    detail: str
    first_at: Instant
    last_at: Instant
