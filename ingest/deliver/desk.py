"""The sender's table: claims letters, addresses and words them, writes down what became of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from devices.errors import SettingError, StoreError, UndeliverableError
from devices.organisation import ShiftKind
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import DIRECT, Endpoint
from ingest.deliver.outbox import ANY_HOURS, OUTSIDE, Channel, LetterState, Withheld, outside
from ingest.deliver.wording import ZONE, compose
from ingest.store import personal, sql
from ingest.store.pool import Connection, Pool
from ingest.vault import Vault
from rules.roster import Standing, by_hours

log = logging.getLogger(__name__)

Q = sql.load("ingest.store", "deliver.sql")
Row = dict[str, Any]
ORDERED = frozenset({Channel.CASCADE})
CALLED = frozenset({Channel.SMS, Channel.VOICE})  # reach a person's phone
LIFE = 1  # the severity that no quiet hour holds back


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A letter that will not leave now: for good, or until a time."""

    row: Row
    reason: str
    until: datetime | None = None
    undeliverable: bool = False


class Desk:
    """Everything that the sender asks the database."""

    def __init__(self, pool: Pool, names: Mapping[str, tuple[str, str]], vault: Vault | None = None) -> None:
        self.pool, self._names, self._vault = pool, names, vault or Vault()

    async def endpoints(self) -> list[Endpoint]:
        """Read the ways out."""
        async with self.pool.connection() as connection:
            rows = await (await connection.execute(Q["endpoints"])).fetchall()
        return [Endpoint(**{**row, "channel": Channel(row["channel"])}) for row in rows]

    async def note_problem(self, code: str, problem: str | None) -> None:
        """Show why an endpoint cannot be used, or that it can."""
        async with self.pool.connection() as connection:
            await connection.execute(Q["endpoint_problem"], {"code": code, "problem": problem})

    async def claim(self, endpoint: Endpoint, most: int, lease: timedelta) -> list[Parcel]:
        """Take up to `most` letters for an endpoint; what may not leave is written down and left out."""
        about = {
            "channel": endpoint.channel,
            "endpoint": endpoint.code,
            "direct": endpoint.channel in DIRECT,
            "ordered": endpoint.channel in ORDERED,
            "most": most,
            "lease_s": lease.total_seconds(),
        }
        parcels: list[Parcel] = []
        async with self.pool.connection() as connection, connection.transaction():
            for row in await (await connection.execute(Q["claim"], about)).fetchall():
                made = await self._address(connection, endpoint, row)
                if isinstance(made, Parcel):
                    parcels.append(made)
                else:
                    await _hold(connection, endpoint, made)
        return parcels

    async def sent(self, endpoint: Endpoint, parcel: Parcel, taken: Taken) -> None:
        """Write down that the next one on the way has it."""
        about = {
            "id": parcel.id,
            "state": taken.state,
            "steps": [str(state) for state in dict.fromkeys((LetterState.SENT, taken.state))],
            "remote_id": taken.remote_id,
            "endpoint": endpoint.code,
            "attempt": parcel.attempt,
            "detail": Jsonb(dict(taken.detail)),
        }
        async with self.pool.connection() as connection:
            await connection.execute(Q["sent"], about)

    async def failed(self, endpoint: Endpoint, parcel: Parcel, reason: str, due: datetime | None) -> None:
        """Write down a failed attempt and when the next is due; without a next it is a dead letter."""
        about = {
            "id": parcel.id,
            "reason": reason[:500],
            "endpoint": endpoint.code,
            "attempt": parcel.attempt,
        }
        async with self.pool.connection() as connection:
            if due is None:
                await connection.execute(Q["give_up"], {**about, "state": LetterState.FAILED})
            else:
                await connection.execute(Q["try_again"], {**about, "due_at": due, "counts": True})

    async def receipt(
        self,
        endpoint: str,
        *,
        state: LetterState,
        remote_id: str | None = None,
        key: str | None = None,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Write down what an endpoint says of a letter; answers the letter's number where it is ours."""
        async with self.pool.connection() as connection:
            return await note_receipt(
                connection, endpoint, state=state, remote_id=remote_id, key=key, reason=reason, detail=detail
            )

    async def _address(self, connection: Connection, endpoint: Endpoint, row: Row) -> Parcel | Held:
        """Find address and words at the time of sending: people move, go off duty, sleep."""
        to, language, parties = (
            row["to_whom"],
            endpoint.language,
            [row["party"], row["to_whom"], endpoint.party],
        )
        if row["person"] is not None:
            about = {"person": row["person"], "channel": row["channel"]}
            person = await (await connection.execute(Q["recipient"], about)).fetchone()
            held = _unreachable(row, person)
            if held is not None or person is None:
                return held or Held(row=row, reason=Withheld.OFF_DUTY)
            parties += [role for role in person["roles"] if role in OUTSIDE]
            language = person["language"]
            try:
                to = to or await self._way_to(connection, row)
            except (SettingError, StoreError) as exc:
                return Held(row=row, reason=str(exc), undeliverable=True)
        if row["drill"] and outside(*parties) is not None:
            return Held(row=row, reason=Withheld.DRILL_OUTSIDE)
        if not to and endpoint.channel not in DIRECT:
            return Held(row=row, reason=Withheld.NO_ADDRESS)
        spoken_of = {**row, "alert_id": row["alert_id"] or row["body"].get("alert")}
        facts = await (await connection.execute(Q["facts"], spoken_of)).fetchone()
        try:
            subject, text = compose(row["body"], facts, self._names, language=language, drill=row["drill"])
        except (UndeliverableError, KeyError, ValueError) as exc:
            return Held(row=row, reason=str(exc), undeliverable=True)
        return Parcel(
            id=row["id"],
            key=row["key"],
            channel=Channel(row["channel"]),
            to=to,
            body={**row["body"], "_facts": facts},
            subject=subject,
            text=text,
            severity=row["severity"],
            drill=row["drill"],
            estate=row["estate"],
            incident_id=row["incident_id"],
            alert_id=row["alert_id"],
            attempt=row["attempts"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            trace=row["trace"],
        )

    async def _way_to(self, connection: Connection, row: Row) -> str:
        """Answer the address a person asked for, else the phone where the channel calls one."""
        subject = personal.person(row["person"])
        known = (await personal.unseal(connection, self._vault, [subject])).get(subject, {})
        phone = known.get("phone") if row["channel"] in CALLED else None
        return known.get(f"contact.{row['channel']}") or phone or ""


def _unreachable(row: Row, person: Row | None) -> Held | None:
    """Say why a person is not told now, if so."""
    if person is None or not person["active"] or not person["enabled"] or _off(row, person):
        return Held(row=row, reason=Withheld.OFF_DUTY)
    if row["severity"] > person["worst"]:
        return Held(row=row, reason=Withheld.NOT_WANTED)
    until = quiet_until(row["now"], person["quiet_from"], person["quiet_to"])
    if until is not None and row["severity"] > LIFE:
        return Held(row=row, reason=Withheld.QUIET_HOURS, until=until)
    return None


def _off(row: Row, person: Row) -> bool:
    """Whether the roster says that somebody is not there: an order by name reaches them all the same."""
    if person["away"]:
        return True
    standing = by_hours({ShiftKind(kind) for kind in person["hours"]}, rostered=person["planned"])
    return standing is Standing.OFF_DUTY and not row["body"].get(ANY_HOURS)


async def note_receipt(
    connection: Connection,
    endpoint: str,
    *,
    state: LetterState,
    remote_id: str | None = None,
    key: str | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int | None:
    """Write down what an endpoint says of a letter, on a connection of the caller's."""
    about = {
        "endpoint": endpoint,
        "state": state,
        "remote_id": remote_id,
        "key": key,
        "reason": reason[:500],
        "detail": Jsonb(dict(detail or {})),
    }
    row = await (await connection.execute(Q["receipt"], about)).fetchone()
    return None if row is None else int(row["id"])


def quiet_until(now: datetime, start: time | None, end: time | None) -> datetime | None:
    """Answer the end of the quiet hours that hold now, on the clock of the place, if it is quiet."""
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(ZONE)
    clock = local.time().replace(tzinfo=None)
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return None
    until = local.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=0)
    return until if until > local else until + timedelta(days=1)


async def _hold(connection: Connection, endpoint: Endpoint, held: Held) -> None:
    """Write down why a letter does not leave; quiet hours pass, if the letter lives so long."""
    row = held.row
    about = {"id": row["id"], "reason": held.reason, "endpoint": endpoint.code, "attempt": row["attempts"]}
    if held.until is not None and held.until < row["expires_at"]:
        await connection.execute(Q["try_again"], {**about, "due_at": held.until, "counts": False})
    else:
        state = LetterState.FAILED if held.undeliverable else LetterState.WITHHELD
        await connection.execute(Q["give_up"], {**about, "state": state})
