"""Zero-touch enrolment: labels with claim codes, strangers that knock, and whoever lets them in.

A code is 80 random bits; the database holds its SHA-256. A device calls `claim` until it is
approved, and collects its credentials then: once, and nobody else ever sees them.
"""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts
from console import device_registry as registry
from console.access import Data, must_see
from console.api.credentials import mint
from console.api.devices import actor, add, keeper
from console.auth import Me, source_of
from console.database import Connection, fetch, fetch_one
from console.device_order_wishes import Claim, LabelCode, NewLabels
from console.device_registry import Actor
from console.device_wishes import NewDevice, Reason, WantedCredentials
from console.fleet_schemas import Claimed, Enrolment, EnrolmentLabel, LabelRead, PrintedLabels
from console.paging import Cursor, Limit, after, page
from console.problems import Invalid, problem
from console.rates import SharedRate
from console.schemas import DeviceCreated, Page
from console.writing import Answer, Once
from devices.errors import Conflict, IllegalMove, NotFound
from devices.profiles import PROFILES
from ingest.store.sql import load

public = APIRouter(prefix="/api/enrolment", tags=["enrolment"])
router = APIRouter(prefix="/api/enrolment", tags=["enrolment"])
_SQL: Final = load("console.store", "enrolment.sql")
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike
TRIES, LOCK_S = 20, 600  # wrong codes, and the seconds in which as many are forgiven
State = Literal["pending", "approved", "rejected", "all"]


def guesses(kind: str) -> SharedRate:
    """Wrong codes of one network address: too many, and the address waits."""
    return SharedRate(kind=kind, per_s=TRIES / LOCK_S, burst=TRIES)


def code_hash(code: str) -> bytes:
    """The hash of a claim code; case, blanks and hyphens do not matter."""
    plain = code.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode()).digest()


@public.post("/claim", response_model=Claimed, responses={HTTPStatus.ACCEPTED: {"model": Claimed}})
async def claim(request: Request, database: Data, wish: Claim) -> JSONResponse:
    """Present a claim code: wait, or collect the credentials once they are granted."""
    tries: SharedRate = request.app.state.tries
    source = source_of(request)
    await tries.check(database, source)
    credentials = keeper(request)

    async def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        label = await fetch(connection, _SQL["label_of"], {"hash": code_hash(wish.code)})
        known = label and label["serial"]
        if label is None or (known and wish.serial and known != wish.serial):
            return HTTPStatus.NOT_FOUND, {}
        if label["state"] in ("unused", "claimed"):
            row = {**label, "serial": known or wish.serial, "firmware": wish.firmware}
            await connection.execute(_SQL["claim"], row)
            await connection.execute(_SQL["set_label"], {**label, "state": "claimed"})
            return HTTPStatus.ACCEPTED, {"state": "pending"}
        if label["state"] != "approved":
            return HTTPStatus.GONE, {}
        who = Actor(name=f"label:{label['label']}", source=source)
        made = await mint(connection, who, label["registered_as"], WantedCredentials(), credentials)
        await connection.execute(_SQL["set_label"], {**label, "state": "collected"})
        return HTTPStatus.OK, {"state": "approved", "credentials": dict(made.body)}

    status, body = await database.write(work)
    if status == HTTPStatus.NOT_FOUND:
        await tries.take(database, source)
        raise NotFound("claim code", "of this kind")
    if status == HTTPStatus.GONE:
        return problem(status, "This code has been used or rejected.", kind="gone")
    return JSONResponse(body, status)


@router.post("/labels", response_model=PrintedLabels, status_code=HTTPStatus.CREATED)
async def make_labels(caller: Me, wish: NewLabels, writer: Once) -> JSONResponse:
    """Make labels with claim codes, to print; the codes are shown once."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        around = await registry.known(connection, [{"place": wish.estate}], who.scope)
        if wish.estate not in around.places or around.places[wish.estate].estate != wish.estate:
            raise Invalid({"estate": f"there is no estate {wish.estate!r}"})
        items = []
        for number, item in enumerate(wish.items):
            if item.profile not in PROFILES:
                raise Invalid({f"items.{number}.profile": f"there is no family {item.profile!r}"})
            code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
            label = "L" + "".join(secrets.choice(_LETTERS) for _ in range(8))
            row = {
                **item.model_dump(),
                "label": label,
                "hash": code_hash(code),
                "estate": wish.estate,
                "by": who.name,
            }
            await connection.execute(_SQL["make_label"], row)
            items.append({"label": label, "code": code, **item.model_dump()})
        await accounts.audit(
            connection,
            who.name,
            "enrolment.labels",
            wish.estate,
            detail={"count": len(items)},
            source=who.source,
        )
        hidden = [{**item, "code": None} for item in items]
        return Answer(status=HTTPStatus.CREATED, body={"items": items}, kept={"items": hidden})

    return await writer.once(work)


@router.get("/labels", response_model=Page[EnrolmentLabel])
async def enrolment_labels(
    database: Data, caller: Me, estate: str | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List labels, without their codes."""
    await must_see(database, caller, estate)
    (last,) = after(cursor, str)
    wanted = {"scope": caller.scope, "estate": estate, "after": last, "limit": limit + 1}
    return page(await database.rows(_SQL["labels"], wanted), limit, "label")


