"""The dossier of a case: hand out a copy, follow the chain, check a copy that somebody brings."""

from __future__ import annotations

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from console import accounts, case_holds
from console.access import Data
from console.auth import Me, require
from console.database import Connection, fetch
from console.dossier import SQL, check_case, find_case, read_chain
from console.dossier_copy import take_copy
from console.dossier_file import verify
from console.picture_schemas import CaseHold, CaseHoldWish
from console.schemas import Instant, Wire
from console.settings import ConsoleSettings
from console.writing import Answer, Once
from ingest.clock import system_clock
from rules.chain import Flaw

router = APIRouter(prefix="/api", tags=["dossier"])

Reason = Annotated[str, Query(min_length=2, max_length=200, description="why the copy is needed")]


class FindingRow(Wire):
    """One thing that is wrong; `seq` 0 is about the whole."""

    seq: int
    flaw: Flaw
    about: str


class ChainCheck(Wire):
    """How the chain of a case stands."""

    case_code: str
    entries: int
    head: str
    findings: list[FindingRow]


class FileCheck(ChainCheck):
    """How a copy stands; `handed_out` says whether this platform made it."""

    seal: str
    exported: dict[str, Any]
    handed_out: Instant | None


@router.get("/incidents/{incident_id}/dossier", response_class=Response)
async def dossier(
    *, request: Request, database: Data, caller: Me, incident_id: int, reason: Reason, personal: bool = False
) -> Response:
    """Hand out a copy as a ZIP; personal data only to whoever may see it, and only on request."""
    if personal:
        await require(request, caller, "dossier.personal")
    settings: ConsoleSettings = request.app.state.settings

    async def work(connection: Connection) -> tuple[str, bytes]:
        case = await find_case(connection, caller.scope, number=incident_id)
        copy = await take_copy(
            connection, case, by=caller.name, reason=reason, at=system_clock(), personal=personal,
            photos=settings.attachments, source=caller.source,
        )  # fmt: skip
        return case.code, copy.content

    code, content = await database.write(work)
    headers = {"Content-Disposition": f'attachment; filename="dossier-{code}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


@router.get("/incidents/{incident_id}/dossier/check", response_model=ChainCheck)
async def check_dossier(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """Follow a case's chain and compare it with the tables."""

    async def work(connection: Connection) -> dict[str, Any]:
        case = await find_case(connection, caller.scope, number=incident_id)
        entries = await read_chain(connection, case)
        found = await check_case(connection, case, entries)
        return {
            "case_code": case.code,
            "entries": len(entries),
            "head": entries[-1].hash if entries else "",
            "findings": [{"seq": f.seq, "flaw": f.flaw, "about": f.about} for f in found],
        }

    return await database.write(work)


@router.post(
    "/dossier/verify",
    response_model=FileCheck,
    openapi_extra={"requestBody": {"required": True, "content": {"application/zip": {}}}},
)
async def verify_dossier(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Check a copy; it is not kept."""
    found = await anyio.to_thread.run_sync(verify, await request.body())

    async def work(connection: Connection) -> dict[str, Any]:
        about = {"case_code": found.case_code, "seal": found.seal}
        made = await fetch(connection, SQL["seals"], about)
        await accounts.audit(
            connection, caller.name, "dossier.verify", found.case_code,
            detail={"seal": found.seal, "findings": len(found.findings)}, source=caller.source,
        )  # fmt: skip
        return {
            "case_code": found.case_code,
            "entries": found.entries,
            "head": found.head,
            "seal": found.seal,
            "exported": dict(found.exported),
            "handed_out": made["at"].isoformat() if made else None,
            "findings": [{"seq": f.seq, "flaw": f.flaw, "about": f.about} for f in found.findings],
        }

    return await database.write(work)


@router.get("/incidents/{incident_id}/hold", response_model=CaseHold)
async def case_hold(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """Say who holds a case beyond retention and why, if anybody does."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await case_holds.state(connection, caller, incident_id)

    return await database.write(work)


@router.post("/incidents/{incident_id}/hold", response_model=CaseHold)
async def hold_case(caller: Me, incident_id: int, wish: CaseHoldWish, writer: Once) -> JSONResponse:
    """Keep everything of a case beyond retention, or end that."""

    async def work(connection: Connection) -> Answer:
        return Answer(
            body=await case_holds.change(connection, caller, incident_id, hold=wish.hold, reason=wish.reason)
        )

    return await writer.once(work)
