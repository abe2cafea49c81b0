"""The outbox: a letter is a row in the transaction of what caused it, and is sent afterwards.

There is no moment in which an alert stands and nobody will be told of it, and none in which
somebody is told of what was rolled back. A letter is sent at least once under its key; whoever
receives it drops a key seen before. `post` and `cancel` run in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from ingest.store import sql

Q = sql.load("ingest.store", "outbox.sql")
Connection = AsyncConnection[Any]

OUTSIDE: Final = frozenset({"119", "120", "110", "122", "police_command", "CP", "AP"})
"""Parties that a drill must never reach: fire service, ambulance, police (消防, 急救, 公安)."""

ANY_HOURS: Final = "any_hours"
"""In a letter's body: also to whoever is off duty by the roster, because they were asked by name."""


class Channel(StrEnum):
    """A way to somebody outside this process."""

    WEBHOOK = "webhook"  # to: an endpoint's code
    DEVICE = "device"  # to: a device's id; body: name, args
    SMS = "sms"  # to: a phone number, or empty where a person is named
    VOICE = "voice"  # as sms
    EMAIL = "email"  # to: an address, or empty where a person is named
    WECOM = "wecom"  # 企业微信 robot; to: an endpoint's code
    DINGTALK = "dingtalk"  # 钉钉 robot; to: an endpoint's code
    CAP = "cap"  # CAP 1.2 feed; to: an endpoint's code
    CASCADE = "cascade"  # a higher or lower 综治中心; to: an endpoint's code


class LetterState(StrEnum):
    """Where a letter is; the receipts say how it came there."""

    QUEUED = "queued"
    SENT = "sent"  # the next one on the way has taken it
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # a dead letter: waits for a person
    EXPIRED = "expired"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"


class Withheld(StrEnum):
    """Why a letter never leaves."""

    DRILL_OUTSIDE = "drill_outside"  # a drill never reaches 119, 120, 110 or the police
    OFF_DUTY = "off_duty"
    QUIET_HOURS = "quiet_hours"
    NO_ADDRESS = "no_address"
    NOT_WANTED = "not_wanted"  # less urgent than the person asked to be told of


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to tell somebody, once per key.

    `to` may be empty where `person` is named: the address is looked up at the time of sending.
    `body` is `{"text": …}`, or `{"template": name, "values": {…}}` (ingest/deliver/wording.py), or what
    the channel's file says it takes. `party` names the organisation it is for, where it is one. A letter with
    `alert_id` pages for that alert and is cancelled when somebody takes it.
    """

    key: str
    channel: Channel
    to: str
    body: Mapping[str, Any]
    _: KW_ONLY
    estate: str | None = None
    incident_id: int | None = None
    alert_id: int | None = None
    person: str | None = None
    party: str = ""
    severity: int = 3
    expires_at: datetime | None = None  # none: a day from now
    drill: bool = False
    actor: str = "platform"


NUMBERS: Mapping[str, str] = MappingProxyType({"119": "119", "120": "120", "110": "110", "122": "122"})


def outside(*names: str) -> str | None:
    """Answer the outside party among these names or numbers, if there is one."""
    return next((name for name in names if name in OUTSIDE or name in NUMBERS), None)


async def post(connection: Connection, letters: Iterable[Letter]) -> list[int]:
    """Queue letters in the caller's transaction; answers their numbers, also of those posted before."""
    numbers: list[int] = []
    async with connection.cursor(row_factory=tuple_row) as cursor:
        for letter in letters:
            row = await (await cursor.execute(Q["post"], _row(letter))).fetchone()
            if row is None:
                row = await (await cursor.execute(Q["posted_before"], {"key": letter.key})).fetchone()
            numbers += [int(row[0])] if row else []
        if numbers:
            await cursor.execute(Q["notify_outbox"])
    return numbers


async def cancel(
    connection: Connection,
    *,
    alert_id: int | None = None,
    incident_id: int | None = None,
    keys: Sequence[str] = (),
    reason: str,
    actor: str,
) -> int:
    """Stop what is still queued, in the transaction that makes it pointless; answers how many.

    A letter on the wire at this very moment may still arrive: its receipts then say both.
    """
    about = {"alert_id": alert_id, "incident_id": incident_id, "keys": list(keys)}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(Q["cancel"], {**about, "reason": reason, "actor": actor})
        return len(await cursor.fetchall())


def _row(letter: Letter) -> dict[str, Any]:
    return {
        "key": letter.key,
        "channel": letter.channel,
        "to": letter.to,
        "body": Jsonb(dict(letter.body)),
        "estate": letter.estate,
        "incident_id": letter.incident_id,
        "alert_id": letter.alert_id,
        "person": letter.person,
        "party": letter.party,
        "severity": letter.severity,
        "expires_at": letter.expires_at,
        "drill": letter.drill,
        "actor": letter.actor,
        "outside": sorted(OUTSIDE),
    }
