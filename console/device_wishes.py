"""The wire of devices, inbound: what a caller may ask for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from console.wishes import Code, Text, Title, Wish
from devices.registry.lifecycle import Move
from devices.registry.record import MOST_CALLEES
from devices.registry.siting import Use

Short = Annotated[str, Field(max_length=100)]


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        problem = "write the offset: 2026-05-01T09:00:00+08:00"
        raise ValueError(problem)
    return value


Moment = Annotated[datetime, AfterValidator(_aware)]


class Papers(Wish):
    """What may be written about any device; devices/registry/record.py checks how it fits together."""

    make: Short | None = None
    model: Short | None = None
    serial: Short | None = None
    owner_unit: Short | None = None
    network: Short | None = None
    gb28181_id: Short | None = None
    gateway: Code | None = None
    dialect: Short | None = None
    foreign_name: Short | None = None
    legal_basis: Short | None = None
    retention_days: int | None = None
    purpose: Short | None = None
    x: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    y: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    offline_after_s: Annotated[float, Field(ge=1, le=31_536_000)] | None = None
    installed_at: Moment | None = None
    installed_by: Short | None = None
    maintenance_due: date | None = None


class NewDevice(Papers):
    """A device to register, whom to call about it, the first one first.

    Without an account it is only planned, unless its dialect's bridge has one.
    """

    id: Code
    estate: Code
    place: Code
    profile: Short
    name_zh: Title
    name_en: Title
    account: bool = True
    callees: Annotated[tuple[Code, ...], Field(max_length=MOST_CALLEES)] = ()


class ChangedDevice(Papers):
    """What to change about a device; null takes a value away."""

    place: Code | None = None
    profile: Short | None = None
    name_zh: Title | None = None
    name_en: Title | None = None
    version: int | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a place, a family and names cannot be taken away."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        kept = ("place", "profile", "name_zh", "name_en")
        return {name: value for name, value in sent.items() if value is not None or name not in kept}


class LifeMove(Wish):
    """A step in a device's life."""

    action: Move
    reason: Text | None = None
    version: int | None = None


class NewRecord(Wish):
    """An entry for the installation and maintenance book."""

    kind: Literal["installation", "maintenance", "inspection", "repair", "replacement"]
    at: Moment | None = None
    by: Title
    note: Text
    maintenance_due: date | None = None
    """When it is due next; not said: stays as it is."""


class PlaceUse(Wish):
    """What a place is used for."""

    use: Use | None


class WantedCredentials(Wish):
    """Which credentials to make; with a signing request the key stays in the device."""

    kind: Literal["password", "certificate"] = "password"
    csr: Annotated[str, Field(max_length=8192)] | None = None


class Reason(Wish):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
