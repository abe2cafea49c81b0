"""State organs ask for pictures: their paper, two officers, two of ours, and what was handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import accounts
from console.auth import Caller
from console.camera_pictures import SQL, asked_camera, check_span
from console.database import Connection, fetch
from console.problems import Invalid, Unfit
from devices.errors import Conflict, NotFound
from ingest.store import personal
from ingest.vault import Vault


async def take(
    connection: Connection, caller: Caller, vault: Vault, wish: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a request down; the officers' names and numbers are sealed.

    Raises NotFound for a camera outside the caller's places, Invalid for times that do not fit, Conflict
    where this paper is on the register already.
    """
    await asked_camera(connection, caller, wish["device"])
    check_span(wish)
    first, second = wish["officers"]
    if first["badge"] == second["badge"]:
        raise Invalid({"officers": "two officers come, each with a number of their own"})
    row = await fetch(connection, SQL["add_organ_request"], {**wish, "by": caller.name})
    if row is None:
        raise Conflict("this paper of this organ is on the register for this camera already")
    number: int = row["id"]
    fields = {f"officer.{n}": one["name"] for n, one in enumerate((first, second), 1)}
    fields |= {f"badge.{n}": one["badge"] for n, one in enumerate((first, second), 1)}
    await personal.put(connection, vault, personal.organ(number), fields)
    await accounts.note(
        connection, caller, "organ.take", wish["device"], {"request": number, "document": wish["document"]}
    )
    return await one_of(connection, caller, number)


async def decide(
    connection: Connection, caller: Caller, number: int, *, state: str, answer: str
) -> dict[str, Any]:
    """Approve or refuse a request; whoever took it does not.

    Raises NotFound outside the caller's places, Unfit for one's own, Conflict where it is decided.
    """
    body = await one_of(connection, caller, number)
    if body["taken_by"] == caller.name:
        raise Unfit(
            "whoever took the request does not decide it: another one must", why="own_request", legal=()
        )
    about = {"id": number, "state": state, "answer": answer, "by": caller.name}
    if await fetch(connection, SQL["decide_organ_request"], about) is None:
        raise Conflict("this request is decided already")
    await accounts.note(
        connection, caller, f"organ.{state}", body["device"], {"request": number, "answer": answer}
    )
    return await one_of(connection, caller, number)


async def one_of(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    """Answer a request.

    Raises NotFound outside the caller's places.
    """
    about = {"scope": caller.scope, "id": number, "after": None, "limit": 1}
    row = await fetch(connection, SQL["organ_requests"], about)
    if row is None:
        raise NotFound("request", str(number))
    body: dict[str, Any] = row["body"]
    return body
