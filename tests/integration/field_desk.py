"""The small town with people who are sent: two grid workers of one estate, a fire station beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString

import httpx

from console.accounts import SQL, hash_password
from tests.integration.api_desk import PASSWORD, Desk, open_desk

STAFF: LiteralString = """
INSERT INTO people (id, name, roles, org, place, user_name) VALUES
    ('p-grid', '周网格', '{GW}', 'GW', 'EST1', 'grid'),
    ('p-chen', '陈网格', '{GW}', 'GW', 'EST1', 'chen'),
    ('p-far', '远网格', '{GW}', 'GW', 'EST2', 'far'),
    ('p-fire', '消防站', '{FS}', 'FS', 'EST1', 'fire');
INSERT INTO place_anchors (place, lat, lon) VALUES ('EST1', 30.98, 104.28);
UPDATE places SET outline = '[[0, 0], [200, 0], [200, 222.64], [0, 222.64]]' WHERE code = 'EST1-B1';
"""


@asynccontextmanager
async def open_field(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Open the console over a town with field staff."""
    async with open_desk(database, attachments=tmp_path / "photos") as desk:
        stored = await hash_password(PASSWORD)
        for name, scope in (("chen", "EST1"), ("far", "EST2"), ("fire", "EST1")):
            user = {
                "name": name,
                "display_name": name,
                "role": "field",
                "scope": scope,
                "password_hash": stored,
            }
            await desk.connection.execute(SQL["add_user"], user)
        await desk.connection.execute(STAFF)
        yield desk


async def sent(desk: Desk, org: str = "GW", **alert: Any) -> tuple[int, int]:
    """Raise an alert and send an organisation; answers case and order."""
    number = await desk.alert(**alert)
    answer = await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": org})
    incident = int(answer.json()["incident_id"])
    [order] = await desk.rows("SELECT id FROM orders WHERE incident_id = %s", incident)
    return incident, order["id"]


async def mine(desk: Desk, who: str = "grid", **query: Any) -> list[dict[str, Any]]:
    """Read somebody's orders."""
    answer = await desk.get("/api/orders/mine", who, **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def move(
    desk: Desk, order: int, action: str, key: str, *, who: str = "grid", **more: Any
) -> httpx.Response:
    """Make a move as the phone does."""
    return await desk.post(f"/api/orders/{order}/actions", {"action": action, "key": key, **more}, who)
