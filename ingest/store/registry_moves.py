"""Changes to devices' configuration that both the console and ingest make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from devices.registry.configuration import config_hash
from devices.registry.rollout import Step, decide
from ingest.store import sql

Q = sql.load("ingest.store", "registry_orders.sql")
Connection = AsyncConnection[dict[str, Any]]


async def want_config(
    connection: Connection, device: str, data: Mapping[str, Any], by: str, rollout: int | None = None
) -> int:
    """Write a new desired configuration and answer its version; ingest publishes it after the commit."""
    row = {
        "device": device,
        "hash": config_hash(data),
        "data": Jsonb(dict(data)),
        "by": by,
        "rollout": rollout,
    }
    made = await (await connection.execute(Q["want_config"], row)).fetchone()
    version = int(made["version"]) if made else 0
    await connection.execute(Q["log_config"], {**row, "version": version})
    await connection.execute(Q["note_config"], {**row, "version": version})
    await connection.execute(Q["notify_orders"])
    return version


async def begin_stage(
    connection: Connection, rollout: int, stage: int, data: Mapping[str, Any], by: str
) -> list[str]:
    """Give every waiting device up to this stage its configuration; answers which."""
    cursor = await connection.execute(Q["next_devices"], {"id": rollout, "stage": stage})
    begun: list[str] = []
    for row in await cursor.fetchall():
        version = await want_config(connection, row["device"], data, by, rollout)
        before = None if row["before"] is None else Jsonb(row["before"])
        about = {"id": rollout, "device": row["device"], "version": version, "before": before}
        await connection.execute(Q["begun"], about)
        begun.append(row["device"])
    return begun


async def advance_rollouts(connection: Connection) -> list[str]:
    """Look at every running roll-out and take its next step; answers the devices touched."""
    touched: list[str] = []
    for row in await (await connection.execute(Q["running"])).fetchall():
        await connection.execute(Q["settle"], {"id": row["id"]})
        answers = await (await connection.execute(Q["statuses"], {"id": row["id"]})).fetchall()
        decision = decide(
            row["stage"],
            row["last_stage"],
            {each["device"]: (each["stage"], each["status"]) for each in answers},
            max_failed=row["max_failed"],
            waited_s=row["waited_s"],
            wait_s=row["stage_wait_s"],
        )
        if decision.step is Step.WAIT:
            continue
        stage = row["stage"] + (decision.step is Step.NEXT)
        state = {Step.NEXT: "running", Step.STOP: "stopped", Step.DONE: "done"}[decision.step]
        about = {"id": row["id"], "stage": stage, "state": state, "reason": decision.reason}
        await connection.execute(Q["step_rollout"], about)
        if decision.step is Step.NEXT:
            touched += await begin_stage(connection, row["id"], stage, row["data"], row["created_by"])
    return touched
