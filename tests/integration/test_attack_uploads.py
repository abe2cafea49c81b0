"""Files that somebody brings: small ones that unfold into large ones, and names that lead elsewhere."""

from __future__ import annotations

import io
import json
import tarfile
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

import openpyxl
import pyrage
import pytest
from PIL import Image

from console.app import openapi_json
from console.device_sheet import _count_elements, table
from console.problems import Invalid
from console.restore import restore
from devices.errors import ConfigError
from devices.registry.sheet import HEADINGS, MOST_ROWS
from simulators.stack import StackSettings
from tests.integration.api_desk import Desk, open_desk

BY_NAME: Final = ("../../../etc/cron.d/x", "..\\..\\x.csv", "/etc/passwd", "a\x00.csv", "\r\nX-Evil: 1.csv")
UPLOADS: Final = {
    # every route that takes a file or bytes, and the test that brings it a bomb
    "POST /api/devices/import": "test_a_workbook_that_is_minutes_of_work_is_refused_at_once",
    "POST /api/devices/import/preview": "test_a_workbook_that_is_minutes_of_work_is_refused_at_once",
    "POST /api/people/import": "test_a_workbook_that_is_minutes_of_work_is_refused_at_once",
    "POST /api/people/import/preview": "test_a_workbook_that_is_minutes_of_work_is_refused_at_once",
    "POST /api/incidents/{incident_id}/attachments": "test_a_picture_of_few_bytes_and_many_pixels_is_refused",
    "PUT /api/floor-plans/{place}": "test_a_picture_of_few_bytes_and_many_pixels_is_refused",
    "POST /api/dossier/verify": "test_an_archive_that_unpacks_to_more_than_a_dossier_may_hold_is_refused",
    "POST /api/deliver/receipts/{code}": "JSON, at most 256 KiB: tests/integration/test_http_fuzz.py",
}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(database, attachments=tmp_path / "photos") as desk:
        yield desk


