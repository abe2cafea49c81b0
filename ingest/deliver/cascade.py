"""The cascade: one case lives in two centres, and each move of it crosses the link once.

Upwards go the moves of the cases that concern the superior: those severe enough, and those passed
on by hand (上报上级). Downwards go the superior's urging (催办), supervision (督办) and returns
(退回). The collector reads the record of the cases itself, so nobody who moves a case need know of
the cascade; letters wait in the outbox for as long as the link is down.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Cascade, Endpoint
from ingest.deliver.outbox import Channel, Letter, LetterState, post
from ingest.deliver.secrets import Secrets
from ingest.deliver.web import Web
from ingest.store import sql
from ingest.store.pool import Connection, Pool

Q = sql.load("ingest.store", "cascade.sql")
PATH: Final = "/api/cascade/moves"
DOWNWARDS: Final = ("urge", "supervise", "send_back")
AT_ONCE: Final = 200  # moves per round


def source(link: str) -> str:
    """Answer what the record says of moves that came over a link."""
    return f"cascade:{link}"


async def collect(pool: Pool, endpoint: Endpoint) -> int:
    """Turn new rows of the record into letters for this link; answers how many."""
    link = endpoint.wire()
    if not isinstance(link, Cascade):
        return 0
    about = {
        "link": endpoint.code,
        "source": source(endpoint.code),
        "up": link.direction == "up",
        "worst": link.worst,
        "downwards": list(DOWNWARDS),
        "most": AT_ONCE,
    }
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(Q["lock_link"], about)
        rows = await (await connection.execute(Q["new_moves"], about)).fetchall()
        letters = [_letter(endpoint.code, row) for row in rows if row["tell"]]
        await post(connection, letters)
        reached: dict[int, dict[str, Any]] = {row["incident_id"]: row for row in rows}
        for row in reached.values():
            await _reached(connection, endpoint.code, row)
    return len(letters)


async def _reached(connection: Connection, link: str, row: dict[str, Any]) -> None:
    about = {
        "link": link,
        "case_code": row["told_code"],
        "incident_id": row["incident_id"],
        "seq": row["seq"],
    }
    await connection.execute(Q["reached"], about)


def _letter(link: str, row: dict[str, Any]) -> Letter:
    return Letter(
        f"cascade:{link}:{row['told_code']}:{row['seq']}",
        Channel.CASCADE,
        link,
        {"kind": "move", "case": row["case_body"], "move": row["move_body"]},
        estate=row["estate"],
        incident_id=row["incident_id"],
        severity=row["severity"],
        expires_at=row["expires_at"],
        drill=row["drill"],
        actor="cascade",
    )


class CascadeCarrier:
    """Posts moves to the other centre; its answer is the receipt."""

    def __init__(self, settings: Cascade, web: Web, secrets: Secrets) -> None:
        self._settings, self._web, self._secrets = settings, web, secrets

    async def send(self, parcel: Parcel) -> Taken:
        """Post one move; a move that they know already is no mistake."""
        shown = {name: value for name, value in parcel.body.items() if not name.startswith("_")}
        body = orjson.dumps(
            {"kind": "note", "key": parcel.key, "text": parcel.text, "drill": parcel.drill, **shown}
        )
        headers = {
            "Authorization": f"Bearer {self._secrets.get(self._settings.token_secret)}",
            "Idempotency-Key": parcel.key,
        }
        await self._web.post(self._settings.url.rstrip("/") + PATH, body, headers)
        return Taken(state=LetterState.DELIVERED)
