"""Staged roll-outs of a configuration: begun here, advanced by ingest as the devices answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from console import accounts
from console import device_registry as registry
from console.access import Data
from console.api.configuration import SQL
from console.api.devices import actor
from console.auth import Me
from console.database import Connection, fetch, fetch_one
from console.device_order_wishes import NewRollout, RolloutAction
from console.device_registry import Actor
from console.device_schema import schema_errors
from console.fleet_schemas import Rollout, RolloutDetail
from console.paging import Cursor, Limit, after, page
from console.problems import Invalid
from console.schemas import Page
from console.writing import Answer, Once
from devices.errors import IllegalMove, NotFound
from devices.registry.models import model_of, schema_of
from devices.registry.rollout import share_out
from ingest.store.registry_moves import begin_stage, want_config
from ingest.store.sql import load

router = APIRouter(prefix="/api/rollouts", tags=["configuration"])
_ORDERS = load("ingest.store", "registry_orders.sql")
LEGAL = {"running": ("cancel",), "stopped": ("resume", "cancel", "roll_back"), "done": ("roll_back",),
         "cancelled": ("roll_back",)}  # fmt: skip
State = Literal["running", "stopped", "done", "cancelled"]


@router.get("", response_model=Page[Rollout])
async def rollouts(
    database: Data, caller: Me, state: State | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List roll-outs, newest first."""
    (before,) = after(cursor, int)
    wanted = {"state": state, "id": None, "before": before, "scope": caller.scope, "limit": limit + 1}
    return page(await database.rows(SQL["rollouts"], wanted), limit, "id")


@router.get("/{rollout_id}", response_model=RolloutDetail)
async def rollout(database: Data, caller: Me, rollout_id: int) -> dict[str, Any]:
    """Show a roll-out with its devices."""
    wanted = {"state": None, "id": rollout_id, "before": None, "scope": caller.scope, "limit": 1}
    row = await database.row(SQL["rollouts"], wanted)
    if row is None:
        raise NotFound("roll-out", str(rollout_id))
    devices = await database.rows(SQL["rollout_devices"], {"id": rollout_id})
    return {**row["body"], "devices": [device["body"] for device in devices]}


@router.post("", response_model=Rollout, status_code=HTTPStatus.CREATED)
async def begin_rollout(caller: Me, wish: NewRollout, writer: Once) -> JSONResponse:
    """Begin a roll-out: the first stage gets its configuration at once."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        devices = await _targets(connection, who, wish)
        row = {**wish.model_dump(exclude={"data"}), "data": Jsonb(wish.data), "by": who.name}
        number = (await fetch_one(connection, SQL["add_rollout"], row))["id"]
        for device, stage in share_out(devices, wish.stages).items():
            about = {"id": number, "device": device, "stage": stage}
            await connection.execute(SQL["add_rollout_device"], about)
        begun = await begin_stage(connection, number, 0, wish.data, who.name)
        await accounts.audit(
            connection, who.name, "rollout.begin", str(number), detail={"data": wish.data}, source=who.source
        )
        await registry.announce(connection, begun)
        return Answer(status=HTTPStatus.CREATED, body=(await _shown(connection, who, number))["body"])

    return await writer.once(work)


@router.post("/{rollout_id}/actions", response_model=Rollout)
async def act_on_rollout(caller: Me, rollout_id: int, wish: RolloutAction, writer: Once) -> JSONResponse:
    """Resume, cancel, or give every device it touched the configuration it had before."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        await connection.execute(SQL["lock_rollout"], {"id": rollout_id})
        row = await _shown(connection, who, rollout_id)
        legal = LEGAL[row["state"]]
        if wish.action not in legal:
            raise IllegalMove(f"roll-out {rollout_id}", row["state"], wish.action, legal)
        touched = await _act(connection, who, row, wish.action)
        await accounts.audit(
            connection, who.name, f"rollout.{wish.action}", str(rollout_id), source=who.source
        )
        await registry.announce(connection, touched)
        return Answer(body=(await _shown(connection, who, rollout_id))["body"])

    return await writer.once(work)


async def _act(connection: Connection, who: Actor, row: dict[str, Any], action: str) -> list[str]:
    about = {"id": row["id"], "reason": f"{action} by {who.name}", "max_failed": row["body"]["max_failed"]}
    if action == "resume":
        await connection.execute(_ORDERS["settle"], about)
        failed = (await _shown(connection, who, row["id"]))["body"]["counts"]["failed"]
        if row["body"]["counts"]["failed"] <= about["max_failed"]:  # silence stopped it: not to wait again
            await connection.execute(SQL["leave_out_silent"], about)
        more = {"state": "running", "max_failed": max(about["max_failed"], failed)}
        await connection.execute(SQL["set_rollout"], {**about, **more})
        await connection.execute(_ORDERS["notify_orders"])
        return []
    await connection.execute(SQL["set_rollout"], {**about, "state": "cancelled"})
    if action == "cancel":
        return []
    cursor = await connection.execute(SQL["rollout_devices"], {"id": row["id"]})
    touched = [each for each in await cursor.fetchall() if each["status"] in ("pending", "applied", "failed")]
    for each in touched:
        await want_config(connection, each["device"], each["before"] or {}, who.name, row["id"])
    return [each["device"] for each in touched]


async def _targets(connection: Connection, who: Actor, wish: NewRollout) -> list[str]:
    wanted = wish.devices
    if wanted is None:
        about = {"scope": who.scope, "estate": None, "code": wish.group}
        group = await fetch(connection, SQL["groups"], about)
        if group is None:
            raise Invalid({"group": f"there is no group {wish.group!r}"})
        wanted = group["body"]["devices"]
    cursor = await connection.execute(SQL["targets"], {"ids": list(wanted), "scope": who.scope})
    rows = await cursor.fetchall()
    missing = sorted(set(wanted) - {row["id"] for row in rows})
    if missing or not rows:
        raise Invalid({"devices": f"not here, or retired: {', '.join(missing[:10]) or 'the group is empty'}"})
    for row in rows:
        model = model_of(row["profile"], row["make"], row["model"])
        if errors := schema_errors(schema_of(model, row), wish.data, "data"):
            field, problem = next(iter(errors.items()))
            raise Invalid({field: f"device {row['id']!r} ({row['profile']}) does not accept this: {problem}"})
    return [row["id"] for row in rows]


async def _shown(connection: Connection, who: Actor, number: int) -> dict[str, Any]:
    wanted = {"state": None, "id": number, "before": None, "scope": who.scope, "limit": 1}
    row = await fetch(connection, SQL["rollouts"], wanted)
    if row is None:
        raise NotFound("roll-out", str(number))
    return row