def workbook(part: str, head: str, unit: str, tail: str, size: int = 5_000_000) -> bytes:
    """A workbook of a few kilobytes, one part of which is `size` bytes of elements."""
    book, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.create_sheet("x", 0).append(["id", "x"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in {*source.namelist()} - {part}:
            archive.writestr(name, source.read(name))
        archive.writestr(part, head + unit * (size // len(unit)) + tail)
    assert len(out.getvalue()) < 64 * 1024
    return out.getvalue()


_FORMS: Final = {"application/json", "application/x-www-form-urlencoded"}
_NS: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_GROWN: Final = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMBS: Final = {
    "cells": (
        "xl/worksheets/sheet1.xml",
        f"<worksheet {_NS}><sheetData><row>",
        "<c/>",
        "</row></sheetData></worksheet>",
    ),
    "rows": (
        "xl/worksheets/sheet1.xml",
        f"<worksheet {_NS}><sheetData>",
        '<row r="1"/>',  # the same one again: no count of rows ends it
        "</sheetData></worksheet>",
    ),
    "strings": ("xl/sharedStrings.xml", f"<sst {_NS}>", "<si/>", "</sst>"),
    "styles": ("xl/styles.xml", f"<styleSheet {_NS}><fonts>", "<font/>", "</fonts></styleSheet>"),
    "sheets": ("xl/workbook.xml", f"<workbook {_NS}><sheets>", '<sheet name="a"/>', "</sheets></workbook>"),
    "entities": (
        "xl/worksheets/sheet1.xml",
        f'<!DOCTYPE z [<!ENTITY a0 "aaaaaaaaaa">{_GROWN}]><worksheet {_NS}><sheetData><row><c t="str"><v>',
        "&a9;",
        "</v></c></row></sheetData></worksheet>",
    ),
}


@pytest.mark.parametrize("bomb", list(BOMBS))
def test_a_workbook_that_is_minutes_of_work_is_refused_at_once(bomb: str) -> None:
    content, begin = workbook(*BOMBS[bomb]), time.process_time()
    with pytest.raises(Invalid):
        table("bomb.xlsx", content)
    assert time.process_time() - begin < 3  # it took half a minute of the whole console's time


def test_the_largest_sheet_that_is_taken_is_no_bomb() -> None:
    cell, rows = '<c t="inlineStr"><is><t>x</t></is></c>', MOST_ROWS + 1
    unit = f"<row>{cell * len(HEADINGS)}</row>"
    head, tail = f"<worksheet {_NS}><sheetData>", "</sheetData></worksheet>"
    with zipfile.ZipFile(
        io.BytesIO(workbook(BOMBS["cells"][0], head, unit, tail, rows * len(unit)))
    ) as archive:
        _count_elements(archive)


async def test_a_picture_of_few_bytes_and_many_pixels_is_refused(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)"
        " VALUES ('510681-20260601-01-0001', 'dispatched', 2, 'FIRE-001', 'EST1', 'EST1-B1', 'x')"
    )
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 256 * 1024
    for who, method, path in (
        ("wang", "POST", "/api/incidents/1/attachments"),
        ("wuye", "PUT", "/api/floor-plans/EST1-B1"),
    ):
        headers = {**await desk.as_(who), "Content-Type": "image/png"}
        answer = await desk.client.request(method, path, content=out.getvalue(), headers=headers)
        assert answer.status_code == 422, answer.text
        assert "too large" in answer.text or "no readable" in answer.text


async def test_an_archive_that_unpacks_to_more_than_a_dossier_may_hold_is_refused(desk: Desk) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("manifest.json", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(1 << 20))
    headers = {**await desk.as_("sun"), "Content-Type": "application/zip"}
    answer = await desk.client.post("/api/dossier/verify", content=out.getvalue(), headers=headers)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("name", BY_NAME)
async def test_the_name_of_an_upload_names_no_file(desk: Desk, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for who, path in (("wuye", "/api/devices/import"), ("sun", "/api/people/import")):
        answer = await desk.client.post(
            path, files={"file": (name, b"id\nx\n", "text/csv")}, headers=await desk.as_(who)
        )
        assert answer.status_code == 422, answer.text
        assert "x-evil" not in answer.headers
    assert sorted(tmp_path.rglob("*")) == before


def test_every_route_that_takes_a_file_is_in_the_table() -> None:
    taken = {
        f"{method.upper()} {path}"
        for path, ways in json.loads(openapi_json())["paths"].items()
        for method, way in ways.items()
        if {*way.get("requestBody", {}).get("content", {})} - _FORMS
    }  # fmt: skip
    missing = taken - set(UPLOADS)
    assert not missing, f"no test brings these a bomb: {missing}"
    here = globals()
    assert all(test in here for test in UPLOADS.values() if test.startswith("test_a"))


# ---------------------------------------------------------------- a backup from a stranger


def _sparse() -> tarfile.TarInfo:
    """A member of a terabyte that is stored as nothing."""
    info = tarfile.TarInfo("files/x")
    info.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "files/x",
        "GNU.sparse.realsize": str(1 << 40),
    }  # fmt: skip
    return info


def _link(kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo("files/x")
    info.type, info.linkname = kind, target
    return info


STRANGE: Final[Mapping[str, Callable[[], tuple[tarfile.TarInfo, bytes]]]] = {
    "climbs": lambda: (tarfile.TarInfo("files/../../x"), b""),
    "absolute": lambda: (tarfile.TarInfo("/tmp/shequ-surface-x"), b""),
    "symlink": lambda: (_link(tarfile.SYMTYPE, "/etc/passwd"), b""),
    "hardlink": lambda: (_link(tarfile.LNKTYPE, "../../../etc/passwd"), b""),
    "device": lambda: (_link(tarfile.CHRTYPE, ""), b""),
    "sparse": lambda: (_sparse(), b"1\n0\n1099511627776\n".ljust(512, b"\0")),
}


@pytest.mark.parametrize("trick", list(STRANGE))
async def test_a_backup_writes_nowhere_but_into_its_place(tmp_path: Path, trick: str) -> None:
    info, content = STRANGE[trick]()
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    key = pyrage.x25519.Identity.generate()
    backup = tmp_path / "stranger.age"
    backup.write_bytes(pyrage.encrypt(plain.getvalue(), [key.to_public()]))
    settings = StackSettings(data=tmp_path / "new" / "data")
    with pytest.raises(ConfigError, match="which no backup of ours holds"):
        await restore(backup, key, settings, lambda _: None)
    assert not settings.data.exists()
    assert not (tmp_path / "x").exists()
