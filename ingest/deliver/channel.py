"""What every channel is: it takes a parcel and says what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import psycopg
import psycopg_pool

from ingest.deliver.outbox import Channel, LetterState

AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout)
"""The database is away: it comes back, and whatever was to be written waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A letter on its way: claimed, addressed, worded."""

    id: int
    key: str
    channel: Channel
    to: str
    body: Mapping[str, Any]
    subject: str
    text: str
    severity: int
    drill: bool
    estate: str | None
    incident_id: int | None
    alert_id: int | None
    attempt: int
    created_at: datetime
    expires_at: datetime
    trace: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """The next one on the way has it; `state` is more than sent only where that is known at once."""

    remote_id: str | None = None
    state: LetterState = LetterState.SENT
    detail: Mapping[str, Any] = field(default_factory=dict)


class Carrier(Protocol):
    """One endpoint of one channel."""

    async def send(self, parcel: Parcel) -> Taken:
        """Hand a parcel over.

        Raises DeliveryError to be asked again later, UndeliverableError to be left alone.
        """
