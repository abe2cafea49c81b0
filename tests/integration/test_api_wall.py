"""The wall's own figures, within the caller's part of the tree."""

from __future__ import annotations

from tests.integration.api_desk import open_desk


async def test_the_wall_counts_a_day_by_hour_and_devices_by_family(database: str) -> None:
    async with open_desk(database) as desk:
        await desk.alert(severity=1)
        await desk.alert(severity=3, code="SEC-001")
        old = await desk.alert(severity=2, code="FIRE-002")
        await desk.rows(
            "UPDATE alerts SET raised_at = now() - INTERVAL '30 hours' WHERE id = %s RETURNING id", old
        )
        body = (await desk.get("/api/wall")).json()
        assert len(body["hours"]) == 24
        assert body["hours"][-1]["by_severity"] == [1, 0, 1, 0]
        assert sum(sum(hour["by_severity"]) for hour in body["hours"]) == 2
        fleet = {one["profile"]: (one["devices"], one["offline"]) for one in body["fleet"]}
        assert fleet == {"smoke_sensor": (2, 0), "camera": (1, 1)}


async def test_nobody_counts_what_is_outside_their_places(database: str) -> None:
    async with open_desk(database) as desk:
        await desk.alert(severity=1)
        body = (await desk.get("/api/wall", "zhao")).json()
        assert sum(sum(hour["by_severity"]) for hour in body["hours"]) == 0
        assert body["fleet"] == [{"profile": "smoke_sensor", "devices": 1, "offline": 0}]
