"""A message that was set aside is read again after what was wrong has been mended: stored and judged once."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from devices.model import Device
from ingest.batch import KEPT_BYTES
from ingest.settings import IngestSettings
from ingest.store.registry import save_registry
from simulators.stack import Broker
from tests.integration.api_desk import open_desk
from tests.integration.test_ingest import (
    NOW,
    community,
    estate,
    gateway,
    rows,
    running,
    settings,
    smoke,
    stored,
    subscribed,
    until,
)

__all__ = ["community", "estate", "gateway", "settings"]  # pytest finds its fixtures by name

ASIDE = (
    "INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)"
    " VALUES (%s, %s, %s, %s, 'decode', 'unknown_device', '') RETURNING id"
)


async def set_aside(
    database: str, topic: str, payload: bytes, size: int | None = None, at: datetime = NOW
) -> int:
    """Put a message into quarantine as ingest does."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        row = (at, topic, payload[:KEPT_BYTES], size or len(payload))
        [(number,)] = await (await connection.execute(ASIDE, row)).fetchall()
    return int(number)


async def register(database: str, device: str, estate: str) -> None:
    """Add the smoke sensor that was missing."""
    sensor = Device(
        id=device, estate=estate, place=estate, profile="smoke_sensor", name_zh="烟感", name_en="Smoke",
        registered_at=NOW,
    )  # fmt: skip
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await save_registry(connection, devices=[sensor])


async def test_a_stranger_that_was_registered_is_heard_after_all_and_once(
    database: str, community: str, estate: str, settings: IngestSettings, broker: Broker
) -> None:
    late = f"{estate}-late"
    topic = f"shequ/v1/{estate}/{late}/event"
    lately = datetime.now(UTC)  # noqa: TID251 - the inspector shows a quarter of an hour; NOW may be older
    first, second = [await set_aside(database, topic, smoke(id_, at=lately), at=lately) for id_ in ("1", "2")]
    async with open_desk(database) as desk, running(settings):
        await subscribed(database)
        look = (await desk.get(f"/api/quarantine/{first}", "boss")).json()
        assert (look["events"], look["reason"]) == ([], "unknown_device")
        assert bytes.fromhex(look["hex"]) == smoke("1", at=lately)
        await register(database, late, estate)
        look = (await desk.get(f"/api/quarantine/{first}", "boss")).json()
        assert (look["reason"], look["events"][0]["type"]) == (None, "smoke")
        for _ in range(2):
            answer = await desk.post("/api/quarantine/again", {"ids": [first, second]}, "boss")
            assert answer.status_code == 202
        await stored(database, late, 2)

        async def settled() -> bool:
            unread = "SELECT 1 FROM quarantine WHERE read_at IS NULL AND id = ANY (%s)"
            found = await rows(database, unread, [first, second])
            return not found

        await until(settled)
        again = (await desk.post("/api/quarantine/again", {"ids": [first]}, "boss")).json()
        assert again == {"asked": [], "refused": {str(first): "read"}}
        heard = (await desk.get("/api/inspector", "dev", estate=estate)).json()["items"]
        told = [(row["kind"], row["device"], row["type"] or row["reason"]) for row in heard]
        assert sorted(told) == [("aside", late, "unknown_device")] * 2 + [("event", late, "smoke")] * 2
        assert (await desk.get("/api/inspector", "dev", estate="EST9")).status_code == 404
        assert (await desk.get("/api/inspector", "dev")).status_code == 422
        shown = (await desk.get("/api/quarantine", "boss", topic=late)).json()["items"]
        assert [row["state"] for row in shown] == ["read", "read"]
    assert await rows(database, "SELECT id FROM events WHERE device = %s ORDER BY id", late) == [
        ("1",),
        ("2",),
    ]
    assert await rows(database, "SELECT code, hit_count FROM alerts") == [("FIRE-001", 2)]
    looked = "SELECT action, count(*) FROM audit_log WHERE action LIKE 'quarantine.%%' GROUP BY 1 ORDER BY 1"
    assert await rows(database, looked) == [("quarantine.read_again", 3), ("quarantine.show", 2)]


async def test_what_is_still_wrong_stays_aside_and_says_so(
    database: str, community: str, estate: str, settings: IngestSettings, broker: Broker
) -> None:
    topic = f"shequ/v1/{estate}/{community}/event"
    broken = await set_aside(database, topic, b"{not json")
    cut = await set_aside(database, topic, b"x", KEPT_BYTES + 1)
    async with open_desk(database) as desk:  # asked while ingest is away: it is there when it comes
        answer = (await desk.post("/api/quarantine/again", {"ids": [broken, cut]}, "boss")).json()
        assert answer == {"asked": [broken], "refused": {str(cut): "cut"}}
        assert (await desk.post("/api/quarantine/again", {"ids": [999]}, "boss")).status_code == 404
    async with running(settings):

        async def tried() -> bool:
            found = await rows(database, "SELECT reason FROM quarantine WHERE id = %s", broken)
            return found == [("not_json",)]

        await until(tried)
    states = "SELECT id, asked_at IS NULL, read_at IS NULL FROM quarantine WHERE id = ANY (%s) ORDER BY id"
    assert await rows(database, states, [broken, cut]) == [(broken, True, True), (cut, True, True)]
    assert await rows(database, "SELECT count(*) FROM events WHERE device = %s", community) == [(0,)]
