"""An import of devices: read, checked row by row, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import device_registry as registry
from console.credentials import Credentials
from console.database import Connection
from console.device_registry import Actor
from console.device_sheet import read_table
from console.problems import Invalid
from devices.registry import sheet as sheets
from devices.registry.lifecycle import Lifecycle
from devices.registry.sheet import Sheet

SAMPLE: Final = 20


class BadRows(Invalid):
    """Some rows are wrong: nothing has been imported."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__({"file": f"{sheet.bad_rows or 'some'} rows are wrong: nothing has been imported"})
        self.errors = [fault.wire() for fault in sheet.faults]


async def inspect(
    connection: Connection, name: str, content: bytes, scope: str | None
) -> tuple[Sheet, list[dict[str, Any]]]:
    """Read and check a sheet; answers it with its faults, and the papers of the good rows."""
    sheet = sheets.read(await read_table(name, content))
    around = await registry.known(connection, [papers for _, papers in sheet.rows], scope)
    estates = {code: site.estate for code, site in around.places.items()}
    good = sheets.check(sheet, around)
    return sheet, [{**papers, "estate": estates[papers["place"]]} for papers in good]


def preview(
    sheet: Sheet, good: list[dict[str, Any]], headings: Mapping[str, str] = sheets.HEADINGS
) -> dict[str, Any]:
    """What an import would do, as the HTTP contract shows it."""
    return {
        "rows": len(sheet.rows),
        "good": len(good),
        "bad": len(sheet.rows) - len(good),
        "headings": headings,
        "unknown_columns": sheet.unknown_columns,
        "errors": [fault.wire() for fault in sheet.faults],
        "sample": [
            {"row": number, **{key: str(value) for key, value in papers.items()}}
            for number, papers in sheet.rows[:SAMPLE]
        ],
    }


async def commit(
    connection: Connection, who: Actor, name: str, content: bytes, credentials: Credentials | None
) -> dict[str, str]:
    """Import a sheet in the caller's transaction; answers the passwords, if accounts are wanted.

    Raises BadRows, and nothing is imported. The broker is asked last: when it refuses, the
    transaction rolls back and the broker has taken its part back itself.
    """
    sheet, good = await inspect(connection, name, content, who.scope)
    if sheet.faults or not good:
        raise BadRows(sheet)
    for papers in sorted(good, key=lambda row: row["gateway"] is not None):
        ready = credentials is not None or papers["dialect"] is not None
        await registry.register(
            connection, who, papers, Lifecycle.PROVISIONED if ready else Lifecycle.PLANNED
        )
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    passwords: Mapping[str, str] = {}
    if credentials is not None:
        passwords = await credentials.add_devices(
            [(papers["estate"], papers["id"]) for papers in good if papers["dialect"] is None]
        )
        for device, password in passwords.items():
            await registry.keep_password(connection, device, password)
    await registry.announce(connection, [papers["id"] for papers in good])
    return {papers["id"]: passwords.get(papers["id"], "") for papers in good}
