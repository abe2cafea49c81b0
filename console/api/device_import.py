"""Devices from a sheet and into one: preview, all-or-nothing import, template and export."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from console import device_import as importing
from console import device_registry as registry
from console.access import Data, must_see
from console.api.devices import actor, keeper
from console.auth import Me
from console.database import Connection
from console.device_schemas import Imported, ImportPreview
from console.device_sheet import write_csv, write_xlsx
from console.problems import Invalid
from console.sheet_out import SHEETS, Format, sheet_answer
from console.writing import Answer, Once
from devices.profiles import PROFILES
from devices.registry.lifecycle import Lifecycle

router = APIRouter(prefix="/api/devices", tags=["devices"])
EXAMPLE: Final = {
    "id": "smoke-1-101",
    "place": "EST1-B1-U1-F1-R101",
    "profile": "烟感",
    "name_zh": "1 栋 101 烟感",
    "name_en": "Smoke 101",
}
UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("/import/preview", response_model=ImportPreview, openapi_extra=UPLOAD)
async def preview_import(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Read a sheet and say what is wrong with it; nothing changes."""
    name, content = await uploaded(request)

    async def work(connection: Connection) -> dict[str, Any]:
        return importing.preview(*await importing.inspect(connection, name, content, caller.scope))

    return await database.write(work)


@router.post("/import", response_model=Imported, status_code=HTTPStatus.CREATED, openapi_extra=UPLOAD)
async def import_devices(
    request: Request, caller: Me, writer: Once, *, accounts: bool = True
) -> JSONResponse:
    """Import a sheet: all of it, or nothing where any row is wrong."""
    credentials = keeper(request) if accounts else None
    name, content = await uploaded(request)

    async def work(connection: Connection) -> Answer:
        made = await importing.commit(connection, actor(caller), name, content, credentials)
        estates = await connection.execute(registry.SQL["standing"], {"ids": list(made)})
        logins = [
            {
                "username": row["id"],
                "password": made[row["id"]],
                "topic": f"shequ/v1/{row['estate']}/{row['id']}/event",
            }
            for row in await estates.fetchall()
            if made[row["id"]]
        ]
        logins.sort(key=lambda login: login["username"])
        hidden = [{**login, "password": None} for login in logins]
        return Answer(
            status=HTTPStatus.CREATED,
            body={"added": len(made), "credentials": logins},
            kept={"added": len(made), "credentials": hidden},
        )

    return await writer.once(work)


@router.get("/import/template", response_class=Response, responses=SHEETS)
async def import_template(
    *,
    database: Data,
    caller: Me,
    format: Format = "xlsx",  # noqa: A002 - the name of the parameter
) -> Response:
    """Answer an empty sheet with one example; a workbook also lists the caller's places and the families."""
    if format == "csv":
        return _answer(format, [EXAMPLE], "devices-template")
    places = await database.rows(registry.SQL["places"], {"scope": caller.scope})
    families = [(each.name_zh, each.name_en) for each in PROFILES.values()]
    beside = {
        "地点": [("位置编码", "名称"), *((row["code"], row["name_zh"]) for row in places)],
        "设备类型": [("设备类型", "英文名称"), *families],
    }
    return sheet_answer("devices-template", format, write_xlsx([EXAMPLE], beside=beside))


@router.get("/export", response_class=Response, responses=SHEETS)
async def export_devices(
    *,
    database: Data,
    caller: Me,
    format: Format = "xlsx",  # noqa: A002 - the name of the parameter
    estate: str | None = None,
    profile: str | None = None,
    network: str | None = None,
    lifecycle: Lifecycle | None = None,
) -> Response:
    """Answer devices as a sheet; with `profile=camera` it is the filing list (备案)."""
    await must_see(database, caller, estate)
    wanted = {
        "scope": caller.scope,
        "estate": estate,
        "profile": profile,
        "network": network,
        "lifecycle": lifecycle,
    }
    return _answer(format, await database.rows(registry.SQL["export"], wanted), "devices")


def _answer(kind: Format, rows: list[dict[str, Any]], name: str) -> Response:
    content = write_csv(rows) if kind == "csv" else write_xlsx(rows)
    return sheet_answer(name, kind, content)


async def uploaded(request: Request) -> tuple[str, bytes]:
    """The uploaded file; the body is kept too, for the fingerprint of an Idempotency-Key."""
    await request.body()
    async with request.form(max_files=1, max_fields=5) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Invalid({"file": "send the sheet as the form field `file`"})
        return upload.filename or "", await upload.read()
