"""The people of the platform at their desks, over HTTP, and a case that they made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import httpx
import psycopg

from tests.e2e.conftest import Platform

ALERT: LiteralString = """
INSERT INTO alerts
    (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
SELECT gen_random_uuid()::text, 'FIRE-001', 'FIRE-001', 1, estate, place, id, id, 'condition_met',
    now(), now()
FROM devices WHERE profile = 'smoke_sensor' AND estate = %s ORDER BY id LIMIT 1
RETURNING id, device
"""


class Office:
    """The people of the platform at their desks, over HTTP."""

    def __init__(self, platform: Platform) -> None:
        self._client, self._platform = httpx.AsyncClient(base_url=platform.address, timeout=60), platform
        self._tokens: dict[str, str] = {}

    async def post(self, path: str, body: Mapping[str, Any], who: str = "operator") -> Any:
        """Write as somebody."""
        if who not in self._tokens:
            login = {"username": self._platform.login(who), "password": self._platform.passwords[who]}
            answer = await self._client.post("/api/token", data=login)
            self._tokens[who] = answer.raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        answer = await self._client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def move(self, incident: int, action: str, who: str, **more: Any) -> None:
        """Move a case on."""
        await self.post(f"/api/incidents/{incident}/actions", {"action": action, **more}, who)

    async def close(self) -> None:
        """Go home."""
        await self._client.aclose()


async def raise_alert(platform: Platform) -> tuple[int, str]:
    """An alert of the estate's first smoke sensor, as ingest writes it."""
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        row = await (await connection.execute(ALERT, [platform.estate])).fetchone()
    assert row is not None
    return row[0], row[1]


async def a_case(office: Office, platform: Platform) -> tuple[int, str]:
    """Three false alarms of a sensor, and one that somebody was sent for."""
    device = ""
    for _ in range(3):
        alert, device = await raise_alert(platform)
        wish = {"action": "close", "outcome": "false_alarm", "cause": "cooking", "note": "油烟"}
        await office.post(f"/api/alerts/{alert}/actions", wish)
    alert, _ = await raise_alert(platform)
    case = await office.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "PM"})
    return case["incident_id"], device
