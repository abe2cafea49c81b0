"""The wire of configuration, groups, roll-outs, commands and enrolment, inbound."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from console.device_wishes import Short
from console.wishes import Code, Text, Title, Wish

Devices = Annotated[list[Code], Field(min_length=1, max_length=5000)]


class WantedConfig(Wish):
    """A configuration for one device; `version` is the desired one the writer saw."""

    data: dict[str, Any]
    version: int | None = None


class NewGroup(Wish):
    """Devices under one name."""

    code: Code
    estate: Code
    name_zh: Title
    name_en: Title
    devices: list[Code] = Field(default_factory=list, max_length=5000)


class ChangedGroup(Wish):
    """What to change about a group."""

    name_zh: Title | None = None
    name_en: Title | None = None
    devices: Annotated[list[Code], Field(max_length=5000)] | None = None


class NewRollout(Wish):
    """One configuration for many devices, stage by stage."""

    name: Title
    group: Code | None = None
    devices: Devices | None = None
    data: dict[str, Any]
    stages: list[Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=lambda: [5, 50, 100], min_length=1, max_length=10
    )
    max_failed: Annotated[int, Field(ge=0, le=5000)] = 0
    stage_wait_s: Annotated[float, Field(ge=1, le=604_800)] = 300

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.group is None) == (self.devices is None):
            problem = "name a group or devices, not both"
            raise ValueError(problem)
        if self.stages != sorted(set(self.stages)) or self.stages[-1] != 100:  # noqa: PLR2004 - all devices
            problem = "stages rise to 100"
            raise ValueError(problem)
        return self


class RolloutAction(Wish):
    """What to do with a roll-out."""

    action: Literal["resume", "cancel", "roll_back"]


class NewCommand(Wish):
    """An order to a device; it is void once it expires."""

    name: Short
    args: dict[str, Any] = Field(default_factory=dict)
    expires_s: Annotated[int, Field(ge=1, le=3600)] = 30
    reason: Text = ""


class LabelItem(Wish):
    """A device that a label will be stuck on."""

    profile: Short
    make: Short | None = None
    model: Short | None = None
    serial: Short | None = None


class NewLabels(Wish):
    """Labels to make."""

    estate: Code
    items: Annotated[list[LabelItem], Field(min_length=1, max_length=1000)]


class LabelCode(Wish):
    """What stands in the QR code of a label, and below it in letters."""

    code: Annotated[str, Field(min_length=8, max_length=64)]


class Claim(Wish):
    """What a device presents from its label."""

    code: Annotated[str, Field(min_length=8, max_length=64)]
    serial: Short | None = None
    firmware: Annotated[str, Field(max_length=64)] | None = None
