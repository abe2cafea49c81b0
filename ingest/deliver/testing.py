"""Channel tests (通道测试): a channel that nobody has heard from for a month may be dead.

A plan sends a test letter at its interval; it asks for an answer by link, reply or key, and whoever
does not answer within the window is listed and alarmed. Machines answer with their receipt.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.types.json import Jsonb

from ingest.deliver.desk import Q
from ingest.deliver.endpoint import DIRECT
from ingest.deliver.outbox import Channel, Letter, post
from ingest.store import sql
from ingest.store.pool import Connection, Pool

FEED: Final = sql.load("ingest.store", "queries.sql")
_CODE: Final = re.compile(r"\d{6}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be tested, and how long the answer may take."""

    endpoint: str
    channel: Channel
    to: str
    person: str | None
    window_s: int
    by: str
    plan: int | None = None


async def begin(connection: Connection, wanted: Plan, now: datetime, public_url: str) -> int:
    """Post a test letter in the caller's transaction; answers the test's number."""
    token = secrets.token_urlsafe(24)
    code = f"{secrets.randbelow(900_000) + 100_000}"
    values = {"code": code, "link": f"{public_url.rstrip('/')}/api/deliver/answer/{token}"}
    body: dict[str, Any] = {"template": "test", "values": values, "endpoint": wanted.endpoint}
    if wanted.channel is Channel.DEVICE:
        body |= {"name": "identify", "args": {}}
    letter = Letter(
        f"test:{wanted.endpoint}:{hashlib.sha256(token.encode()).hexdigest()[:24]}",
        wanted.channel,
        wanted.endpoint if wanted.channel in DIRECT else wanted.to,
        body,
        person=wanted.person,
        severity=4,
        expires_at=now + timedelta(seconds=wanted.window_s),
        actor=wanted.by,
    )
    numbers = await post(connection, [letter])
    about = {
        "endpoint": wanted.endpoint,
        "plan": wanted.plan,
        "letter": numbers[0],
        "to": wanted.to,
        "person": wanted.person,
        "token_hash": digest(token),
        "code": code,
        "by": wanted.by,
        "window_s": wanted.window_s,
    }
    row = await (await connection.execute(Q["begin_test"], about)).fetchone()
    return int(row["id"]) if row else 0


def digest(token: str) -> bytes:
    """Answer what the database keeps of a link's token."""
    return hashlib.sha256(token.encode()).digest()


async def answer_by_code(connection: Connection, endpoint: str, text: str, sender: str) -> bool:
    """Take a reply's code as the answer to a test that waits."""
    for code in _CODE.findall(text):
        about = {"endpoint": endpoint, "code": code, "by": sender[:64]}
        row = await (await connection.execute(Q["answer_test_by_code"], about)).fetchone()
        if row is not None:
            await tell(connection, "answered", [row])
            return True
    return False


async def keep_tests(pool: Pool, clock: Callable[[], datetime], public_url: str) -> None:
    """One round: begin what is due, take machines' answers, list what nobody answered."""
    async with pool.connection() as connection, connection.transaction():
        for row in await (await connection.execute(Q["tests_due"])).fetchall():
            wanted = Plan(
                endpoint=row["endpoint"],
                channel=Channel(row["channel"]),
                to=row["to_whom"],
                person=row["person"],
                window_s=row["window_s"],
                by=row["by_whom"],
                plan=row["id"],
            )
            await begin(connection, wanted, clock(), public_url)
            await connection.execute(Q["test_planned"], row)
        answered = await (await connection.execute(Q["tests_answered"])).fetchall()
        missed = await (await connection.execute(Q["tests_missed"])).fetchall()
        await tell(connection, "answered", answered)
        await tell(connection, "missed", missed)


async def tell(connection: Connection, state: str, rows: list[dict[str, Any]]) -> None:
    """Tell every console, at the end of the transaction."""
    if not rows:
        return
    await connection.execute(FEED["lock_feed"])
    last = 0
    for row in rows:
        body = {"what": "channel_test", "state": state, "endpoint": row["endpoint"], "id": row["id"]}
        told = await connection.execute(Q["feed_platform"], {"ref": "deliver", "body": Jsonb(body)})
        last = max([last, *(number["seq"] for number in await told.fetchall())])
    await connection.execute(FEED["notify_feed"], {"seq": str(last)})
