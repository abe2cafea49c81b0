"""The watch's own way to people: one channel from its settings, without outbox, sender or database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
import msgspec

from console.watch.findings import Words
from devices.errors import DeliveryError, SettingError
from ingest.clock import Clock
from ingest.deliver.carriers import ALONE
from ingest.deliver.channel import Carrier, Parcel
from ingest.deliver.endpoint import Endpoint, read
from ingest.deliver.guard import parse_allowed
from ingest.deliver.outbox import Channel
from ingest.deliver.secrets import Secrets
from ingest.deliver.web import Web

TIMEOUT: Final = 10.0  # seconds
_NAME: Final = "SHEQU_WATCH_ALARM"


class Way(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint as the settings name it."""

    channel: Channel
    driver: str
    settings: dict[str, Any]
    to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outfit:
    """What the carriers work with."""

    web: Web
    secrets: Secrets
    clock: Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Bell:
    """Sends alarms, and says to the outside that all is well."""

    outfit: Outfit
    carrier: Carrier | None
    channel: Channel | None
    to: str
    heartbeat_url: str | None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        way: Mapping[str, Any] | None,
        *,
        heartbeat_url: str | None,
        private: str,
        secrets: Secrets,
        clock: Clock,
    ) -> AsyncIterator[Bell]:
        """Hold the way open while the block runs; raises SettingError where it is none."""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT) as client:
            web = Web(client=client, allowed=parse_allowed(private))
            outfit = Outfit(web=web, secrets=secrets, clock=clock)
            asked = None if way is None else read_way(way)
            yield cls(
                outfit=outfit,
                carrier=None if asked is None else _carrier(asked, outfit),
                channel=None if asked is None else asked.channel,
                to="" if asked is None else asked.to,
                heartbeat_url=heartbeat_url,
            )

    async def ring(self, words: Words, key: str) -> str | None:
        """Send an alarm under its key; answers why it could not be sent, None where it went out."""
        if self.carrier is None or self.channel is None:
            return f"{_NAME} is not set"
        now = self.outfit.clock()
        parcel = Parcel(
            id=0,
            key=key,
            channel=self.channel,
            to=self.to,
            body={"text": words[0]},
            subject=words[0][:60],
            text="\n".join(words),
            severity=1,
            drill=False,
            estate=None,
            incident_id=None,
            alert_id=None,
            attempt=1,
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
        try:
            await self.carrier.send(parcel)
        except (DeliveryError, SettingError, OSError, TimeoutError) as exc:
            return str(exc) or type(exc).__name__
        return None

    async def beat(self) -> str | None:
        """Tell the outside that all is well; answers why it could not be told."""
        if self.heartbeat_url is None:
            return None
        try:
            await self.outfit.web.post(self.heartbeat_url, b"", {})
        except (DeliveryError, OSError, TimeoutError) as exc:
            return str(exc) or type(exc).__name__
        return None


def read_way(way: Mapping[str, Any]) -> Way:
    """Read the setting; raises SettingError naming what is wrong with it."""
    try:
        asked = msgspec.convert(dict(way), Way)
        kind = type(read(asked.channel, asked.driver, asked.settings))
    except (msgspec.ValidationError, SettingError) as exc:
        raise SettingError(_NAME, str(exc)) from exc
    if kind not in ALONE:
        raise SettingError(_NAME, f"{asked.channel} by {asked.driver} needs the database: take another way")
    return asked


def _carrier(way: Way, outfit: Outfit) -> Carrier:
    wire = read(way.channel, way.driver, way.settings)
    endpoint = Endpoint(
        code="watch", channel=way.channel, driver=way.driver, settings=way.settings, timeout_s=TIMEOUT
    )
    return ALONE[type(wire)](outfit, endpoint, wire)
