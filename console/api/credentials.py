"""A device's credentials: minted, rotated, revoked; passwords and keys are shown once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from console import device_registry as registry
from console.access import Data
from console.api.device_life import must_have
from console.api.devices import actor, keeper
from console.auth import Me
from console.credentials import Credentials
from console.database import Connection, fetch_one
from console.device_registry import Actor
from console.device_schemas import CredentialState, MintedCredentials
from console.device_wishes import Reason, WantedCredentials
from console.problems import Invalid, NotConfigured
from console.writing import Answer, Once
from devices.errors import Conflict
from devices.registry.lifecycle import Lifecycle, Move
from ingest.registry_ca import BadRequest

router = APIRouter(prefix="/api", tags=["devices"])


@router.get("/devices/{device_id}/credentials", response_model=CredentialState)
async def device_credentials(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """Say what a device can log in with."""
    await must_have(database, caller, device_id)
    row = await database.row(registry.SQL["credentials"], {"id": device_id})
    return row["body"] if row else {}


@router.post(
    "/devices/{device_id}/credentials", response_model=MintedCredentials, status_code=HTTPStatus.CREATED
)
async def mint_credentials(
    request: Request, caller: Me, device_id: str, wish: WantedCredentials, writer: Once
) -> JSONResponse:
    """Mint or rotate; the old password ends, and with it a running session."""
    credentials = keeper(request)

    async def work(connection: Connection) -> Answer:
        return await mint(connection, actor(caller), device_id, wish, credentials)

    return await writer.once(work)


@router.post("/devices/{device_id}/credentials/revoke", response_model=CredentialState)
async def revoke_credentials(
    request: Request, caller: Me, device_id: str, wish: Reason, writer: Once
) -> JSONResponse:
    """Take a device's credentials away; a live session is cut."""
    credentials = keeper(request)

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        await registry.held(connection, who, device_id, None)
        await connection.execute(registry.SQL["revoked"], {"device": device_id})
        await registry.note(connection, who, device_id, "device.revoke", reason=wish.reason)
        await credentials.remove_device(device_id)
        return Answer(
            body=(await fetch_one(connection, registry.SQL["credentials"], {"id": device_id}))["body"]
        )

    return await writer.once(work)


@router.get("/ca", response_class=Response)
async def certificate_authority(request: Request) -> Response:
    """Answer the authority's certificate, for devices to check the broker by."""
    authority = keeper(request).authority
    if authority is None:
        raise NotConfigured("No certificate authority is configured (SHEQU_CA_FOLDER).")
    return Response(authority.pem, media_type="application/x-pem-file")


async def mint(
    connection: Connection, who: Actor, device: str, wish: WantedCredentials, credentials: Credentials
) -> Answer:
    """Make credentials for a registered device; a planned one is provisioned thereby.

    Raises NotFound, Conflict for a retired device, Invalid for a bad request, BrokerError.
    """
    row = await registry.held(connection, who, device, None)
    state = Lifecycle(row["lifecycle"])
    if state is Lifecycle.RETIRED:
        raise Conflict(f"device {device!r} is retired: it gets no credentials")
    if state is Lifecycle.PLANNED:
        await registry.move(connection, who, device, Move.PROVISION, reason="credentials minted")
    await registry.note(connection, who, device, "device.mint", detail={"kind": wish.kind})
    about = {"username": device, "topic": f"shequ/v1/{row['estate']}/{device}/event"}
    if wish.kind == "certificate":
        body = {**about, **await _certify(connection, row["estate"], device, wish.csr, credentials)}
    else:
        password = await credentials.renew(row["estate"], device)
        await registry.keep_password(connection, device, password)
        host, port = credentials.password_door
        body = {**about, "password": password, "host": host, "port": port}
    await registry.announce(connection, [device])
    hidden: dict[str, Any] = {name: None for name in ("password", "private_key") if name in body}
    return Answer(status=HTTPStatus.CREATED, body=body, kept={**body, **hidden})


async def _certify(
    connection: Connection, estate: str, device: str, csr: str | None, credentials: Credentials
) -> dict[str, Any]:
    authority, door = credentials.authority, credentials.certificate_door
    if authority is None or door is None:
        raise NotConfigured("No certificate authority or no TLS listener is configured.")
    try:
        issued = authority.issue_device(device, csr)
    except BadRequest as exc:
        raise Invalid({"csr": str(exc)}) from exc
    row = {
        "device": device,
        "serial": issued.serial,
        "fingerprint": issued.fingerprint,
        "not_after": issued.not_after,
    }
    await connection.execute(registry.SQL["certified"], row)
    await credentials.add_certified(estate, device)
    return {
        "certificate": issued.certificate,
        "private_key": issued.key,
        "ca": authority.pem,
        "host": door[0],
        "port": door[1],
        "not_after": issued.not_after.isoformat(),
    }