@router.post("/labels/read", response_model=LabelRead)
async def read_label(database: Data, caller: Me, wish: LabelCode) -> dict[str, Any]:
    """Say what the label with this code is stuck on; the code was scanned, or typed from below it."""
    about = {"hash": code_hash(wish.code), "label": None, "scope": caller.scope}

    async def work(connection: Connection) -> dict[str, Any]:
        row = await fetch(connection, _SQL["label_read"], about)
        if row is None:
            raise NotFound("label", "of this code")
        return dict(row)

    return await database.write(work)


@router.post("/labels/{label}/register", response_model=DeviceCreated, status_code=HTTPStatus.CREATED)
async def register_label(caller: Me, label: str, wish: NewDevice, writer: Once) -> JSONResponse:
    """Register the device that a label is stuck on; it collects its own login with the label's code."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        about = {"hash": None, "label": label, "scope": who.scope}
        row = await fetch(connection, _SQL["label_read"], about)
        if row is None:
            raise NotFound("label", label)
        if row["state"] in ("approved", "collected"):
            raise Conflict(f"label {label!r} belongs to the device {row['registered_as']!r} already")
        asking = await fetch_one(connection, _SQL["scanned"], {**row, "serial": row["serial"] or wish.serial})
        answer = await add(connection, who, wish, None)
        await connection.execute(_SQL["set_label"], {"label": label, "state": "approved"})
        decided = {"id": asking["id"], "state": "approved", "by": who.name, "reason": None, "device": wish.id}
        await connection.execute(_SQL["decide"], decided)
        return answer

    return await writer.once(work)


@router.get("", response_model=Page[Enrolment])
async def enrolments(
    *,
    database: Data,
    caller: Me,
    state: State = "pending",
    estate: str | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List devices that ask to be let in, newest first."""
    (before,) = after(cursor, int)
    wanted = {
        "scope": caller.scope,
        "state": None if state == "all" else state,
        "estate": estate,
        "id": None,
        "before": before,
        "limit": limit + 1,
    }
    return page(await database.rows(_SQL["enrolments"], wanted), limit, "id")


@router.post("/{enrolment_id}/approve", response_model=DeviceCreated, status_code=HTTPStatus.CREATED)
async def approve_enrolment(
    request: Request, caller: Me, enrolment_id: int, wish: NewDevice, writer: Once
) -> JSONResponse:
    """Let a device in: it is registered; a knock gets its login here, a claim collects its own."""
    credentials = keeper(request)

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        row = await _asking(connection, who, enrolment_id, "approve", ("pending", "rejected"))
        native = row["kind"] == "knock" and wish.dialect is None
        answer = await add(connection, who, wish, credentials if native else None)
        if row["label"] is not None:
            await connection.execute(_SQL["set_label"], {"label": row["label"], "state": "approved"})
        about = {"id": enrolment_id, "state": "approved", "by": who.name, "reason": None, "device": wish.id}
        await connection.execute(_SQL["decide"], about)
        return answer

    return await writer.once(work)


@router.post("/{enrolment_id}/reject", response_model=Enrolment)
async def reject_enrolment(caller: Me, enrolment_id: int, wish: Reason, writer: Once) -> JSONResponse:
    """Turn a device away."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        row = await _asking(connection, who, enrolment_id, "reject", ("pending",))
        if row["label"] is not None:
            await connection.execute(_SQL["set_label"], {"label": row["label"], "state": "rejected"})
        about = {
            "id": enrolment_id,
            "state": "rejected",
            "by": who.name,
            "reason": wish.reason,
            "device": None,
        }
        await connection.execute(_SQL["decide"], about)
        await accounts.audit(
            connection, who.name, "enrolment.reject", str(enrolment_id), detail=about, source=who.source
        )
        return Answer(body=(await _one(connection, who, enrolment_id))["body"])

    return await writer.once(work)


async def _asking(
    connection: Connection, who: Actor, number: int, action: str, states: tuple[str, ...]
) -> dict[str, Any]:
    await connection.execute(_SQL["lock_enrolment"], {"id": number})
    row = await _one(connection, who, number)
    if row["state"] not in states:
        raise IllegalMove(f"enrolment {number}", row["state"], action, ())
    return row


async def _one(connection: Connection, who: Actor, number: int) -> dict[str, Any]:
    wanted = {"scope": who.scope, "state": None, "estate": None, "id": number, "before": None, "limit": 1}
    row = await fetch(connection, _SQL["enrolments"], wanted)
    if row is None:
        raise NotFound("enrolment", str(number))
    return row
